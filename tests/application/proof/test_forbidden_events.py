"""Forbidden events, appended with their true leaf and signed with the real log key: both verifiers find all of them."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from application.proof import verify_export
from application.proof.verify_export import RULES
from interface.cli.main import seatledger
from tests.application.audited import export_of
from tests.application.proof.forbidden import FORBIDDEN, Forbidden, Scene, a_scene
from tests.proof_examples import KEYRING_FILE, a_log, a_user, an_export, an_id, code_and_position, finding
from tests.world import World

ALL = """
import contextlib, io, json, sys
sys.path.insert(0, ".")
import verify_export
for number in range(int(sys.argv[1])):
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as said:
        status = verify_export.main([f"{number}.export", "--log-key", "log.vkey", "--keyring", "keyring", "--json"])
        said.seek(0)
        print(json.dumps([status, json.loads(said.read())]), file=sys.__stdout__)
"""
"""Runs the copied file on every export, each as from its command line, in one process."""


class Verdicts(NamedTuple):
    """What both verifiers say of each export, and the position from which it was forged."""

    by_command: list[Any]
    by_file: list[Any]
    forged_from: list[int]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[World]:
    """The scene before anything is appended, with a signed checkpoint."""
    with World(tmp_path_factory.mktemp("honest")) as world:
        a_scene(world)
        world.checkpoint()
        yield world


@pytest.fixture(scope="module")
def verdicts(honest: World, tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Of every forbidden event, appended to a copy of the scene's database and signed with the real log key."""
    place = tmp_path_factory.mktemp("forged")
    (place / "log.vkey").write_text(honest.vkey)
    (place / "keyring").write_bytes(KEYRING_FILE)
    shutil.copy(verify_export.__file__, place)
    by_command, forged_from = [], []
    for number, forbidden in enumerate(FORBIDDEN):
        with honest.copy_to(place / str(number)) as world:
            scene = Scene(world)
            forged_from.append(scene.position)
            forbidden.append(scene)
            export, done = export_of(world)
        assert done.alarm is None or "no_state" in done.alarm.code, "the signer signed it"
        (place / f"{number}.export").write_bytes(export)
        own = ["--log-key", place / "log.vkey", "--keyring", place / "keyring", "--json"]
        words = ["audit", "verify", str(place / f"{number}.export"), *map(str, own)]
        result = CliRunner().invoke(seatledger, words, catch_exceptions=False)
        by_command.append([result.exit_code, json.loads(result.stdout)])
    command = [sys.executable, "-W", "error", "-c", ALL, str(len(FORBIDDEN))]
    result = subprocess.run(command, cwd=place, capture_output=True, text=True, encoding="utf-8", check=True)
    return Verdicts(by_command, [json.loads(line) for line in result.stdout.splitlines()], forged_from)


def test_without_them_the_scene_is_sound(honest: World) -> None:
    export, _ = export_of(honest)
    assert verify_export.verify(io.BytesIO(export), keyring=KEYRING_FILE).finding is None


@pytest.mark.seldom_on_postgresql("a database for each event, of which the verifiers see exports alone")
@pytest.mark.parametrize("number", range(len(FORBIDDEN)), ids=[f"{each.found}: {each.what}" for each in FORBIDDEN])
def test_a_forbidden_event_is_found_by_the_command_and_by_the_one_file(verdicts: Verdicts, number: int) -> None:
    forbidden: Forbidden = FORBIDDEN[number]
    for status, report in (verdicts.by_command[number], verdicts.by_file[number]):
        found = report["finding"]
        assert status == 1
        assert found["position"] >= verdicts.forged_from[number]
        if forbidden.found in RULES:
            assert found["code"] == "rule_broken"
            assert f"Rule {forbidden.found}: " in found["message"]
        else:
            assert found["code"] == forbidden.found
    assert verdicts.by_command[number][1]["finding"] == verdicts.by_file[number][1]["finding"]


def test_every_rule_is_broken_by_one_of_them_or_in_the_opening() -> None:
    assert {each.found for each in FORBIDDEN} & RULES.keys() == RULES.keys() - {"opening"}
    assert len(FORBIDDEN) >= 40


@pytest.mark.parametrize(
    ("position", "event"),
    [
        (2, a_user(2)),
        (3, a_user(3, administrator=False)),
        (3, a_user(3, command_id=an_id("another command"))),
        (3, a_user(3, by=f"operator:{an_id('another')}")),
    ],
    ids=["no operator", "no administrator", "another command", "another operator"],
)
def test_an_opening_that_init_does_not_record_is_found(position: int, event: tuple[str, bytes]) -> None:
    log = a_log(4)
    log[position - 1] = event
    export = an_export(log)
    assert code_and_position(export) == ("rule_broken", position)
    assert "Rule opening: " in finding(export).sentence or "Rule A1: " in finding(export).sentence
