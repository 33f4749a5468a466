"""Every NEWSDESK_* name: what it is for, what it may be, what it is when nobody sets it."""

from collections.abc import Mapping

from newsdesk.contracts.options import AnalysisOptions, LinkingOptions
from newsdesk.settings.values import (
    JsonMode,
    LogLevel,
    Price,
    Setting,
    json_mode,
    log_level,
    model_name,
    model_names,
    number,
    postgres_url,
    prices,
    rates,
    secret,
    switch,
    web_url,
    whole_number,
)

DATABASE_URL: Setting[str | None] = Setting(
    name="NEWSDESK_DATABASE_URL",
    description="The Postgres database that holds articles, runs and records",
    allowed="a URL like postgresql://user:password@host:5432/newsdesk",
    default=None,
    parse=postgres_url,
    secret=True,
)
TEMPORAL_UI_URL: Setting[str | None] = Setting(
    name="NEWSDESK_TEMPORAL_UI_URL",
    description="Where the Temporal Web UI is, for links to runs; unset: no links",
    allowed="a URL like http://127.0.0.1:7234",
    default=None,
    parse=web_url,
)
PAGE_URL: Setting[str | None] = Setting(
    name="NEWSDESK_PAGE_URL",
    description="Where the articles' pages are, for links from the Temporal Web UI to them; unset:"
    " no links",
    allowed="a URL like http://127.0.0.1:7236",
    default=None,
    parse=web_url,
)
LINKING = Setting(
    name="NEWSDESK_LINKING",
    description="Whether articles are linked to stories; off: the step is skipped, and says so",
    allowed="on or off",
    default=LinkingOptions().enabled,
    parse=switch,
)
LINKING_MAX_COMPANIES = Setting(
    name="NEWSDESK_LINKING_MAX_COMPANIES",
    description="An article that names more companies than this as subjects or peers is not linked",
    allowed="a whole number from 1 to 1000",
    default=LinkingOptions().max_companies,
    parse=whole_number(1, 1000),
)
ACTIVITIES_AT_ONCE = Setting(
    name="NEWSDESK_ACTIVITIES_AT_ONCE",
    description="How many activities one worker runs at the same time",
    allowed="a whole number from 1 to 1000",
    default=16,
    parse=whole_number(1, 1000),
)
WORKFLOWS_AT_ONCE = Setting(
    name="NEWSDESK_WORKFLOWS_AT_ONCE",
    description="How many workflow tasks one worker runs at the same time",
    allowed="a whole number from 2 to 1000",  # the SDK's cache needs two
    default=100,
    parse=whole_number(2, 1000),
)
MODEL: Setting[str | None] = Setting(
    name="NEWSDESK_MODEL",
    description="The language model that analyzes; unset: the builtin analyzer, without any model",
    allowed="builtin, or a model as litellm names it, like openai/gpt-4o-mini",
    default=None,
    parse=model_name,
)
MODEL_ANALYZE: Setting[str | None] = Setting(
    name="NEWSDESK_MODEL_ANALYZE",
    description="Another model for analyze_article alone",
    allowed="builtin, or a model as litellm names it, like openai/gpt-4o-mini",
    default=None,
    parse=model_name,
)
MODEL_SENTIMENT: Setting[str | None] = Setting(
    name="NEWSDESK_MODEL_SENTIMENT",
    description="Another model for analyze_sentiment alone",
    allowed="builtin, or a model as litellm names it, like openai/gpt-4o-mini",
    default=None,
    parse=model_name,
)
MODEL_FALLBACKS: Setting[tuple[str, ...] | None] = Setting(
    name="NEWSDESK_MODEL_FALLBACKS",
    description="Models to ask, in this order, when the one before has failed a step",
    allowed="models parted by commas, none twice; the last may be builtin",
    default=None,
    parse=model_names,
)
MODEL_FALLBACK_AFTER: Setting[int] = Setting(
    name="NEWSDESK_MODEL_FALLBACK_AFTER_SECONDS",
    description="How long a model that is away or busy is tried before the next one is asked",
    allowed="a whole number from 0 to 86400",
    default=600,
    parse=whole_number(0, 86_400),
)
MODEL_GIVE_UP_AFTER: Setting[int] = Setting(
    name="NEWSDESK_MODEL_GIVE_UP_AFTER_SECONDS",
    description="How long an analyzing step is tried in all before it fails; waiting for a budget"
    " or a rate does not count",
    allowed="a whole number from 1 to 604800",
    default=AnalysisOptions().give_up_after_seconds,
    parse=whole_number(1, 604_800),
)
MODEL_API_BASE: Setting[str | None] = Setting(
    name="NEWSDESK_MODEL_API_BASE",
    description="Where a self-hosted, OpenAI-compatible server is; for the models of the first"
    " model's provider",
    allowed="a URL like http://127.0.0.1:8000/v1",
    default=None,
    parse=web_url,
)
MODEL_API_KEY: Setting[str | None] = Setting(
    name="NEWSDESK_MODEL_API_KEY",
    description="The key for the models of the first model's provider; unset: the provider's own"
    " name, such as OPENAI_API_KEY, is read",
    allowed="a key without spaces",
    default=None,
    parse=secret,
    secret=True,
)
MODEL_TEMPERATURE: Setting[float] = Setting(
    name="NEWSDESK_MODEL_TEMPERATURE",
    description="How freely models word their answers; left out where a model takes none",
    allowed="a number from 0 to 2",
    default=0.0,
    parse=number(0, 2),
)
MODEL_TIMEOUT: Setting[int] = Setting(
    name="NEWSDESK_MODEL_TIMEOUT_SECONDS",
    description="How long one request to a model may take",
    allowed="a whole number from 1 to 240",
    default=60,
    parse=whole_number(1, 240),
)
MODEL_MAX_OUTPUT: Setting[int] = Setting(
    name="NEWSDESK_MODEL_MAX_OUTPUT_TOKENS",
    description="How long one answer of a model may be",
    allowed="a whole number from 200 to 100000",
    default=4000,
    parse=whole_number(200, 100_000),
)
MODEL_MAX_INPUT: Setting[int] = Setting(
    name="NEWSDESK_MODEL_MAX_INPUT_CHARS",
    description="How much of an article a model reads; of a longer one the last paragraphs are"
    " left out, and the record says so",
    allowed="a whole number from 500 to 2000000",
    default=60_000,
    parse=whole_number(500, 2_000_000),
)
MODEL_JSON: Setting[JsonMode] = Setting(
    name="NEWSDESK_MODEL_JSON",
    description="How models are held to JSON: by schema, as a JSON object, by the prompt alone;"
    " auto: the strictest that litellm knows a model to have",
    allowed="auto, schema, object or text",
    default="auto",
    parse=json_mode,
)
MODEL_CALLS_AT_ONCE = Setting(
    name="NEWSDESK_MODEL_CALLS_AT_ONCE",
    description="How many analyzing steps, and so calls of models, one worker runs at the same"
    " time",
    allowed="a whole number from 1 to 1000",
    default=16,
    parse=whole_number(1, 1000),
)
MODEL_RATE: Setting[Mapping[str, int] | None] = Setting(
    name="NEWSDESK_MODEL_REQUESTS_PER_MINUTE",
    description="How many requests a minute all workers together send to one model",
    allowed="a whole number for each model, or MODEL=NUMBER pairs parted by commas",
    default=None,
    parse=rates,
)
MODEL_PRICES: Setting[Mapping[str, Price] | None] = Setting(
    name="NEWSDESK_MODEL_PRICES",
    description="US dollars per million tokens, where litellm does not know a model or its price",
    allowed="MODEL=INPUT/OUTPUT or MODEL=INPUT/CACHED/OUTPUT, parted by commas",
    default=None,
    parse=prices,
)
DAILY_BUDGET: Setting[float | None] = Setting(
    name="NEWSDESK_DAILY_BUDGET_USD",
    description="What models may cost a day (UTC); then paid steps wait for the next day",
    allowed="a number from 0 to 1000000",
    default=None,
    parse=number(0, 1_000_000),
)
LOG_LEVEL: Setting[LogLevel] = Setting(
    name="NEWSDESK_LOG_LEVEL",
    description="The least serious log lines that are written",
    allowed="debug, info, warning or error",
    default="info",
    parse=log_level,
)

SETTINGS: tuple[Setting[object], ...] = (
    DATABASE_URL,
    TEMPORAL_UI_URL,
    PAGE_URL,
    LINKING,
    LINKING_MAX_COMPANIES,
    ACTIVITIES_AT_ONCE,
    WORKFLOWS_AT_ONCE,
    MODEL,
    MODEL_ANALYZE,
    MODEL_SENTIMENT,
    MODEL_FALLBACKS,
    MODEL_FALLBACK_AFTER,
    MODEL_GIVE_UP_AFTER,
    MODEL_API_BASE,
    MODEL_API_KEY,
    MODEL_TEMPERATURE,
    MODEL_TIMEOUT,
    MODEL_MAX_OUTPUT,
    MODEL_MAX_INPUT,
    MODEL_JSON,
    MODEL_CALLS_AT_ONCE,
    MODEL_RATE,
    MODEL_PRICES,
    DAILY_BUDGET,
    LOG_LEVEL,
)
"""Every NEWSDESK_* name there is, in the order of the README's table."""
