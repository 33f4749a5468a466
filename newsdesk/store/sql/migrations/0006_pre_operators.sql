-- What operators order: steps that are paused, and runs that are to ask their models anew.

CREATE TABLE step_pauses (
    -- The name of a run's activity.
    step       text NOT NULL,
    -- Whose; 0: everybody's.
    run_number bigint NOT NULL DEFAULT 0 CHECK (run_number >= 0),
    -- In the operator's words; empty where none were given.
    reason     text NOT NULL,
    paused_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (step, run_number)
);

-- No reference to runs: an order is a remark beside a run, which has to hold up no other writer.
CREATE TABLE fresh_orders (
    run_number bigint PRIMARY KEY,
    -- Answers that were kept before are not good enough for this run.
    ordered_at timestamptz NOT NULL
);

-- When the answer that stands there was kept: created_at, until a fresh order has it overwritten.
-- For the answers of before it is the time of this migration, which no order can come before.
ALTER TABLE model_answers ADD COLUMN kept_at timestamptz NOT NULL DEFAULT now();
