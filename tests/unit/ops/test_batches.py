"""Items in batches: in their order, an article's own versions one after the other."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.benzinga.files import FileItem
from newsdesk.contracts.articles import Removal
from newsdesk.ops.enqueueing import batched_by_article

AT = datetime(2026, 3, 4, tzinfo=UTC)


def item(number: int, article_id: int | None) -> FileItem:
    if article_id is None:
        return FileItem(f"f:{number}", error="no")
    return FileItem(f"f:{number}", Removal(article_id=article_id, removed_at=AT, fetched_at=AT))


@given(st.lists(st.none() | st.integers(1, 5), max_size=40), st.integers(1, 7))
def test_order_size_and_no_article_twice(ids: list[int | None], size: int) -> None:
    items = [item(number, article_id) for number, article_id in enumerate(ids)]
    batches = list(batched_by_article(iter(items), size))
    assert [one for batch in batches for one in batch] == items
    for batch in batches:
        assert 1 <= len(batch) <= size
        known = [one.incoming.article_id for one in batch if one.incoming is not None]
        assert len(known) == len(set(known))


def test_batches_are_as_large_as_they_may_be() -> None:
    items = [item(number, None) for number in range(5)]
    assert [len(batch) for batch in batched_by_article(iter(items), 2)] == [2, 2, 1]
    again = [item(0, 1), item(1, 2), item(2, 1), item(3, 3)]
    assert [len(batch) for batch in batched_by_article(iter(again), 9)] == [2, 2]
