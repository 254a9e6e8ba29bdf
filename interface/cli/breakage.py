"""What the command line says of what whoever runs the machine must mend."""

from __future__ import annotations

from application.log.failures import LogUnreadable, database_errors, reason
from interface.cli.output import language
from interface.settings import SettingsInvalid


def line_about(error: Exception) -> str | None:
    """The line for standard error; None for a bug, which stays a traceback."""
    say = language().say
    if isinstance(error, SettingsInvalid):
        return say("Error: {sentence}", sentence=error.sentence(language()))
    if isinstance(error, LogUnreadable):
        return say("Error: Event {position} {problem}", position=error.position, problem=error.problem)
    if isinstance(error, database_errors()):
        return say("Error: The database cannot be used: {reason}.", reason=reason(error))
    return None
