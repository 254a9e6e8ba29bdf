"""What only a real process shows: pipes that break, terminals that lack a character, two at once."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import COMMAND, PATIENCE, run


def test_two_processes_see_each_others_changes_at_once(line: CommandLine) -> None:
    ours = line.world
    assert ours.view.in_use == 1
    assert run(line.environment, "user", "add", "alice").returncode == 0
    assert ours.view.in_use == 2
    ours.add("bob")
    checked = run(line.environment, "check", "bob", "--json")
    assert json.loads(checked.stdout)["code"] == "no_license"


def test_a_broken_pipe_is_quiet(line: CommandLine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    listed = subprocess.run(
        [*COMMAND, "user", "list"],
        env={**os.environ, **line.environment},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writing)
    assert listed.stderr == b""


def test_a_name_that_is_no_unicode_is_answered_with_valid_json(line: CommandLine) -> None:
    checked = run(line.environment, "check", b"al\xffice", "--json")
    assert json.loads(checked.stdout)["login_name"] == "al\N{REPLACEMENT CHARACTER}ice"
    refused = run(line.environment, "user", "add", b"al\xffice")
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"Refused (login_name_invalid): ")


def test_a_terminal_without_a_character_gets_it_escaped(line: CommandLine) -> None:
    added = run(line.environment, "user", "add", "山田", PYTHONIOENCODING="latin-1")
    assert added.returncode == 0
    assert added.stdout == b"\\u201c\\u5c71\\u7530\\u201d was added.\n"


def test_every_command_explains_itself(tmp_path: Path) -> None:
    helped = run({"SEATLEDGER_DATABASE": f"sqlite:///{tmp_path / 'none.sqlite'}"}, "--help")
    assert helped.returncode == 0
    for command in ("demo", "init", "serve", "license", "user", "check", "history", "auditor", "password", "token"):
        assert f"\n  {command} ".encode() in helped.stdout
    assert list(tmp_path.iterdir()) == []
