-- Steps that operators have paused: everybody's under run number 0, else one run's.

-- name: pause_step
-- Again: it stays paused since when it was, for the newest reason that was given.
INSERT INTO step_pauses AS p (step, run_number, reason)
VALUES ($1, $2, $3)
ON CONFLICT (step, run_number) DO UPDATE
SET reason = coalesce(nullif(excluded.reason, ''), p.reason)
RETURNING step, run_number, reason, paused_at

-- name: resume_step
DELETE FROM step_pauses WHERE step = $1 AND run_number = $2 RETURNING step

-- name: resume_runs
DELETE FROM step_pauses WHERE run_number > 0 AND run_number = ANY($1::bigint[])

-- name: find_pause
-- Everybody's before the run's own.
SELECT step, run_number, reason, paused_at
FROM step_pauses
WHERE step = $1 AND run_number IN (0, $2)
ORDER BY run_number
LIMIT 1

-- name: list_pauses
SELECT step, run_number, reason, paused_at
FROM step_pauses
ORDER BY paused_at, step COLLATE "C", run_number
