import pytest

from newsdesk.cleaning.language import language_of


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Corvane upgrades Quillon"),
        ("en", "Deutsche Bank Maintains Buy on Banco Norte, Raises Price Target to $92"),
        ("en", "Why Quillon Shares Are Rising"),
        ("de", "Die Bank hebt das Kursziel für den Maschinenbauer deutlich an."),
        ("fr", "Le chiffre d'affaires a augmenté de douze pour cent au premier trimestre."),
        ("es", "Los ingresos aumentaron un doce por ciento en el primer trimestre."),
        ("pt", "A receita cresceu doze por cento no primeiro trimestre deste ano."),
        ("ko", "회사 주가가 실적 발표 후 급등했다"),
        ("ja", "同社の株価は決算発表後に上昇した"),
        ("zh", "公司股价在财报公布后上涨"),
        ("und", "QLN 4.5% $92"),
        ("und", "12,345"),
        ("und", ""),
        ("und", "(NYSE: QLN)"),
    ],
)
def test_language(code: str, text: str) -> None:
    assert language_of(text) == code


def test_the_middle_of_a_long_text_does_not_slow_it_down() -> None:
    assert language_of("The company said that sales rose. " * 100_000) == "en"
