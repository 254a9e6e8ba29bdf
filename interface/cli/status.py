"""The status command: one line as monitoring plugins give it, with an exit status that monitoring understands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from application.log import DatabaseUnusable
from application.log.failures import LogUnreadable, database_errors, reason
from application.self_checks import Severity
from application.self_checks.status import CHECKPOINT_AGE, Limits, Status, status_of
from application.words.findings import answers, in_words
from application.words.nouns import LICENSES, USERS
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.cli.database import Opened, open_installation
from interface.cli.output import Translated, document, language
from interface.settings import SettingsInvalid

STATES = {None: ("OK", 0), Severity.WARNING: ("WARNING", 1), Severity.ALARM: ("CRITICAL", 2)}
"""As Nagios and its kin name them, and their exit statuses."""

UNKNOWN = ("UNKNOWN", 3)


@click.command(cls=Translated)
@click.option("--warning-days", type=click.IntRange(0), default=30, show_default=True, help="Days left that warn.")
@click.option("--critical-days", type=click.IntRange(0), default=7, show_default=True, help="Days left that alarm.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(context: click.Context, warning_days: int, critical_days: int, as_json: bool) -> None:
    """Say how the installation is, for monitoring.

    One line first, as Nagios plugins give it, then a line for each thing that is wrong. Exit status: 0 OK, 1 warning,
    2 critical, 3 when nothing can be read.
    """
    try:
        now = _status(open_installation(), Limits(warning_days, critical_days))
    except _unreadable() as error:
        name, code = UNKNOWN
        answer = {"state": name.lower(), "message": _why(error)}
        click.echo(document(answer) if as_json else f"SEATLEDGER {name} - {_why(error)}")
        context.exit(code)
    name, code = STATES[now.severity]
    if as_json:
        click.echo(document(_answer(now, name)))
    else:
        click.echo("\n".join(_lines(now, name, Limits(warning_days, critical_days))))
    context.exit(code)


def _unreadable() -> tuple[type[Exception], ...]:
    return (SettingsInvalid, Refused, LogUnreadable, DatabaseUnusable, *database_errors())


def _status(at: Opened, limits: Limits) -> Status:
    audit, id_ = at.seatledger.audit, at.installation_id
    return status_of(
        at.now(),
        now=at.seatledger.clock(),
        newest_checkpoint=audit.newest_moment(id_),
        has_grown=audit.has_grown(id_),
        findings=at.seatledger.self_checks.findings(id_),
        limits=limits,
    )


def _why(error: Exception) -> str:
    """What keeps it from being read, in one line."""
    match error:
        case SettingsInvalid():
            return error.sentence(language())
        case Refused():
            return sentence(error, language())
        case LogUnreadable():
            return language().say("Event {position} {problem}", position=error.position, problem=error.problem)
    return language().say("The database cannot be used: {reason}.", reason=reason(error))


def _lines(now: Status, name: str, limits: Limits) -> Iterator[str]:
    texts = [in_words(finding, language()) for finding in now.findings]
    text = language().say(
        "{users}, {licenses}",
        users=language().count(now.in_use, USERS),
        licenses=language().count(now.valid, LICENSES),
    )
    first = language().sentences([language().sentence(text), *(each.wrong for each in texts)]) if texts else text
    # A bar begins the numbers; names of tokens may have one.
    yield f"SEATLEDGER {name} - {first.replace('|', '/')} | {' '.join(_numbers(now, limits))}"
    for each in texts:
        yield f"{each.wrong} {each.mend}".replace("|", "/")


def _numbers(now: Status, limits: Limits) -> Iterator[str]:
    """Label=value;warning;critical;least, as monitoring keeps and draws them."""
    days = f"{limits.warning_days + 1}:;{limits.critical_days + 1}:"
    yield f"licenses={now.valid};;;0"
    yield f"users={now.in_use};;{now.valid};0"
    if now.license_days is not None:
        yield f"license_days={now.license_days};{days}"
    if now.maintenance_days is not None:
        yield f"maintenance_days={now.maintenance_days};{limits.warning_days + 1}:"
    yield f"tokens_ending={len(now.tokens_ending)};0;;0"
    if now.checkpoint_age is not None:
        seconds, most = int(now.checkpoint_age.total_seconds()), int(CHECKPOINT_AGE.total_seconds())
        yield f"checkpoint_age={seconds}s;{most if now.is_checkpoint_due else ''};;0"
    yield f"findings={len(now.findings)};0;;0"


def _answer(now: Status, name: str) -> dict[str, object]:  # object: any fact of a message
    age = now.checkpoint_age
    return {
        "state": name.lower(),
        "valid": now.valid,
        "in_use": now.in_use,
        "license_covered_until": now.license_until.isoformat() if now.license_until else None,
        "license_days_left": now.license_days,
        "maintenance_covered_until": now.maintenance_until.isoformat() if now.maintenance_until else None,
        "maintenance_days_left": now.maintenance_days,
        "tokens_ending": [
            {"name": token.name, "expires_on": token.expires_on.isoformat() if token.expires_on else None}
            for token in now.tokens_ending
        ],
        "checkpoint_age_seconds": None if age is None else int(age.total_seconds()),
        "findings": answers(now.findings, language()),
    }
