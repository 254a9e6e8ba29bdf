"""docs/audit.md: every command in it does what it says, as it is written, in the page's order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from interface.web.app import create_app
from tests.clock import SetClock
from tests.examples import a_key
from tests.interface.web.gateway.programs import Program
from tests.pages import Desk
from tests.proof_examples import OTHER_LOG_KEY
from tests.world import World

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "audit.md"
ON_THE_MACHINE = "# on the machine\n"
NOT_RUN = ["python -m pip install cryptography\n"]


class Block(NamedTuple):
    heading: str
    commands: str
    why_not: str
    shown: str
    """What the page shows of its output."""


def blocks() -> list[Block]:
    heading, all_ = "", []
    pattern = r"^## ([^\n]+)$|(?:^<!-- not run: ([^\n]+?) -->\n)?^```sh\n(.*?)^```$(?:\n\n^```\n(.*?)^```$)?"
    for title, why_not, text, shown in re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        if title:
            heading = title
        else:
            all_.append(Block(heading, dedent(text), why_not, shown))
    return all_


class Audit:
    """Two machines: the installation's, and the auditor's, who has the files and nothing else."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world = world
        self._desk = Desk(directory)
        self.desk = self._desk.directory
        self.vkey_file = world.directory / "log-key.vkey"

    def run(self, commands: str) -> str:
        """What the commands of a block print, all of which must succeed."""
        machine = self.world.environment | {"LOG_KEY": str(self.vkey_file)}
        return self._desk.run(commands, **(machine if commands.startswith(ON_THE_MACHINE) else {}))


@contextmanager
def an_audit(directory: Path) -> Iterator[Audit]:
    """An installation of seven events, before the page is begun."""
    (directory / "machine").mkdir()
    with World(directory / "machine", SetClock(datetime(2026, 4, 20, 9, 0, tzinfo=UTC))) as world:
        world.open()
        world.register(a_key(licenses=4))
        world.clock.go_on(days=1)
        world.add("alice", "bob", by=f"user:{world.view.account_id('admin')}")
        world.do("delete_user", "bob")
        audit = Audit(world, directory)
        audit.vkey_file.write_text(f"{world.vkey}\n")
        (audit.desk / "vendor-keyring.json").write_text((world.directory / "keyring.json").read_text())
        yield audit


def somebody_came_back(audit: Audit) -> None:
    """Something is recorded after the checkpoint that was kept."""
    audit.world.do("restore_user", "bob")


def a_backup_was_restored(audit: Audit) -> None:
    """Two events that were signed are lost."""
    world = audit.world
    put_back = world.backup()
    world.add("lost", "too")
    (audit.desk / "lost.txt").write_text(world.checkpoint())
    world.close()
    put_back()


def the_log_key_was_changed(audit: Audit) -> None:
    """As docs/operations.md has it; the auditor has noted the new key, and something was recorded since."""
    audit.world.sign_with(OTHER_LOG_KEY)
    (audit.desk / "log-2.vkey").write_text(audit.world.vkey)
    audit.world.add("carol")


MEANWHILE: Mapping[str, Callable[[Audit], None]] = {
    "What you are given at an audit": somebody_came_back,
    "After a restore": a_backup_was_restored,
    "A log key that was changed": the_log_key_was_changed,
}
"""What happens on the machine before the first block of a section."""


def test_what_is_not_run_says_why_and_nothing_else_hides() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [block.commands for block in blocks() if block.why_not] == NOT_RUN
    opening = re.findall(r"^```(\w*)$", text, re.MULTILINE)[::2]
    assert set(opening) == {"sh", ""}
    assert opening.count("sh") == len(blocks())
    assert opening.count("") == len([block for block in blocks() if block.shown])
    assert text.count("```") == 2 * len(opening)


@pytest.mark.seldom_on_postgresql("every command of the page, in a process of its own")
def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    printed = {}
    meanwhile = dict(MEANWHILE)
    with an_audit(tmp_path) as audit:
        for block in blocks():
            if (happening := meanwhile.pop(block.heading, None)) is not None:
                happening(audit)
            if not block.why_not:
                printed[block.commands] = audit.run(block.commands)
                assert_shown(block.shown, printed[block.commands])
        lost = audit.run(
            "python verify_export.py history-2.jsonl --checkpoint lost.txt --log-key log.vkey || test $? = 1"
        )
        assert "WRONG (kept_checkpoint_contradicted)" in lost
        today = audit.run("python verify_export.py history.jsonl --checkpoint kept-today.txt --log-key log.vkey")
        assert "The first 8 events are those of the checkpoint that you kept." in today
        assert not list(audit.desk.glob("*.sqlite")), "no database was made"
    assert not meanwhile
    said = "\n".join(printed.values())
    assert said.count("Nothing is wrong.") == 4
    assert "Of these, 3 proven by the checkpoint that you kept, and not by that key." in said
    assert "alice: admit (ok)" in said
    assert '"position": 5' in said
    assert said.count("opened the installation") == 3, "without a filter, among the newest, and on that day"


@pytest.mark.seldom_on_postgresql("every command of the page once more, over the API")
def test_the_api_answers_what_the_command_beside_it_prints(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| [^|`]+[^|]* \| `GET ([^`]+)` \| `(seatledger [^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 6
    with an_audit(tmp_path) as audit:
        audit.world.clock.go_on(days=40)
        token = audit.world.do("create_token", "auditor's", ["audit"]).text
        program = Program(create_app(audit.world.seatledger, secret_key=b"an example, not a secret, 32 byte"), token)
        for path, command in rows:
            answer = program.ask("GET", path)
            assert answer.status_code == 200, answer.text
            assert json.loads(audit.run(f"{ON_THE_MACHINE}{command} --json")) == answer.get_json(), command


def assert_shown(shown: str, output: str) -> None:
    """The page shows these lines, but for what differs in each installation: its UUID, and roots."""
    lines = [general(line) for line in output.splitlines()]
    for line in shown.splitlines():
        assert general(line) in lines, output


def general(line: str) -> str:
    return re.sub(r"[A-Za-z0-9+/]{43}=", "ROOT", re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", line))
