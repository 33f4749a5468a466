"""A saved page: finding the article on it. The only home of trafilatura."""

from newsdesk.cleaning.chars import printable


def extract_article(page: str) -> str:
    """Returns the main content of a whole page as HTML; "" where there is none to be found."""
    from trafilatura import extract

    try:
        found = extract(
            printable(page),
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_links=True,
            include_tables=True,
            favor_precision=True,
        )
    except RecursionError:
        # It walks the page recursively; nesting that deep is read as it stands.
        return page
    return found or ""
