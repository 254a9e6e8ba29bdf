"""What the command line says of what whoever runs the machine must mend."""

from __future__ import annotations

from application.log import SchemaUnfit, UrlInvalid
from application.log.failures import DatabaseUnusable, LogUnreadable, database_errors, reason
from domain.refusals import Problem
from interface.cli.output import language
from interface.settings import SettingsInvalid


def line_about(error: Exception) -> str | None:
    """The line for standard error; None for a bug, which stays a traceback."""
    say = language().say
    if isinstance(error, SettingsInvalid):
        return say("Error: {sentence}", sentence=error.sentence(language()))
    if isinstance(error, SchemaUnfit | UrlInvalid):
        return say("Error: {sentence}", sentence=language().clause(error.problem))
    if isinstance(error, DatabaseUnusable):
        problem = Problem("database_unusable", place=error.place, reason=error.reason)
        return say("Error: {sentence}", sentence=language().clause(problem))
    if isinstance(error, LogUnreadable):
        return say("Error: Event {position} {problem}", position=error.position, problem=error.problem)
    if isinstance(error, database_errors()):
        return say("Error: The database cannot be used: {reason}.", reason=reason(error))
    return None
