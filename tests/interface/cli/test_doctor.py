"""`seatledger doctor`: a line for every check, what mends what is wrong, and an exit status of 1 for that alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.database import Running, Session, alter_state
from tests.examples import KEYRING, a_key
from tests.interface.cli.conftest import CommandLine


def findings(line: CommandLine, **environment: str) -> tuple[int, dict[str, str]]:
    """The exit status, and the severity of each finding by its code."""
    result = line.run("doctor", "--json", **environment)
    answer = json.loads(result.stdout)
    return result.exit_code, {finding["code"]: finding["severity"] for finding in answer["findings"]}


def test_nothing_is_wrong_with_a_new_installation(ready: CommandLine) -> None:
    result = ready.run("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    names = {line.split()[1] for line in lines}
    assert names >= {"database", "schema", "files", "keys", "keyring", "leaves", "history", "clock"}
    assert names >= {"seatledger", "eventsourcing", "granian", "python", Running.kind}
    answer = ready.json("doctor")
    assert (answer["result"], answer["findings"]) == ("ok", [])
    assert set(answer["checks"].values()) == {"ok"}


def secret_of(line: CommandLine) -> Path:
    return Path(line.environment["SEATLEDGER_SECRET_KEY_FILE"])


def keyring_of(line: CommandLine) -> Path:
    return Path(line.environment["SEATLEDGER_KEYRING"])


def later(line: CommandLine) -> None:
    line.do("user", "add", "later")
    line.world.clock.now -= timedelta(hours=1)


def attack(what: Callable[[Session], object]) -> Callable[[CommandLine], None]:
    def alter(line: CommandLine) -> None:
        line.do("user", "add", "alice")
        with line.world.attacker() as attacker:
            what(attacker)
        line.do("license", "show")  # puts SQLite's triggers back

    return alter


def cut_beginning(line: CommandLine) -> None:
    with line.world.attacker() as connection:
        connection.execute("DELETE FROM stored_events WHERE originator_version = 1")


def drop_trigger(line: CommandLine) -> None:
    """What keeps checkpoints as they are."""
    with line.world.attacker() as attacker:  # who has dropped those of SQLite
        if line.is_served:
            attacker.execute("DROP TRIGGER checkpoints_refuse ON checkpoints")


def other_trigger(line: CommandLine) -> None:
    with line.world.attacker() as connection:
        connection.execute(
            "CREATE TRIGGER stored_events_refuse_update BEFORE UPDATE ON stored_events BEGIN SELECT 1; END"
        )


def add_key(jwk: dict[str, Any]) -> Callable[[CommandLine], None]:
    def write(line: CommandLine) -> None:
        keyring_of(line).write_text(json.dumps({"keys": [*KEYRING.to_jwk_set()["keys"], jwk]}))

    return write


def forge(line: CommandLine) -> None:
    line.do("license", "register", a_key())
    newest = line.world.size()
    with line.world.attacker() as attacker:
        alter_state(attacker, newest, b'"licenses":3,', b'"licenses":300,')


ALARMS: dict[str, Callable[[CommandLine], object]] = {
    "others_can_write": lambda line: keyring_of(line).chmod(0o666),
    "setting_unusable": lambda line: secret_of(line).write_bytes(b"a" * 40),
    "keyring_unusable": lambda line: keyring_of(line).write_text("{}"),
    "clock_behind": later,
    "log_contradicted": attack(lambda attacker: alter_state(attacker, 2, b"operator:", b"server:")),
    "history_altered": attack(lambda attacker: attacker.execute("DELETE FROM merkle_leaves WHERE position = 2")),
    "log_unreadable": cut_beginning,
    "schema_differs": drop_trigger,
    "license_contradicted": forge,
}

WARNINGS: dict[str, Callable[[CommandLine], object]] = {
    "others_can_read": lambda line: secret_of(line).chmod(0o644),
    "log_key_unusable": lambda line: secret_of(line).with_name("log-key.pem").unlink(),
    "key_passed_over": add_key({"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB"}),
}


@pytest.mark.parametrize("code", ALARMS)
def test_what_is_wrong_is_named_with_what_mends_it_and_ends_with_1(ready: CommandLine, code: str) -> None:
    ALARMS[code](ready)
    status, found = findings(ready)
    assert (status, found[code]) == (1, "alarm"), found


def test_it_is_said_in_two_lines(ready: CommandLine) -> None:
    later(ready)
    spoken = ready.run("doctor")
    wrong, mend = (line for line in spoken.stdout.splitlines() if line.startswith("alarm"))
    assert "but the newest event is of " in wrong
    assert "the clock is behind" in wrong
    assert "Set the clock right" in mend
    assert spoken.exit_code == 1


@pytest.mark.parametrize("code", WARNINGS)
def test_a_warning_ends_with_0(ready: CommandLine, code: str) -> None:
    WARNINGS[code](ready)
    assert findings(ready) == (0, {code: "warning"})


def test_whoever_reads_the_keyring_at_the_terminal_is_warned_of_keys_of_another_kind(ready: CommandLine) -> None:
    WARNINGS["key_passed_over"](ready)
    said = "Warning: A key of the keyring is passed over: the key “rsa” is not an Ed25519 key."
    for command in (("vendor", "inspect", a_key()), ("audit", "export", ready.beside("export"))):
        result = ready.run(*command)
        assert result.exit_code == 0
        assert said in result.stderr


@pytest.mark.sqlite_alone("of a server, tests/application/postgresql")
def test_a_trigger_of_the_same_name_that_refuses_nothing_is_another(ready: CommandLine) -> None:
    other_trigger(ready)
    ready.do("license", "show")  # a start puts back what is missing, and looks at names alone
    assert "stored_events_refuse_update" in ready.run("doctor").stdout
    assert findings(ready) == (1, {"schema_differs": "alarm"})


def test_mending_a_file_is_a_command_to_copy(ready: CommandLine) -> None:
    keyring_of(ready).chmod(0o666)
    assert f"Run “chmod go-w {keyring_of(ready)}”" in ready.run("doctor").stdout


def test_a_signing_key_that_was_retired_is_a_warning(ready: CommandLine) -> None:
    ready.do("license", "register", a_key())
    revoked = KEYRING.to_jwk_set()["keys"][1]
    keyring_of(ready).write_text(json.dumps({"keys": [revoked]}))
    assert findings(ready) == (0, {"signing_key_gone": "warning"})
    assert ready.json("license", "show")["license"]["valid"] == 3


@pytest.mark.sqlite_alone("where a server's database is, a setting says where the keys are")
def test_without_settings_there_are_warnings(line: CommandLine) -> None:
    assert findings(line, SEATLEDGER_KEYRING="") == (0, {"setting_unusable": "warning", "keyring_unusable": "warning"})


@pytest.mark.sqlite_alone("its file")
def test_without_a_database_or_an_installation(bare: CommandLine) -> None:
    status, found = findings(bare)
    assert (status, found["setting_unusable"]) == (1, "alarm")
    assert not bare.database.exists()
    bare.database.touch(mode=0o600)
    status, found = findings(bare)
    assert (status, found["no_installation"]) == (1, "alarm")


def test_a_pipe_for_a_secret_is_not_waited_for(ready: CommandLine) -> None:
    secret_of(ready).unlink()
    os.mkfifo(secret_of(ready), 0o600)
    assert findings(ready) == (1, {"setting_unusable": "alarm"})
