"""What several activities read alike: the article as an analyzer or a matcher may see it."""

from newsdesk.contracts.analysis import ArticleForAnalysis
from newsdesk.contracts.articles import Article
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText


def article_for_analysis(
    article: Article, html: ArticleHtml, text: ArticleText
) -> ArticleForAnalysis:
    """Returns the parts of an article that analysis may look at."""
    return ArticleForAnalysis(
        article_id=article.article_id,
        title=article.title,
        teaser=article.teaser,
        text=text.text,
        content=text.content,
        language=text.language,
        origin=html.origin,
        channels=article.channels,
        tags=article.tags,
        stocks=article.stocks,
        anchors=text.anchors,
    )
