-- name: find_article
SELECT a.state, a.removed_at, a.removed_revision, a.latest_revision,
       a.published_run, p.revision AS published_revision
FROM articles a
LEFT JOIN runs p ON p.number = a.published_run
WHERE a.article_id = $1

-- name: find_latest_run
SELECT number
FROM runs
WHERE article_id = $1
ORDER BY revision DESC, restart DESC
LIMIT 1

-- name: load_run
SELECT number, revision, workflow_id, state, run_id, outcome, superseded_by, status, block,
       html_hash, text_hash, analysis_hash, sentiment_hash
FROM runs
WHERE number = $1 AND article_id = $2

-- name: load_article
SELECT * FROM revisions WHERE article_id = $1 AND revision = $2

-- name: list_stories
-- Only what is visible, and counted by what is visible: one membership an article.
SELECT m.story_id AS id, story_title(m.story_id) AS title, m.relation, m.similarity, m.why,
       (SELECT count(*)
        FROM memberships other
        WHERE other.story_id = m.story_id AND other.state = 'visible') AS article_count
FROM memberships m
WHERE m.run_number = $1 AND m.state = 'visible'
ORDER BY m.position
