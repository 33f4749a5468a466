-- Who may ask a model, and what it took. Rows are locked in one order: claim, then rate; answer,
-- then claim, then day. Where a lock may have been waited for, clock_timestamp() tells the time:
-- now() is when the transaction began. Fresh orders are only read here; who gives one holds no other
-- lock.

-- name: claim_question
-- No row: another owner holds it.
INSERT INTO model_claims AS c (key, owner, until)
VALUES ($1, $2, clock_timestamp() + $3::interval)
ON CONFLICT (key) DO UPDATE
SET owner = excluded.owner, until = clock_timestamp() + $3::interval
WHERE c.owner = excluded.owner OR c.until <= clock_timestamp()
RETURNING key

-- name: extend_claim
UPDATE model_claims SET until = clock_timestamp() + $2::interval WHERE key = $1

-- name: end_claim
DELETE FROM model_claims WHERE key = $1

-- name: release_claim
DELETE FROM model_claims WHERE key = $1 AND owner = $2

-- name: find_answer
-- One that was kept before the fresh order of the run ($2), if it has one, is none.
SELECT answer
FROM model_answers
WHERE key = $1
  AND kept_at >= coalesce((SELECT ordered_at FROM fresh_orders WHERE run_number = $2), '-infinity')

-- name: keep_answer
-- Never before the fresh order of the run ($11), even if the clock was set back: its next attempt
-- would not find the answer. Without an order nothing is overwritten: no time is before NULL.
INSERT INTO model_answers AS a (
    key, model, prompt_version, schema_version, input_hash, answer,
    input_tokens, cached_input_tokens, output_tokens, cost_usd, kept_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
    greatest(clock_timestamp(), (SELECT ordered_at FROM fresh_orders WHERE run_number = $11))
)
ON CONFLICT (key) DO UPDATE
SET answer = excluded.answer,
    input_tokens = excluded.input_tokens,
    cached_input_tokens = excluded.cached_input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd,
    kept_at = excluded.kept_at
WHERE a.kept_at < (SELECT ordered_at FROM fresh_orders WHERE run_number = $11)

-- name: order_fresh
INSERT INTO fresh_orders (run_number, ordered_at)
VALUES ($1, clock_timestamp())
ON CONFLICT (run_number) DO UPDATE SET ordered_at = excluded.ordered_at

-- name: book_call
-- Call and sum in one statement, so that neither is ever without the other.
WITH call AS (
    INSERT INTO model_calls (
        run_number, article_id, step, question, model, prompt_version, usable,
        input_tokens, cached_input_tokens, output_tokens, cost_usd
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    RETURNING *
)
INSERT INTO model_days AS d (
    day, model, step, calls, unusable, input_tokens, cached_input_tokens, output_tokens,
    cost_usd, unpriced
)
SELECT (at AT TIME ZONE 'UTC')::date, model, step, 1, (NOT usable)::integer,
       input_tokens, cached_input_tokens, output_tokens,
       coalesce(cost_usd, 0), (cost_usd IS NULL)::integer
FROM call
ON CONFLICT (day, model, step) DO UPDATE
SET calls = d.calls + excluded.calls,
    unusable = d.unusable + excluded.unusable,
    input_tokens = d.input_tokens + excluded.input_tokens,
    cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
    output_tokens = d.output_tokens + excluded.output_tokens,
    cost_usd = d.cost_usd + excluded.cost_usd,
    unpriced = d.unpriced + excluded.unpriced

-- name: sum_calls_of_step
-- cost_usd: NULL where no call has a known price.
SELECT count(*) AS calls,
       coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
       coalesce(sum(cached_input_tokens), 0)::bigint AS cached_input_tokens,
       coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
       sum(cost_usd) AS cost_usd
FROM model_calls
WHERE run_number = $1 AND step = $2

-- name: read_budget_day
-- What all models have taken today, and when tomorrow begins.
SELECT coalesce(sum(cost_usd), 0) AS spent_usd,
       ((now() AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC' AS tomorrow
FROM model_days
WHERE day = (now() AT TIME ZONE 'UTC')::date

-- name: reserve_slot
-- The next slot of a model ($2 from slot to slot); none where it is further away than $3
-- (NULL: however far).
INSERT INTO model_rates AS r (model, next_at)
VALUES ($1, clock_timestamp() + $2::interval)
ON CONFLICT (model) DO UPDATE
SET next_at = greatest(r.next_at, clock_timestamp()) + $2::interval
WHERE $3::interval IS NULL OR r.next_at <= clock_timestamp() + $3::interval
RETURNING next_at - $2::interval AS at,
          extract(epoch FROM next_at - $2::interval - clock_timestamp())::float8 AS ahead

-- name: read_next_slot
SELECT next_at AS at, extract(epoch FROM next_at - clock_timestamp())::float8 AS ahead
FROM model_rates
WHERE model = $1

-- name: seconds_until
SELECT extract(epoch FROM $1::timestamptz - clock_timestamp())::float8

-- name: list_costs
SELECT day, model, step, calls, unusable, input_tokens, cached_input_tokens, output_tokens,
       cost_usd, unpriced
FROM model_days
WHERE day >= $1
ORDER BY day, model COLLATE "C", step COLLATE "C"
