-- Articles, their revisions, the runs that process them, and what the runs' steps put out.
-- Every table has a natural key, so that a write that is repeated changes nothing.

CREATE TABLE articles (
    article_id        bigint PRIMARY KEY CHECK (article_id > 0),
    source            text NOT NULL,
    state             text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'removed')),
    -- When the source said that the article went. Kept after a come-back: history.
    removed_at        timestamptz,
    -- Revisions up to this one were taken back with the article: a late run of one of them must
    -- not be published, not even after the article came back under a newer revision.
    removed_revision  integer NOT NULL DEFAULT 0,
    -- 0: a tombstone. The removal came before the article did, and a late creation stays out.
    latest_revision   integer NOT NULL DEFAULT 0,
    -- The newest `updated` seen. Touches move it without making a revision.
    latest_updated_at timestamptz,
    -- What readers see. NULL: nothing yet, or removed.
    published_run     bigint,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (state = 'active' OR removed_at IS NOT NULL)
);

CREATE TABLE revisions (
    article_id      bigint NOT NULL REFERENCES articles,
    revision        integer NOT NULL CHECK (revision > 0),
    substance_hash  text NOT NULL,
    source          text NOT NULL,
    source_revision bigint,
    title           text NOT NULL,
    teaser          text NOT NULL,
    author          text NOT NULL,
    url             text NOT NULL,
    image_url       text NOT NULL,
    published_at    timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    fetched_at      timestamptz NOT NULL,
    channels        text[] NOT NULL,
    tags            text[] NOT NULL,
    -- Objects of contracts.articles.Stock; their order is the source's.
    stocks          jsonb NOT NULL,
    tickers         text[] NOT NULL,
    body            text NOT NULL,
    body_kind       text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, revision)
);

CREATE TABLE runs (
    number         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id     bigint NOT NULL,
    revision       integer NOT NULL,
    -- Counts fresh starts of one revision from 1; a replay keeps its number.
    restart        integer NOT NULL DEFAULT 1 CHECK (restart > 0),
    workflow_id    text NOT NULL UNIQUE,
    -- pending: Temporal has not acknowledged it. started: acknowledged, its end not recorded.
    -- closed: `block` tells how it ended.
    state          text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'started', 'closed')),
    options        jsonb NOT NULL,
    run_id         text,
    enqueued_at    timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    -- The exact versions that publish was given.
    html_hash      text,
    text_hash      text,
    analysis_hash  text,
    sentiment_hash text,
    links_hash     text,
    outcome        text CHECK (outcome IN ('published', 'superseded')),
    published_at   timestamptz,
    superseded_by  integer,
    -- From the snapshot of Temporal's history. json, not jsonb: an error message may hold \u0000.
    status         text,
    block          json,
    completed_at   timestamptz,
    executions     integer NOT NULL DEFAULT 0,
    recorded_at    timestamptz,
    UNIQUE (article_id, revision, restart),
    FOREIGN KEY (article_id, revision) REFERENCES revisions,
    CHECK (state <> 'closed' OR block IS NOT NULL)
);

ALTER TABLE articles ADD FOREIGN KEY (published_run) REFERENCES runs;
-- Look-ups from a projection to the articles that are shown by it.
CREATE INDEX articles_published_run ON articles (published_run);
-- The sweeper and the recorder ask every few seconds; both sets stay small while runs pile up.
CREATE INDEX runs_pending ON runs (enqueued_at) WHERE state = 'pending';
CREATE INDEX runs_open ON runs (number) WHERE state = 'started';

-- What the steps put out, each under the hash of its content and never changed afterwards. `kind`
-- belongs to the key because two kinds may have equal JSON. Equal content of two articles is one
-- row: `article_id` is the first that had it. json, not jsonb: kept as hashed, order included.
CREATE TABLE outputs (
    hash       text NOT NULL,
    kind       text NOT NULL,
    article_id bigint NOT NULL,
    payload    json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hash, kind)
);

-- The steps of recorded runs, for questions in SQL. The truth is Temporal's history, and after its
-- retention runs.block; rows here are made from the same snapshot in the same transaction.
CREATE TABLE steps (
    run_number          bigint NOT NULL REFERENCES runs,
    name                text NOT NULL,
    status              text NOT NULL,
    -- NULL: the server kept no count (closed from outside while the step was under way).
    attempts            integer,
    started_at          timestamptz,
    completed_at        timestamptz,
    duration_ms         bigint,
    reason_code         text,
    reason              text,
    error_type          text,
    error_message       text,
    model               text,
    input_tokens        bigint,
    cached_input_tokens bigint,
    output_tokens       bigint,
    cost_usd            double precision,
    PRIMARY KEY (run_number, name)
);
