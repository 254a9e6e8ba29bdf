"""Which schema this program knows, on every database; docs/adr/0053 says how it goes forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.refusals import Problem

if TYPE_CHECKING:
    from sqlalchemy import Engine

VERSION = 3
"""The schema that this program makes and works on. Databases from before versions were counted have none, or 0.

2: a snapshot of the view beside the log (ADR 49), and the answers to requests that may come again (ADR 50).
3: the secret addresses of calendars (ADR 64), webhooks, and the warnings that were told (ADR 65, 66); on which day
users were last there, as gateways report it (ADR 67); the languages of accounts (ADR 70).
"""


Tables = Callable[["Engine"], None]
"""Makes the tables beside the log that are not there yet."""


class SchemaUnfit(Exception):
    """The database cannot be made, or used, by this program as it is set; the problem says what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def ask_known(version: int | None, place: str) -> None:
    """Look whether the schema of a database is this program's; None where nothing was made. Raises SchemaUnfit."""
    if version is None or version == VERSION:
        return
    code = "schema_newer" if version > VERSION else "schema_older"
    raise SchemaUnfit(Problem(code, place=place, version=version, known=VERSION))
