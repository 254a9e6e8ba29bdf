"""The doctor command: everything that this machine can know about its installation, and how to mend what is wrong."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version

import click

from application.examination import LogContradicted
from application.log.failures import LogUnreadable, NoInstallation, database_errors, reason
from application.proof.notes import LogKeyUnusable, load_log_key
from application.self_checks import Finding, Severity, of_schema
from application.self_checks.finding import alarm, warning
from application.words.findings import answers, in_words
from domain.refusals import Refused
from interface.cli.database import ask_initialized, composed
from interface.cli.output import Translated, aligned, document, language
from interface.settings import Settings, SettingsInvalid

ABOUT = (
    "settings",
    "database",
    "schema",
    "files",
    "keys",
    "keyring",
    "registrations",
    "leaves",
    "history",
    "clock",
)
"""What is looked at, in this order; the names are in no language, as codes are."""


@click.command(cls=Translated)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at everything that this machine can know about its installation, and say how to mend what is wrong.

    Database, clock, keys and the modes of their files, keyring, leaves, signatures, schema, triggers, versions. Looks
    at the whole history. Exit status: 0 nothing wrong, or warnings alone; 1 something is wrong.
    """
    settings = Settings.from_environment()
    findings = _distinct(_findings(settings))
    is_wrong = any(finding.severity is Severity.ALARM for finding in findings)
    click.echo(document(_answer(settings, findings)) if as_json else _lines(settings, findings))
    context.exit(1 if is_wrong else 0)


def _distinct(findings: Iterator[Finding]) -> list[Finding]:
    """Each finding once, though two looks may have met it."""
    once: list[Finding] = []
    for finding in findings:
        if finding not in once:
            once.append(finding)
    return once


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _of_settings(settings)
    try:
        ask_initialized(settings)
        # Before the program is wired, which puts back what is missing.
        yield from of_schema(settings.log)
        yield from _of_installation(settings)
    except SettingsInvalid as invalid:
        yield alarm("setting_unusable", "database", problem=invalid.problem)
    except NoInstallation:
        yield alarm("no_installation", "database")
    except LogUnreadable as unreadable:
        yield alarm("log_unreadable", "history", position=unreadable.position, problem=unreadable.problem)
    except database_errors() as error:
        yield alarm("check_failed", "database", reason=reason(error))


def _of_settings(settings: Settings) -> Iterator[Finding]:
    """The secret, which only `serve` needs, and the log key, without which no checkpoint is signed."""
    try:
        settings.secret_key()
    except SettingsInvalid as invalid:
        tell = warning if settings.secret_key_file is None else alarm
        yield tell("setting_unusable", "settings", problem=invalid.problem)
    try:
        load_log_key(settings.log_key_path)
    except LogKeyUnusable as unusable:
        yield warning("log_key_unusable", "keys", problem=unusable.facts["problem"])
    except SettingsInvalid:
        return  # said of the database


def _of_installation(settings: Settings) -> Iterator[Finding]:
    seatledger = composed(settings)
    id_ = seatledger.installation_id
    seatledger.licensing.now(id_)
    try:
        seatledger.audit.examine(id_, pause=lambda: None)
    except LogContradicted as contradicted:
        yield alarm("log_contradicted", "leaves", problem=contradicted.facts["problem"])
    except Refused as refused:
        yield alarm("check_failed", "leaves", reason=refused.code)
    yield from seatledger.self_checks.findings(id_)


def _answer(settings: Settings, findings: list[Finding]) -> dict[str, object]:  # object: any fact of a message
    return {
        "result": _worst(findings),
        "checks": {about: _worst([each for each in findings if each.about == about]) for about in ABOUT},
        "findings": answers(findings, language()),
        "versions": _versions(settings),
    }


def _lines(settings: Settings, findings: list[Finding]) -> str:
    """A line for each check that has nothing to say, and for each finding two: what is wrong, and what mends it."""
    rows: list[tuple[str, str, str]] = []
    for about in ABOUT:
        of_this = [each for each in findings if each.about == about]
        rows += [(each.severity.value, about, text) for each in of_this for text in in_words(each, language())]
        if not of_this:
            rows.append(("ok", about, ""))
    rows += [("ok", name, number) for name, number in _versions(settings).items()]
    return aligned(rows)


def _worst(findings: list[Finding]) -> str:
    severities = {each.severity for each in findings}
    return next((each.value for each in (Severity.ALARM, Severity.WARNING) if each in severities), "ok")


def _versions(settings: Settings) -> dict[str, str]:
    versions = {name: version(name) for name in ("seatledger", "eventsourcing", "granian")}
    try:
        engine, _, number = settings.log.engine_version().partition(" ")
    except SettingsInvalid:
        return {**versions, "python": platform.python_version()}
    return {**versions, "python": platform.python_version(), engine.lower(): number}
