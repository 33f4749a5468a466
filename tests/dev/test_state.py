import stat
from pathlib import Path

import pytest

from newsdesk.dev.state import AlreadyRunningError, StateFolder, without_password
from newsdesk.errors import EmbeddedServerError


def test_a_claimed_folder_starts_and_ends_without_addresses(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "deep" / "state")
    state.path.mkdir(parents=True)
    state.env.write_text("TEMPORAL_ADDRESS=of-a-killed-one:1\n", encoding="utf-8")
    with state.claimed():
        assert not state.env.exists()
        state.write_env({"TEMPORAL_ADDRESS": "127.0.0.1:7233"})
        assert state.read_env() == {"TEMPORAL_ADDRESS": "127.0.0.1:7233"}
        assert stat.S_IMODE(state.env.stat().st_mode) == 0o600
    assert not state.env.exists()


def test_a_second_claim_says_what_runs_without_its_password(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with state.claimed():
        with pytest.raises(AlreadyRunningError, match="just starting or stopping"):
            state.claimed().__enter__()
        state.write_env({"NEWSDESK_DATABASE_URL": "postgresql://me:hunter2@db/news"})
        with pytest.raises(AlreadyRunningError) as caught:
            state.claimed().__enter__()
    assert "NEWSDESK_DATABASE_URL=postgresql://me:***@db/news" in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(EmbeddedServerError, match="state folder cannot be used"),
        StateFolder(tmp_path / "file" / "state").claimed(),
    ):
        pass


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db:5432/news?x=y", "postgresql://me:***@db:5432/news?x=y"),
        ("postgresql://postgres@/news?host=/tmp/x", "postgresql://postgres@/news?host=/tmp/x"),
        ("127.0.0.1:7233", "127.0.0.1:7233"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
