-- Enqueueing. All of it runs under the lock of the article's row, so that what is received about
-- one article is judged one by one, however many processes receive it.

-- name: claim_article
-- Makes the row that is to be locked. A concurrent claim waits here until the other has committed.
INSERT INTO articles (article_id, source)
VALUES ($1, $2)
ON CONFLICT (article_id) DO NOTHING

-- name: lock_article
-- Locks and reads nothing else: only a statement that begins after the wait sees all that the
-- transaction waited for has written. NO KEY: rows that refer to the article may still be added.
SELECT 1 FROM articles WHERE article_id = $1 FOR NO KEY UPDATE

-- name: read_article
SELECT a.state, a.removed_at, a.latest_revision, a.latest_updated_at,
       r.substance_hash, r.source_revision
FROM articles a
LEFT JOIN revisions r ON r.article_id = a.article_id AND r.revision = a.latest_revision
WHERE a.article_id = $1

-- name: find_substance
-- The latest revision with this content.
SELECT max(revision) FROM revisions WHERE article_id = $1 AND substance_hash = $2

-- name: insert_revision
INSERT INTO revisions (
    article_id, revision, substance_hash, source, source_revision, title, teaser, author, url,
    image_url, published_at, updated_at, fetched_at, channels, tags, stocks, tickers, body, body_kind
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)

-- name: move_article
-- GREATEST: a source's own revision number may rank higher than a clock that went back.
UPDATE articles
SET state = 'active',
    latest_revision = $2,
    latest_updated_at = greatest(latest_updated_at, $3)
WHERE article_id = $1

-- name: touch_revision
-- The words are the same; the facts about them are those of the newest sighting. A way in that
-- carries fewer of them (the stream has no picture) does not blank what another one brought.
UPDATE revisions
SET source_revision = $3,
    author = coalesce(nullif($4, ''), author),
    url = coalesce(nullif($5, ''), url),
    image_url = coalesce(nullif($6, ''), image_url),
    published_at = $7,
    updated_at = $8,
    fetched_at = $9
WHERE article_id = $1 AND revision = $2

-- name: remove_article
UPDATE articles
SET state = 'removed',
    removed_at = greatest(removed_at, $2),
    removed_revision = latest_revision,
    published_run = NULL
WHERE article_id = $1

-- name: load_revision
SELECT r.*,
       CASE WHEN r.revision <= a.removed_revision THEN 'removed' ELSE 'active' END AS state
FROM revisions r
JOIN articles a USING (article_id)
WHERE r.article_id = $1 AND r.revision = $2
