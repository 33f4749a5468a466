-- name: save_output
INSERT INTO outputs (hash, kind, article_id, payload)
VALUES ($1, $2, $3, $4)
ON CONFLICT (hash, kind) DO NOTHING

-- name: load_output
SELECT payload FROM outputs WHERE hash = $1 AND kind = $2
