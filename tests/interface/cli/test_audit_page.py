"""docs/audit.md: every command in it does what it says, as it is written, in the page's order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from tests.clock import SetClock
from tests.examples import a_key
from tests.world import World

PAGE = Path(__file__).parents[3] / "docs" / "audit.md"
ON_THE_MACHINE = "On the machine of the installation"
NOT_RUN = ["python -m pip install cryptography\n"]


class Block(NamedTuple):
    heading: str
    commands: str
    why_not: str


def blocks() -> list[Block]:
    heading, found = "", []
    pattern = r"^## ([^\n]+)$|(?:^ *<!-- not run: ([^\n]+?) -->\n)?^( *)```sh\n(.*?)^ *```$"
    for title, why_not, _, text in re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        if title:
            heading = title
        else:
            found.append(Block(heading, dedent(text), why_not))
    return found


def test_what_is_not_run_says_why_and_nothing_else_hides() -> None:
    assert [block.commands for block in blocks() if block.why_not] == NOT_RUN
    fences = re.findall(r"^ *```(\w*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert fences.count("sh") == len(blocks())


def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    """On two machines: the installation's, and the auditor's, who has the files and nothing else."""
    machine, desk = tmp_path / "machine", tmp_path / "desk"
    machine.mkdir()
    desk.mkdir()
    with World(machine, SetClock(datetime(2026, 4, 20, 9, 0, tzinfo=UTC))) as world:
        world.open()
        world.register(a_key(licenses=4))
        world.clock.go_on(days=1)
        world.add("alice", "bob", by=f"user:{world.view.account_id('admin')}")
        world.do("delete_user", "bob")
        (machine / "log-key.vkey").write_text(f"{world.vkey}\n")
        (desk / "vendor-keyring.json").write_text((machine / "keyring.json").read_text())
        theirs = world.environment | {"LOG_KEY": str(machine / "log-key.vkey")}
        commands = tmp_path / "bin"
        commands.mkdir()
        (commands / "seatledger").write_text(
            f"#!{sys.executable}\nfrom interface.cli.main import main\nmain()\n", encoding="utf-8"
        )
        (commands / "seatledger").chmod(0o755)
        (commands / "python").symlink_to(sys.executable)
        plain = {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(PAGE.parents[1]), *sys.path]),
            "HOME": str(desk),
        }
        printed = {}
        for block in blocks():
            if block.why_not:
                continue
            environment = plain | (theirs if block.heading == ON_THE_MACHINE else {})
            done = subprocess.run(
                ["bash", "-euc", block.commands], cwd=desk, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{block.commands}{done.stdout}{done.stderr}"
            printed[block.commands] = done.stdout
    said = "\n".join(printed.values())
    assert said.count("Nothing is wrong.") == 2
    assert "alice: admit (ok)" in said
    assert '"position": 5' in said
    assert said.count("opened the installation") == 3, "without a filter, among the newest, and on that day"
    assert not list(desk.glob("*.sqlite")), "no database was made"
