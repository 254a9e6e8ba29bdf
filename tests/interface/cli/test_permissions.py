"""Files that belong to somebody else: the error says permission, the file, its owner and who was kept out (W-11)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from application.permissions import barrier, user_name
from interface.server import ask_ready
from interface.settings import Settings
from tests.interface.cli.conftest import CommandLine

NOBODY = 65534

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else for a moment"),
    pytest.mark.sqlite_alone("whose its files are"),
]


@contextmanager
def as_nobody() -> Iterator[None]:
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of root that everybody may enter, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def theirs(ready: CommandLine, place: Path) -> CommandLine:
    """Everything that `serve` needs, in files of root."""
    for name in ("SEATLEDGER_DATABASE", "SEATLEDGER_KEYRING", "SEATLEDGER_SECRET_KEY_FILE"):
        source = Path(ready.environment[name].removeprefix("sqlite:///"))
        shutil.copy(source, place)
        ready.environment[name] = ready.environment[name].replace(str(source), str(place / source.name))
    shutil.copy(source.with_name("log-key.pem"), place)
    for file in place.iterdir():
        file.chmod(0o600)
    return ready


def said(line: CommandLine, *command: str) -> str:
    with as_nobody():
        result = line.run(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


def sentence(path: Path, mode: str = "0600") -> str:
    return (
        f"permission denied: {path} belongs to {user_name(0)} and has the mode {mode}; "
        f"this was run as {user_name(NOBODY)}."
    )


def test_the_database_of_somebody_else(theirs: CommandLine) -> None:
    error = f"Error: The database {theirs.database} cannot be opened: {sentence(theirs.database)}\n"
    assert said(theirs, "user", "list") == error
    assert said(theirs, "serve") == error


def test_a_database_in_a_directory_that_one_may_not_write(theirs: CommandLine, place: Path) -> None:
    os.chown(theirs.database, NOBODY, NOBODY)
    assert sentence(place, "0755") in said(theirs, "user", "add", "alice")


def test_a_directory_that_one_may_not_enter(theirs: CommandLine, place: Path) -> None:
    place.chmod(0o700)
    assert sentence(place, "0700") in said(theirs, "user", "list")


def test_the_secret_and_the_keyring_of_somebody_else(theirs: CommandLine, place: Path) -> None:
    os.chown(place, NOBODY, NOBODY)
    os.chown(theirs.database, NOBODY, NOBODY)
    secret = Path(theirs.environment["SEATLEDGER_SECRET_KEY_FILE"])
    assert said(theirs, "serve") == f"Error: SEATLEDGER_SECRET_KEY_FILE cannot be read: {sentence(secret)}\n"
    os.chown(secret, NOBODY, NOBODY)
    assert said(theirs, "serve").endswith(f"cannot be used: {sentence(place / 'keyring.json')}\n")


def test_the_log_key_of_somebody_else(theirs: CommandLine, place: Path) -> None:
    os.chown(place, NOBODY, NOBODY)
    os.chown(theirs.database, NOBODY, NOBODY)
    assert said(theirs, "audit", "checkpoint").endswith(f"cannot be used: {sentence(place / 'log-key.pem')}\n")
    (place / "keys").mkdir(mode=0o700)
    theirs.environment["SEATLEDGER_LOG_KEY_FILE"] = str(place / "keys" / "log-key.pem")
    assert said(theirs, "audit", "checkpoint").endswith(f"cannot be used: {sentence(place / 'keys', '0700')}\n")


def test_a_directory_in_which_one_may_make_no_database(bare: CommandLine, place: Path) -> None:
    bare.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{place / 'seatledger.sqlite'}"
    bare.environment["SEATLEDGER_LOG_KEY_FILE"] = "/tmp/none/log-key.pem"  # noqa: S108  never made
    with as_nobody():
        assert sentence(place, "0755") in bare.init().stderr


def test_a_backup_of_somebody_else(theirs: CommandLine, place: Path) -> None:
    copied = place / "copy.sqlite"
    shutil.copy(theirs.database, copied)
    copied.chmod(0o600)
    theirs.database.unlink()
    os.chown(place, NOBODY, NOBODY)
    assert sentence(copied) in said(theirs, "restore", str(copied))


def test_nothing_keeps_one_from_ones_own(theirs: CommandLine) -> None:
    assert barrier(theirs.database, writing=True) is None
    ask_ready(Settings.from_environment(theirs.environment))


def test_a_directory_in_which_one_may_make_no_log_key(bare: CommandLine, place: Path) -> None:
    bare.environment["SEATLEDGER_LOG_KEY_FILE"] = str(place / "log-key.pem")
    bare.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{place / 'seatledger.sqlite'}"
    with as_nobody():
        assert f"cannot be used: {sentence(place, '0755')}\n" in bare.init().stderr


def test_a_directory_in_which_one_may_write_no_export(theirs: CommandLine, place: Path) -> None:
    for path in (place, *place.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    exports = place / "exports"
    exports.mkdir(mode=0o755)
    assert sentence(exports, "0755") in said(theirs, "audit", "export", str(exports / "history.jsonl"))
