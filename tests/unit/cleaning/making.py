"""Articles for the cleaning tests, and the cleaning of one."""

from dataclasses import dataclass
from datetime import UTC, datetime

from newsdesk.cleaning import Cleaner
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://www.benzinga.com/news/26/03/50000001/a-test"


@dataclass(frozen=True)
class Cleaned:
    """Both steps' answers."""

    html: ArticleHtml
    text: ArticleText

    @property
    def rules(self) -> list[str]:
        return [removal.rule for removal in self.html.removals]

    @property
    def body(self) -> list[str]:
        """The blocks of the plain text, without the title."""
        return self.text.text.split("\n\n")[1:]


def article(
    body: str = "",
    *,
    title: str = "Quillon Shares Climb After Record Quarter",
    teaser: str = "",
    author: str = "Ada Marsh",
    url: str = URL,
    channels: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    body_kind: BodyKind = BodyKind.FRAGMENT,
) -> Article:
    return Article(
        article_id=50000001,
        title=title,
        teaser=teaser,
        author=author,
        url=url,
        channels=channels,
        tags=tags,
        body=body,
        body_kind=body_kind,
        published_at=NOON,
        updated_at=NOON,
        fetched_at=NOON,
    )


def cleaned(subject: Article | str) -> Cleaned:
    cleaner = Cleaner()
    item = article(subject) if isinstance(subject, str) else subject
    html = cleaner.clean_html(item)
    return Cleaned(html, cleaner.to_markdown(item, html))
