"""The documents as tests read them: their blocks, the commands that they name, and a shell that runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])

PATIENCE = 300
"""Seconds that a block may take: nobody waits for ever for one that hangs."""

_BLOCK = re.compile(
    r"^#+ ([^\n]+)$|(?:^<!-- not run: ([^\n]+?) -->\n)?^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_COMMAND = re.compile(
    r"(?:^|(?<=[|;(&$`] ))(?:\$ )?(?:sudo -u \S+ )?(?:\.venv/bin/)?seatledger (?=[a-z-])", re.MULTILINE
)


class Block(NamedTuple):
    """What stands between two fences, and under which heading; `why_not` says why nobody runs it, if nobody does."""

    heading: str
    language: str
    text: str
    why_not: str


def blocks(page: Path) -> Iterator[Block]:
    heading = ""
    for title, why_not, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if title:
            heading = title
        else:
            yield Block(heading, language, dedent(text), why_not)


def commands(page: Path) -> Iterator[str]:
    """What the page tells people to type after `seatledger`, in its blocks and within its sentences."""
    text = page.read_text(encoding="utf-8")
    spans = re.findall(r"(?<!`)`(seatledger [^`]+)`", text)
    for each in [*spans, *(block.text for block in blocks(page))]:
        lines = each.replace("\\\n", " ")
        for found in _COMMAND.finditer(lines):
            yield re.split(r"\n| [|<>;&]|[|<>;&] | # |  #|\)", lines[found.end() :], maxsplit=1)[0].strip()


class Desk:
    """A directory in which the commands of a page are typed; `seatledger` is on its path."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.commands = directory / "desk", directory / "bin"
        for each in (self.directory, self.commands):
            each.mkdir()
        self.put("seatledger", f"#!{sys.executable}\nfrom interface.cli.main import main\nmain()\n")
        (self.commands / "python").symlink_to(sys.executable)

    def put(self, name: str, text: str) -> None:
        """A program on its path."""
        (self.commands / name).write_text(text, encoding="utf-8")
        (self.commands / name).chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.commands}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
            "HOME": str(self.directory),
        }

    def run(self, text: str, *, typed: str = "", **environment: str) -> str:
        """What a block prints, all of whose commands must succeed; `typed` comes by standard input."""
        return self.done(text, typed=typed, **environment).stdout

    def done(self, text: str, *, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """The same, with what stands on standard error."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.directory,
            env=self.environment | environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"
        return done
