-- Stories and who belongs to them; the companies of published records, for look-ups by ticker.

CREATE TABLE stories (
    story_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title          text NOT NULL,
    -- UNIQUE: a linking that is repeated cannot found a second story.
    founded_by_run bigint NOT NULL UNIQUE REFERENCES runs,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
    story_id     bigint NOT NULL REFERENCES stories,
    run_number   bigint NOT NULL REFERENCES runs,
    article_id   bigint NOT NULL,
    revision     integer NOT NULL,
    -- What the story is called where this article founded it, from its publication on.
    title        text NOT NULL,
    -- The order in which the matcher gave a run's links.
    position     integer NOT NULL,
    relation     text NOT NULL CHECK (relation IN ('member', 'related')),
    similarity   double precision NOT NULL,
    why          text NOT NULL,
    -- A contracts.stories.StorySignature. json keeps the order of its terms, so that sums of
    -- floats come out alike wherever they are made.
    signature    json NOT NULL,
    published_at timestamptz NOT NULL,
    -- hidden until the run is published; withdrawn when another run took its place or the
    -- article was removed.
    state        text NOT NULL DEFAULT 'hidden' CHECK (state IN ('hidden', 'visible', 'withdrawn')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (story_id, run_number),
    FOREIGN KEY (article_id, revision) REFERENCES revisions
);

CREATE INDEX memberships_run ON memberships (run_number);
CREATE INDEX memberships_article ON memberships (article_id);
-- Candidates of a linking: what stands, within days of the article's publication.
CREATE INDEX memberships_window ON memberships (published_at) WHERE state <> 'withdrawn';

-- One row a company of a published run. Rows of earlier published runs stay (scores over
-- revisions); what readers see is that of articles.published_run.
CREATE TABLE article_companies (
    run_number bigint NOT NULL REFERENCES runs,
    position   integer NOT NULL,
    article_id bigint NOT NULL REFERENCES articles,
    name       text NOT NULL,
    ticker     text,
    exchange   text,
    role       text NOT NULL,
    -- scored or not_assessed; a missing score is never a 0.
    state      text NOT NULL CHECK (state IN ('scored', 'not_assessed')),
    score      double precision,
    label      text,
    PRIMARY KEY (run_number, position),
    CHECK ((state = 'scored') = (score IS NOT NULL))
);

CREATE INDEX article_companies_ticker ON article_companies (ticker, run_number DESC);
CREATE INDEX article_companies_article ON article_companies (article_id);
