-- name: get_answer
SELECT * FROM model_answers WHERE key = $1

-- name: put_answer
INSERT INTO model_answers (
    key, model, prompt_version, schema_version, input_hash, answer,
    input_tokens, cached_input_tokens, output_tokens, cost_usd
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO NOTHING
