-- Validated answers of language models: nothing is paid twice. Only answers that passed validation
-- are written, so an invalid one can never be reused.

CREATE TABLE model_answers (
    -- SHA-256 over model, prompt version, schema version and input.
    key                 text PRIMARY KEY,
    model               text NOT NULL,
    prompt_version      text NOT NULL,
    schema_version      text NOT NULL,
    input_hash          text NOT NULL,
    answer              json NOT NULL,
    input_tokens        bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    output_tokens       bigint NOT NULL,
    -- NULL: the model's price is not known.
    cost_usd            double precision,
    created_at          timestamptz NOT NULL DEFAULT now()
);
