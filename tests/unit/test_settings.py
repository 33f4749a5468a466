from pathlib import Path

import pytest

from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.errors import ConfigurationError
from newsdesk.settings import SETTINGS, Setting, Settings, names_temporal, parse_env_file


def load(state: Path | None = None, **environ: str) -> Settings:
    return Settings.load(environ, state)


def write_env(state: Path, *lines: str) -> Path:
    (state / "env").write_text("\n".join(lines), encoding="utf-8")
    return state


def test_nothing_set_gives_the_defaults() -> None:
    assert load() == Settings()
    assert load().processing_options() == ProcessingOptions()


def test_every_value_is_read() -> None:
    settings = load(
        NEWSDESK_DATABASE_URL="postgresql://me:pw@db:5432/news",
        NEWSDESK_TEMPORAL_UI_URL="https://temporal.example.test/",
        NEWSDESK_LINKING="off",
        NEWSDESK_LINKING_MAX_COMPANIES="7",
        NEWSDESK_ACTIVITIES_AT_ONCE="3",
        NEWSDESK_WORKFLOWS_AT_ONCE="4",
        NEWSDESK_LOG_LEVEL="debug",
        TEMPORAL_ADDRESS="temporal:7233",
        HOME="/root",
    )
    assert settings == Settings(
        database_url="postgresql://me:pw@db:5432/news",
        temporal_ui_url="https://temporal.example.test",
        linking=False,
        linking_max_companies=7,
        activities_at_once=3,
        workflows_at_once=4,
        log_level="debug",
        temporal_environment={"TEMPORAL_ADDRESS": "temporal:7233"},
    )
    assert settings.processing_options().linking == LinkingOptions(enabled=False, max_companies=7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSDESK_TEMPORAL_UI_URL", "localhost:8233"),
        ("NEWSDESK_TEMPORAL_UI_URL", "http://"),
        ("NEWSDESK_LINKING", "ON"),
        ("NEWSDESK_LINKING_MAX_COMPANIES", "0"),
        ("NEWSDESK_LINKING_MAX_COMPANIES", "1001"),
        ("NEWSDESK_ACTIVITIES_AT_ONCE", "many"),
        ("NEWSDESK_ACTIVITIES_AT_ONCE", "1.5"),
        ("NEWSDESK_ACTIVITIES_AT_ONCE", "1_0"),
        ("NEWSDESK_WORKFLOWS_AT_ONCE", "1"),
        ("NEWSDESK_LOG_LEVEL", "verbose"),
    ],
)
def test_a_malformed_value_is_named_with_what_it_may_be(name: str, value: str) -> None:
    (setting,) = [setting for setting in SETTINGS if setting.name == name]
    with pytest.raises(ConfigurationError) as caught:
        Settings.load({name: value}, None)
    message = str(caught.value)
    assert message.startswith(f"{name} must be {setting.allowed}")
    assert repr(value) in message


@pytest.mark.parametrize("value", ["mysql://me:hunter2@db/news", "me:hunter2@db"])
def test_a_malformed_secret_is_not_shown(value: str) -> None:
    with pytest.raises(ConfigurationError, match="NEWSDESK_DATABASE_URL must be a URL") as caught:
        load(NEWSDESK_DATABASE_URL=value)
    assert value not in str(caught.value)


def test_a_url_that_names_no_database_server_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="NEWSDESK_DATABASE_URL must be"):
        load(NEWSDESK_DATABASE_URL="postgresql://")


def test_settings_do_not_show_the_password() -> None:
    shown = repr(load(NEWSDESK_DATABASE_URL="postgresql://me:hunter2@db/news"))
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NEWSDESK_LINKNG", "did you mean NEWSDESK_LINKING?"),
        ("NEWSDESK_DATABASE", "did you mean NEWSDESK_DATABASE_URL?"),
        ("NEWSDESK_XYZ", "known are NEWSDESK_DATABASE_URL, "),
    ],
)
def test_an_unknown_name_is_refused(name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load({name: "1"}, None)
    assert f"{name} is no setting; {hint}" in str(caught.value)


def test_the_test_suites_own_name_is_no_mistake() -> None:
    assert load(NEWSDESK_TEST_DSN="postgresql://localhost/test") == Settings()


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    state = write_env(tmp_path, "NEWSDESK_LOG_LEVEL=error")
    assert load(state, NEWSDESK_LOG_LEVEL="").log_level == "error"


def test_the_environment_goes_before_the_state(tmp_path: Path) -> None:
    state = write_env(
        tmp_path, "# addresses", "", "NEWSDESK_LINKING=off", "NEWSDESK_LOG_LEVEL=error"
    )
    settings = load(state, NEWSDESK_LOG_LEVEL="warning")
    assert (settings.linking, settings.log_level) == (False, "warning")


@pytest.mark.parametrize("name", ["TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"])
def test_two_temporal_servers_are_not_mixed(tmp_path: Path, name: str) -> None:
    state = write_env(
        tmp_path,
        "TEMPORAL_ADDRESS=127.0.0.1:7233",
        "TEMPORAL_TLS=false",
        "NEWSDESK_TEMPORAL_UI_URL=http://127.0.0.1:7234",
        "NEWSDESK_DATABASE_URL=postgresql://me@here/news",
    )
    settings = load(state, **{name: "elsewhere"})
    assert settings.temporal_environment == {name: "elsewhere"}
    assert settings.temporal_ui_url is None
    assert settings.database_url == "postgresql://me@here/news"
    assert load(state).temporal_ui_url == "http://127.0.0.1:7234"


def test_what_names_no_server_is_merged(tmp_path: Path) -> None:
    state = write_env(tmp_path, "TEMPORAL_ADDRESS=127.0.0.1:7233")
    settings = load(state, TEMPORAL_NAMESPACE="other")
    assert settings.temporal_environment == {
        "TEMPORAL_ADDRESS": "127.0.0.1:7233",
        "TEMPORAL_NAMESPACE": "other",
    }
    assert not names_temporal({"TEMPORAL_NAMESPACE": "other", "TEMPORAL_ADDRESS": ""})


def test_no_state_file_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path / "never made") == Settings()


@pytest.mark.parametrize("line", ["no equals sign", "=value", "A B=c"])
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(ConfigurationError, match="somewhere, line 2: not a NAME=value line"):
        parse_env_file(f"A=b\n{line}\n", "somewhere")


def test_a_state_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


def test_without_a_database_it_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="start `newsdesk dev`, or set NEWSDESK_DATABASE"):
        load().require_database_url()
    assert load(NEWSDESK_DATABASE_URL="postgresql://x/y").require_database_url()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_explains_itself(setting: Setting[object]) -> None:
    assert setting.name.startswith("NEWSDESK_")
    assert setting.description
    assert setting.allowed
    assert [one.name for one in SETTINGS].count(setting.name) == 1
