-- What language models took, and who may ask one next: one ledger for all workers.

-- One row a paid call, whatever became of its answer. No reference to runs: the money is gone, and
-- no constraint may keep it out of the books.
CREATE TABLE model_calls (
    call_id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at                  timestamptz NOT NULL DEFAULT now(),
    run_number          bigint NOT NULL,
    article_id          bigint NOT NULL,
    step                text NOT NULL,
    -- The key under which an answer to the question is kept, see model_answers.
    question            text NOT NULL,
    model               text NOT NULL,
    prompt_version      text NOT NULL,
    -- false: the answer did not pass validation.
    usable              boolean NOT NULL,
    input_tokens        bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    output_tokens       bigint NOT NULL,
    -- NULL: the model's price is not known. NaN and infinity are refused: one of them would spend
    -- the whole day's budget.
    cost_usd            double precision CHECK (cost_usd >= 0 AND cost_usd < 'Infinity')
);

-- What a run has paid for a step.
CREATE INDEX model_calls_step ON model_calls (run_number, step);

-- Sums of model_calls, written with each of them: a look at the budget reads a few rows, not a
-- day's calls.
CREATE TABLE model_days (
    -- In UTC.
    day                 date NOT NULL,
    model               text NOT NULL,
    step                text NOT NULL,
    calls               bigint NOT NULL,
    unusable            bigint NOT NULL,
    input_tokens        bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    output_tokens       bigint NOT NULL,
    -- Of the calls whose price is known; `unpriced` counts the others.
    cost_usd            double precision NOT NULL,
    unpriced            bigint NOT NULL,
    PRIMARY KEY (day, model, step)
);

-- Who is asking a question just now.
CREATE TABLE model_claims (
    key   text PRIMARY KEY,
    -- run number:step. A step asks in one attempt at a time.
    owner text NOT NULL,
    -- From then on the owner is taken for dead.
    until timestamptz NOT NULL
);

-- From when on a model that has a rate limit may be asked next.
CREATE TABLE model_rates (
    model   text PRIMARY KEY,
    next_at timestamptz NOT NULL
);
