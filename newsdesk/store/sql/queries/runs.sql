-- name: insert_run
WITH n AS (
    INSERT INTO runs (article_id, revision, restart, workflow_id, options)
    VALUES ($1, $2, $3, $4, $5)
    RETURNING number, workflow_id, article_id, revision, options
)
SELECT n.number, n.workflow_id, n.article_id, n.revision, n.options,
       r.source, r.title, r.url, r.tickers, r.channels, r.published_at
FROM n
JOIN revisions r USING (article_id, revision)

-- name: latest_run_of_revision
SELECT number, state
FROM runs
WHERE article_id = $1 AND revision = $2
ORDER BY restart DESC
LIMIT 1

-- name: lock_revision
-- Fresh starts of one revision are counted one by one.
SELECT revision FROM revisions WHERE article_id = $1 AND revision = $2 FOR NO KEY UPDATE

-- name: count_runs_of_revision
SELECT count(*) FROM runs WHERE article_id = $1 AND revision = $2

-- name: find_pending_run
SELECT n.number, n.workflow_id, n.article_id, n.revision, n.options,
       r.source, r.title, r.url, r.tickers, r.channels, r.published_at
FROM runs n
JOIN revisions r USING (article_id, revision)
WHERE n.number = $1 AND n.state = 'pending'

-- name: list_pending_runs
-- The database's clock on both sides: the clocks of enqueuers may differ.
SELECT n.number, n.workflow_id, n.article_id, n.revision, n.options,
       r.source, r.title, r.url, r.tickers, r.channels, r.published_at
FROM runs n
JOIN revisions r USING (article_id, revision)
WHERE n.state = 'pending' AND n.enqueued_at <= now() - $1::interval
ORDER BY n.enqueued_at, n.number
LIMIT $2

-- name: mark_started
-- A run that is closed stays so when the end of this execution was recorded before the
-- acknowledgement arrived; another execution means that it goes on.
UPDATE runs
SET state = CASE WHEN state = 'closed' AND coalesce($2, run_id) IS NOT DISTINCT FROM run_id
                 THEN 'closed' ELSE 'started' END,
    started_at = coalesce(started_at, now()),
    run_id = coalesce($2, run_id)
WHERE number = $1
RETURNING number

-- name: list_open_runs
SELECT number, workflow_id
FROM runs
WHERE state = 'started' AND number > $1
ORDER BY number
LIMIT $2

-- name: find_run
SELECT number FROM runs WHERE workflow_id = $1

-- name: lock_run
SELECT block IS NOT NULL AS has_block, completed_at, executions
FROM runs
WHERE number = $1
FOR NO KEY UPDATE

-- name: record_run
UPDATE runs
SET state = 'closed',
    run_id = coalesce($2, run_id),
    started_at = coalesce(started_at, $3),
    status = $4,
    completed_at = $5,
    executions = $6,
    block = $7,
    recorded_at = now()
WHERE number = $1

-- name: record_step
INSERT INTO steps (
    run_number, name, status, attempts, started_at, completed_at, duration_ms, reason_code, reason,
    error_type, error_message, model, input_tokens, cached_input_tokens, output_tokens, cost_usd
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (run_number, name) DO UPDATE
SET status = excluded.status,
    attempts = excluded.attempts,
    started_at = excluded.started_at,
    completed_at = excluded.completed_at,
    duration_ms = excluded.duration_ms,
    reason_code = excluded.reason_code,
    reason = excluded.reason,
    error_type = excluded.error_type,
    error_message = excluded.error_message,
    model = excluded.model,
    input_tokens = excluded.input_tokens,
    cached_input_tokens = excluded.cached_input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd

-- name: reopen_run
-- Published or not: every write of a run is idempotent, and one whose end cannot be recorded any
-- more would stay open for ever.
UPDATE runs
SET state = 'pending', started_at = NULL, run_id = NULL
WHERE number = $1 AND state = 'started'

-- name: list_blocks
SELECT number, block FROM runs WHERE number = ANY($1::bigint[]) AND state = 'closed'

-- name: list_known_runs
-- Of an article ($1), under a number ($2), or under a workflow id ($3); the newest first.
SELECT n.number, n.workflow_id, n.article_id, n.revision, n.restart, n.state, n.status, r.title,
       n.enqueued_at, n.completed_at,
       coalesce((p.revision, p.number) > (n.revision, n.number), false)
       OR a.removed_revision >= n.revision AS overtaken,
       (
           SELECT max(m.number)
           FROM runs m
           WHERE m.article_id = n.article_id AND m.revision = n.revision AND m.restart > n.restart
       ) AS successor
FROM runs n
JOIN revisions r USING (article_id, revision)
JOIN articles a USING (article_id)
LEFT JOIN runs p ON p.number = a.published_run
WHERE n.article_id = $1 OR n.number = $2 OR n.workflow_id = $3
ORDER BY n.number DESC

-- name: list_overtaken
-- Of these workflow ids those whatever comes of which nobody will see: readers see a newer run, the
-- article was removed, or the revision was started afresh since.
SELECT n.workflow_id
FROM runs n
JOIN articles a USING (article_id)
LEFT JOIN runs p ON p.number = a.published_run
WHERE n.workflow_id = ANY($1::text[])
  AND (coalesce((p.revision, p.number) > (n.revision, n.number), false)
       OR a.removed_revision >= n.revision
       OR EXISTS (
           SELECT 1
           FROM runs m
           WHERE m.article_id = n.article_id
             AND m.revision = n.revision
             AND m.restart > n.restart
       ))

-- name: list_failed_runs
-- As recorded when they closed: also those whose history is gone. NULL: whatever it is. A failed
-- run's message begins with its step: "publish failed: …".
SELECT *
FROM (
    SELECT n.number, n.workflow_id, n.article_id, n.revision, n.status, n.completed_at, r.tickers,
           CASE WHEN n.status = 'failed'
                THEN split_part(n.block #>> '{error,message}', ' failed: ', 1) END AS step,
           n.block #>> '{error,type}' AS error_type,
           n.block #>> '{error,message}' AS error_message
    FROM runs n
    JOIN revisions r USING (article_id, revision)
    WHERE n.state = 'closed' AND n.status <> 'completed' AND n.status = ANY($1::text[])
      AND ($2::timestamptz IS NULL OR n.completed_at >= $2)
) f
WHERE ($3::text IS NULL OR step = $3)
  AND ($4::text IS NULL OR error_type = $4)
  AND ($5::text IS NULL OR $5 = ANY(tickers))
ORDER BY completed_at DESC, number DESC

-- name: sum_run_calls
-- What models took for a run, by step and model.
SELECT step, model, count(*) AS calls, count(*) FILTER (WHERE NOT usable) AS unusable,
       sum(cost_usd) AS cost_usd, count(*) FILTER (WHERE cost_usd IS NULL) AS unpriced
FROM model_calls
WHERE run_number = $1
GROUP BY step, model
ORDER BY min(call_id)

-- name: try_lock
SELECT pg_try_advisory_lock($1)

-- name: unlock
SELECT pg_advisory_unlock($1)
