"""docs/operations.md as the test reads it: its blocks under their headings, and its table of files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

PATH = Path(__file__).parents[2] / "docs" / "operations.md"


@dataclass(frozen=True)
class Block:
    """Lines for a shell; `why_not` says why nobody runs them, if nobody does."""

    heading: str
    text: str
    why_not: str


@dataclass
class Page:
    """Its blocks, and which of them are still to be run."""

    blocks: list[Block]
    waiting: list[Block] = field(init=False)

    def __post_init__(self) -> None:
        self.waiting = [block for block in self.blocks if not block.why_not]

    def under(self, heading: str) -> list[Block]:
        """The blocks to run under a heading; they count as run now."""
        found = [block for block in self.blocks if block.heading == heading and not block.why_not]
        assert found, f"docs/operations.md has no block under “{heading}”"
        self.waiting = [block for block in self.waiting if block.heading != heading]
        return found

    @property
    def text(self) -> str:
        return PATH.read_text(encoding="utf-8")

    @property
    def files(self) -> list[tuple[str, str, str, int]]:
        """Path, owner, group and mode of everything that its table names."""
        rows = re.findall(r"^\| `(/[^`]+)` \| (\w+)(?:, group (\w+))? \| (0\d+) \|", self.text, re.MULTILINE)
        return [(path, owner, group or owner, int(mode, 8)) for path, owner, group, mode in rows]


def read_page() -> Page:
    heading, blocks = "", []
    pattern = r"^## ([^\n]+)$|(?:^<!-- not run: ([^\n]+?) -->\n)?^```(\w*)\n(.*?)^```$"
    for title, why_not, language, text in re.findall(
        pattern, PATH.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        if title:
            heading = title
        else:
            assert language == "sh", f"a block under “{heading}” is no sh: {text}"
            blocks.append(Block(heading, text, why_not))
    return Page(blocks)
