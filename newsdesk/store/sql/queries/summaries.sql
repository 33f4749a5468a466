-- name: count_runs
SELECT state, status, outcome, count(*) AS runs FROM runs GROUP BY state, status, outcome

-- name: list_summaries
SELECT n.number, n.article_id, n.revision, n.workflow_id, n.state, n.status, n.outcome,
       n.superseded_by, n.block, r.title
FROM runs n
JOIN revisions r USING (article_id, revision)
WHERE n.number = ANY($1::bigint[])
ORDER BY n.number

-- name: list_companies
SELECT run_number, name, ticker, exchange, role, state, score, label
FROM article_companies
WHERE run_number = ANY($1::bigint[])
ORDER BY run_number, position

-- name: list_stories
SELECT m.run_number, story_title(m.story_id) AS title
FROM memberships m
WHERE m.run_number = ANY($1::bigint[]) AND m.state = 'visible'
ORDER BY m.run_number, m.position

-- name: list_skips
SELECT run_number, name, reason_code, reason
FROM steps
WHERE run_number = ANY($1::bigint[]) AND status = 'skipped'
ORDER BY run_number, name
