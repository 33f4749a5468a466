"""Makes the reference table of companies from the SEC's public list (company_tickers.json).

    python -m benchmarks.make_company_reference --source FILE [--output FILE]

The SEC lists companies by market value, and the table keeps that order: the analyzer trusts the
names of large companies more. Shouted names become ordinary ones ("CISCO SYSTEMS, INC." ->
"Cisco Systems, Inc."). Equal input gives equal bytes.
"""

import argparse
import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import cast

OUTPUT = Path(__file__).parent.parent / "newsdesk" / "analysis" / "data" / "companies.csv.gz"

_LEGAL = {
    "inc": "Inc.",
    "corp": "Corp.",
    "co": "Co.",
    "ltd": "Ltd.",
    "plc": "PLC",
    "llc": "LLC",
    "lp": "L.P.",
    "nv": "N.V.",
    "sa": "S.A.",
    "ag": "AG",
    "se": "SE",
    "ab": "AB",
    "asa": "ASA",
    "adr": "ADR",
    "etf": "ETF",
    "reit": "REIT",
    "usa": "USA",
    "us": "US",
    "ii": "II",
    "iii": "III",
    "iv": "IV",
}
_SMALL = frozenset("of and the for de del la in on".split())
_ACRONYMS = frozenset(
    "KLA AES UBS SAP ASML IBM AIG AGCO ATI AAR AAON ABM ADT APA ATS BOK BRT CAE CNA CNO EOG EPAM "
    "EQT ESAB GATX GE HEICO IAC IDT IMAX ING IQVIA ITT ICU IDEXX KBR MGE MGM MSCI NEC NIO ONE NCR "
    "NOV OGE ONEOK OSI PACCAR PBF PNC POSCO PPL PVH QCR RELX RLI SEI SAIC SLB SLM SPDR TIM TJX UDR "
    "UGI UFJ UMB USCB UWM WEX AI IT HP".split()
)
_SPELLINGS = {
    "mcdonalds": "McDonald's",
    "jpmorgan": "JPMorgan",
    "lowes": "Lowe's",
    "moodys": "Moody's",
    "kohls": "Kohl's",
    "carters": "Carter's",
    "wendys": "Wendy's",
    "dennys": "Denny's",
    "reddys": "Reddy's",
    "mckesson": "McKesson",
    "mccormick": "McCormick",
    "ebay": "eBay",
    "paypal": "PayPal",
    "fedex": "FedEx",
    "docusign": "DocuSign",
    "unitedhealth": "UnitedHealth",
    "astrazeneca": "AstraZeneca",
    "pepsico": "PepsiCo",
    "metlife": "MetLife",
    "conocophillips": "ConocoPhillips",
    "globalfoundries": "GlobalFoundries",
    "mercadolibre": "MercadoLibre",
    "autozone": "AutoZone",
    "autonation": "AutoNation",
    "carmax": "CarMax",
    "firstenergy": "FirstEnergy",
    "blackberry": "BlackBerry",
    "hubspot": "HubSpot",
    "costar": "CoStar",
    "qualcomm": "Qualcomm",
    "eli": "Eli",
    "dr": "Dr.",
    "verisign": "VeriSign",
}
_NAMES = {
    "AMZN": "Amazon.com, Inc.",
    "KO": "Coca-Cola Co.",
    "NVDA": "NVIDIA Corp.",
    "EL": "Estee Lauder Companies Inc.",
    "DHI": "D.R. Horton, Inc.",
    "NVO": "Novo Nordisk A/S",
    "DIS": "Walt Disney Co.",
    "SCHW": "Charles Schwab Corp.",
    "FCX": "Freeport-McMoRan Inc.",
}
_STATE = re.compile(
    r"\s*/\s*(?:[A-Za-z]{2,8}|[A-Za-z]{2}\d?)\s*/?\s*$|\s*/\s*$|\s*\\[A-Z]{2}\\?\s*$"
)
_KEPT_SLASH = ("A/S", "SA/NV")


def prettify(title: str, ticker: str) -> str:
    """Returns the SEC's title of a company as one would write it."""
    if ticker in _NAMES:
        return _NAMES[ticker]
    bare = title.strip()
    while not bare.endswith(_KEPT_SLASH) and _STATE.search(bare):
        bare = _STATE.sub("", bare)
    words = bare.split()
    calm = any(re.search(r"[a-z]", word) for word in words)
    if any(re.search(r"[a-z]", word) for word in words if _core(word) not in _LEGAL):
        return bare
    return " ".join(_calm_word(word, index, calm) for index, word in enumerate(words))


def _core(word: str) -> str:
    return word.strip(".,()").lower().replace(".", "")


def _calm_word(word: str, index: int, calm: bool) -> str:
    core, tail = _core(word), "," if word.endswith(",") else ""
    if core in _LEGAL:
        return _LEGAL[core] + tail
    if core in _SPELLINGS:
        return _SPELLINGS[core] + tail
    if core in _SMALL and index:
        return word.lower()
    letters = re.sub(r"[^A-Z]", "", word.upper())
    if letters in _ACRONYMS or not re.search(r"[AEIOUY]", letters) or (calm and len(letters) <= 4):
        return word
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda run: run.group().capitalize(), word)


def read_rows(path: Path) -> list[tuple[str, str]]:
    """Returns (ticker, name) in the file's order."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    listed = cast(dict[str, dict[str, str]], json.loads(raw))
    return [
        (row["ticker"].upper(), prettify(row["title"], row["ticker"].upper()))
        for row in listed.values()
    ]


def pack(rows: list[tuple[str, str]]) -> bytes:
    """Returns the table as gzipped CSV; the same rows give the same bytes."""
    plain = io.StringIO()
    writer = csv.writer(plain, lineterminator="\n")
    writer.writerow(("ticker", "name"))
    writer.writerows(rows)
    return gzip.compress(plain.getvalue().encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Reads the list, writes the table, says how many companies it holds."""
    parser = argparse.ArgumentParser(description="make the reference table of companies")
    parser.add_argument("--source", type=Path, required=True, help="the SEC's list, .json[.gz]")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    source, output = cast(Path, arguments.source), cast(Path, arguments.output)
    rows = read_rows(source)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(pack(rows))
    print(f"{len(rows)} companies -> {output.name}, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
