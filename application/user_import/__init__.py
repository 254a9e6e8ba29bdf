"""Users from a list: reading what a spreadsheet wrote, and validating every line before any user is added."""

from application.user_import.confirmation import ImportOutdated, confirmation_of
from application.user_import.lines import (
    EVENTS_PER_SAVE,
    MAX_LINES,
    BadLine,
    ImportLine,
    ImportRefused,
    ImportUnfinished,
)
from application.user_import.names import problem_of_name
from application.user_import.planning import Import, OtherRights, adding, plan
from application.user_import.reading import read_csv
from application.user_import.text import MAX_BYTES

__all__ = [
    "EVENTS_PER_SAVE",
    "MAX_BYTES",
    "MAX_LINES",
    "BadLine",
    "Import",
    "ImportLine",
    "ImportOutdated",
    "ImportRefused",
    "ImportUnfinished",
    "OtherRights",
    "adding",
    "confirmation_of",
    "plan",
    "problem_of_name",
    "read_csv",
]
