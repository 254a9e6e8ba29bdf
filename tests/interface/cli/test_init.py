"""Making an installation: all of it, or nothing."""

from __future__ import annotations

import stat
from uuid import UUID

import pytest
from eventsourcing.persistence import OperationalError

from tests.database import recorder
from tests.examples import PASSWORD
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import at_a_terminal


def test_init_prints_the_uuid_alone(bare: CommandLine) -> None:
    made = bare.init()
    published = bare.beside("log-key.vkey")
    assert (made.exit_code, made.stderr) == (0, f"For auditors to keep elsewhere: {published}\n")
    assert published.read_text().startswith(f"seatledger/{made.stdout.strip()}+")
    assert made.stdout == f"{UUID(made.stdout.strip())}\n"
    assert bare.json("license", "show")["installation_id"] == made.stdout.strip()


def test_the_database_is_for_its_owner_alone(line: CommandLine) -> None:
    for file in line.directory.glob("seatledger.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_history_begins_with_the_first_administrator_and_the_password(line: CommandLine) -> None:
    history = line.json("history")["events"]
    assert [event["event"] for event in history[:4]] == [
        "InstallationOpened",
        "OperatorSeen",
        "UserAdded",
        "PasswordChanged",
    ]
    assert {event["by"] for event in history} == {f"operator:{history[1]['operator_id']}"}
    assert history[2]["administrator"] is True
    assert history[3]["account_id"] == history[2]["user_id"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": ""}, "text_invalid"),
        ({"product": "a\x07b"}, "text_invalid"),
        ({"time_zone": "Mars/Olympus"}, "unknown_time_zone"),
        ({"admin": "a/b"}, "login_name_invalid"),
        ({"password": "too short"}, "password_invalid"),
        ({"password": "123456789012"}, "password_is_run"),
        ({"password": " " * 12}, "password_repeats"),
        ({"password": "motherfucker1!"}, "password_common"),
        ({"password": "Example Ltd 26"}, "password_of_context"),
        ({"admin": "rootmaster", "password": "Rootmaster-1!"}, "password_of_context"),
    ],
)
def test_what_is_refused_leaves_no_database(bare: CommandLine, options: dict[str, str], code: str) -> None:
    refused = bare.init(**options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Refused ({code}): ")
    assert not bare.holds_anything()


def test_a_database_is_initialized_once(line: CommandLine) -> None:
    again = line.init(name="Another")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("Refused (already_initialized): This database already holds the installation “Exa")


@pytest.mark.sqlite_alone("its file")
def test_a_file_that_is_there_is_left_alone(bare: CommandLine) -> None:
    bare.database.touch()
    refused = bare.init()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Error: {bare.database} is there already and holds no installation.")
    assert bare.database.read_bytes() == b""


@pytest.mark.sqlite_alone("its file")
def test_an_init_that_fails_leaves_no_file_and_can_be_repeated(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(recorder.Recorder, "_insert_events", fail)
        assert bare.init().stderr.startswith("Refused (storage_failed): ")
    assert not list(bare.directory.glob("seatledger.sqlite*"))
    assert bare.init().exit_code == 0


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(bare: CommandLine) -> None:
    words = ["init", "--name", "x", "--product", "x", "--time-zone", "UTC", "--admin", "admin"]
    shown = at_a_terminal(bare.environment, words, [("Password: ", PASSWORD), ("Once more: ", PASSWORD)])
    assert PASSWORD not in shown
    assert shown.split()[-1] == bare.json("license", "show")["installation_id"]


@pytest.mark.sqlite_alone("its file")
def test_a_directory_that_is_not_there_is_not_made(bare: CommandLine) -> None:
    bare.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{bare.directory / 'none' / 'x.sqlite'}"
    refused = bare.init()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {bare.database} cannot be made: No such file or directory.\n"


def test_without_a_terminal_the_password_must_come_from_standard_input(bare: CommandLine) -> None:
    given = ["--name", "x", "--product", "x", "--time-zone", "UTC", "--admin", "admin"]
    asked = bare.run("init", *given, stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 2
    assert "--password-stdin" in asked.stderr
    assert bare.run("init", *given, "--password-stdin", stdin="").exit_code == 2
    assert not bare.holds_anything()


@pytest.mark.parametrize("left_out", ["--name", "--product", "--time-zone", "--admin"])
def test_every_option_is_needed(bare: CommandLine, left_out: str) -> None:
    given = {"--name": "x", "--product": "x", "--time-zone": "UTC", "--admin": "admin"}
    given.pop(left_out)
    words = [word for pair in given.items() for word in pair]
    refused = bare.run("init", *words, "--password-stdin", stdin=PASSWORD)
    assert refused.exit_code == 2
    assert left_out in refused.stderr
