"""API tokens at the terminal: who made them, what their makers leave behind, and one that cannot be printed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import pytest

from interface.cli.database import by_os_user
from interface.composition import Seatledger, compose
from interface.settings import Settings
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import COMMAND, PATIENCE


@contextmanager
def program(line: CommandLine) -> Iterator[Seatledger]:
    with closing(compose(Settings.from_environment(line.environment), clock=line.world.clock)) as wired:
        yield wired


def made_by(line: CommandLine, name: str, *tokens: str) -> list[str]:
    """Tokens that this administrator made, by their ids."""
    with program(line) as seatledger:
        id_ = seatledger.installation_id
        by = seatledger.accounts.account(id_, name).by
        return [seatledger.licensing.create_token(id_, token, ["audit"], by=by).token_id for token in tokens]


@pytest.fixture
def ann(line: CommandLine) -> list[str]:
    """The ids of two tokens of the administrator Ann."""
    line.do("user", "add", "Ann", "--administrator")
    return made_by(line, "ann", "backup", "gateway")


@pytest.mark.parametrize("how", ["delete", "revoke"])
def test_s10_taking_a_right_names_the_tokens_that_remain_and_how_to_revoke_them(
    line: CommandLine, ann: list[str], how: str
) -> None:
    backup, gateway = ann
    done = line.run("user", how, "ann")
    assert done.exit_code == 0
    assert (
        f"Warning (tokens_remain): “Ann” made 2 API tokens that still work: “backup” ({backup}), “gateway” ({gateway})."
    ) in done.stderr
    command = f"token revoke {backup} {gateway}"
    assert f"To revoke: seatledger {command}\n" in done.stderr
    assert line.do(*command.split()) == f"The token {backup} is revoked.\nThe token {gateway} is revoked.\n"
    assert "tokens_remain" not in line.run("user", "delete", "ann").stderr


def test_s10_a_user_who_made_no_token_leaves_without_a_word_of_tokens(line: CommandLine) -> None:
    line.do("user", "add", "ben")
    assert "token" not in line.run("user", "delete", "ben").stderr


def test_s10_removing_an_auditor_names_their_tokens_too(line: CommandLine) -> None:
    line.do("auditor", "add", "Eve")
    (token_id,) = made_by(line, "eve", "siem")
    removed = line.run("auditor", "remove", "eve")
    assert f"“Eve” made an API token that still works: “siem” ({token_id})." in removed.stderr


def test_of_several_tokens_all_are_revoked_or_none(line: CommandLine, ann: list[str]) -> None:
    assert line.run("token", "revoke", ann[0], "aaaaaaaa").stderr.startswith("Refused (unknown_token): ")
    assert {token["status"] for token in line.json("token", "list")["tokens"]} == {"good"}


def test_s10_w1_the_list_says_who_made_each_token_and_when_it_was_last_used(line: CommandLine, ann: list[str]) -> None:
    with program(line) as seatledger:
        ann_id = seatledger.accounts.account(seatledger.installation_id, "ann").account_id
        seatledger.token_uses.note(ann[1], date(2026, 4, 10))
        seatledger.token_uses.write(date(2026, 4, 10))
    line.do("token", "create", "scripts", "--scope", "users", "--scope", "administrators", "--expires", "100")
    line.do("user", "delete", "ann")
    backup, gateway, scripts = line.json("token", "list")["tokens"]
    assert gateway == {
        "token_id": ann[1],
        "name": "gateway",
        "scopes": ["audit"],
        "status": "good",
        "created_on": "2026-04-10",
        "expires_on": None,
        "last_used_on": "2026-04-10",
        "by": f"user:{ann_id}",
        "made_by": "Ann",
        "maker_has_left": True,
    }
    (seen,) = line.json("history", "--event", "OperatorSeen")["events"]
    assert (backup["last_used_on"], scripts["by"]) == (None, f"operator:{seen['operator_id']}")
    made_by = f"{by_os_user().removeprefix('cli:')} (command line)"
    assert (scripts["made_by"], scripts["maker_has_left"]) == (made_by, False)
    assert (scripts["scopes"], scripts["expires_on"]) == (["users", "administrators"], "2026-07-19")
    header, *rows = (re.split("  +", row) for row in line.do("token", "list").splitlines())
    assert header[4:6] == ["MADE BY", "LAST USED"]
    assert [row[4:6] for row in rows[:2]] == [["Ann, who has left", "not yet"], ["Ann, who has left", "2026-04-10"]]


def test_w1_a_token_near_its_end_is_warned_of(line: CommandLine) -> None:
    token_id = line.do("token", "create", "gateway", "--scope", "login-check", "--expires", "14")[4:12]
    sentence = f"The API token “gateway” ({token_id}) ends on 2026-04-24 (14 days left)."
    for command in (("token", "list"), ("license", "show")):
        shown = line.run(*command)
        assert f"Warning (token_ends_soon): {sentence}" in shown.stderr
    line.world.clock.now = datetime(2026, 4, 25, 9, 0, tzinfo=UTC)
    assert "Warning (token_over): " in line.run("user", "add", "ann").stderr


def test_w1_a_token_is_replaced_by_one_that_stands_beside_it(line: CommandLine) -> None:
    old = line.do("token", "create", "gateway", "--scope", "login-check", "--expires", "60")[4:12]
    line.world.clock.now = datetime(2026, 5, 31, 9, 0, tzinfo=UTC)
    replaced = line.run("token", "replace", old)
    assert (replaced.exit_code, replaced.stdout[:4], replaced.stdout.count("\n")) == (0, "slt_", 1)
    assert replaced.stderr == f"The old token works until you revoke it: seatledger token revoke {old}\n"
    members = ("token_id", "name", "scopes", "status", "expires_on")
    known = {each["token_id"]: [each[member] for member in members] for each in line.json("token", "list")["tokens"]}
    new = replaced.stdout[4:12]
    assert known == {
        old: [old, "gateway", ["login-check"], "good", "2026-06-09"],
        new: [new, "gateway", ["login-check"], "good", "2026-07-30"],
    }
    assert line.run("token", "replace", "aaaaaaaa").stderr.startswith("Refused (unknown_token): ")


def create(line: CommandLine, stdout: IO[bytes] | int | None, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, *COMMAND, "token", "create", "gateway", "--scope", "login-check"],
        env={**os.environ, **line.environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_revoked(line: CommandLine, process: subprocess.Popen[str], reason: str) -> None:
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said == (
        f"Refused (token_not_printed): The token could not be printed ({reason}), so nobody has seen it and it was "
        "revoked. Make it again.\n"
    )
    assert [token["status"] for token in line.json("token", "list")["tokens"]] == ["revoked"]


def test_c11_a_token_that_a_full_disk_does_not_take_is_revoked(line: CommandLine) -> None:
    with Path("/dev/full").open("wb") as full:
        assert_revoked(line, create(line, full), "No space left on device")


def test_c11_a_token_for_a_pipe_that_broke_is_revoked(line: CommandLine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = create(line, writing)
    os.close(writing)
    assert_revoked(line, process, "Broken pipe")


def test_c11_a_token_without_a_standard_output_is_revoked(line: CommandLine) -> None:
    process = create(line, None, prefix=("sh", "-c", 'exec "$@" >&-', "sh"))
    assert_revoked(line, process, "Bad file descriptor")


def test_w23_a_scope_that_is_empty_is_none(line: CommandLine) -> None:
    refused = line.run("token", "create", "Gateway", "--scope", "")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (unknown_scope): No scope was chosen")
