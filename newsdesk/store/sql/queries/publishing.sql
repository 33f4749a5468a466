-- What readers see: all of it changes under the lock of the article's row (lock_article).

-- name: find_run_of_article
SELECT number FROM runs WHERE number = $1 AND article_id = $2 AND revision = $3

-- name: read_publication
SELECT a.removed_revision, p.number AS published_number, p.revision AS published_revision
FROM articles a
LEFT JOIN runs p ON p.number = a.published_run
WHERE a.article_id = $1

-- name: find_missing_outputs
SELECT w.hash, w.kind
FROM unnest($1::text[], $2::text[]) AS w (hash, kind)
LEFT JOIN outputs o USING (hash, kind)
WHERE o.hash IS NULL
ORDER BY w.kind

-- name: settle_run
-- `started` whatever it was: that it publishes proves that Temporal has it, and where its end was
-- recorded before (a replay), that is not its end any more.
UPDATE runs
SET state = 'started',
    started_at = coalesce(started_at, now()),
    outcome = $2,
    superseded_by = $3,
    published_at = CASE WHEN $2 = 'published' THEN coalesce(published_at, now()) END,
    html_hash = $4,
    text_hash = $5,
    analysis_hash = $6,
    sentiment_hash = $7,
    links_hash = $8
WHERE number = $1

-- name: show_run
UPDATE articles SET published_run = $2 WHERE article_id = $1

-- name: show_memberships
UPDATE memberships SET state = 'visible' WHERE run_number = $1 AND state <> 'visible'

-- name: withdraw_run
UPDATE memberships SET state = 'withdrawn' WHERE run_number = $1 AND state <> 'withdrawn'

-- name: withdraw_older_runs
-- Not those of a newer run that is still under way: they wait, hidden, for its own publication.
UPDATE memberships
SET state = 'withdrawn'
WHERE article_id = $1 AND (revision, run_number) < ($2, $3) AND state <> 'withdrawn'

-- name: withdraw_article
UPDATE memberships SET state = 'withdrawn' WHERE article_id = $1 AND state <> 'withdrawn'

-- name: rename_founded_stories
-- A story is called after the article that founded it; a corrected headline corrects it.
UPDATE stories s
SET title = m.title
FROM memberships m, runs founder
WHERE m.run_number = $1
  AND s.story_id = m.story_id
  AND founder.number = s.founded_by_run
  AND founder.article_id = m.article_id
  AND s.title <> m.title

-- name: forget_companies
DELETE FROM article_companies WHERE run_number = $1

-- name: forget_article_companies
DELETE FROM article_companies WHERE article_id = $1

-- name: insert_company
INSERT INTO article_companies (
    run_number, position, article_id, name, ticker, exchange, role, state, score, label
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
