"""A line of a list of users, and the refusal that names every line that is wrong."""

from __future__ import annotations

from typing import NamedTuple

from domain.refusals import Problem, Refused

MAX_LINES = 1_000_000
"""The lines that a file may have: as many as an undo looks for (application/undo.py)."""

EVENTS_PER_SAVE = 1000
"""How many events of an import are stored at once at most."""


class ImportLine(NamedTuple):
    """A line of the list: its number in the file, what it says, and what is wrong with it by itself.

    `says_rights` is whether it says anything at all of the user's rights: an empty field does not.
    """

    number: int
    login_name: str
    administrator: bool = False
    problem: Problem | None = None
    says_rights: bool = False


BadLine = tuple[int, Problem | Refused]
"""The number of a line, and what is wrong with it: by itself, or by the rule for login names."""


class ImportRefused(Refused):
    """Lines of the list are wrong; nothing was added. The fact `lines` has every BadLine."""

    code = "import_refused"

    @classmethod
    def for_lines(cls, lines: list[BadLine]) -> ImportRefused:
        return cls(count=len(lines), lines=lines)

    @classmethod
    def for_file(cls, problem: Problem) -> ImportRefused:
        """The whole file is wrong, which its first line shows."""
        return cls.for_lines([(1, problem)])


class ImportUnfinished(Refused):
    """The database could not store the rest of an import, or did not say so; what was stored before stays."""

    code = "import_unfinished"

    @property
    def says(self) -> str:
        return f"{self.code}.unknown" if "unknown" in self.facts else self.code
