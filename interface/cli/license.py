"""The license commands: preview and register a license key, show the license, list all keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

import click

from application import answers
from application.files import ask_new
from application.licensing import NeedsConfirmation, Registration
from application.renewal.making import renewal_file
from application.views.day_view import DayView
from application.views.entitlement import RegisteredKey
from application.views.if_nobody_acts import if_nobody_acts
from application.views.license_keys import KeyLine
from application.views.outcome import outcome
from application.views.preview import Preview, PreviewDay
from application.words import nouns, sentences
from application.words.foreseen import of_coming
from application.words.history import doer_of
from application.words.license_keys import of_lost_maintenance, of_status
from application.words.messages import message, plural
from application.words.preview import of_cancelled, of_gaps, of_harms, of_no_way_back, of_preview, of_side
from application.words.registration import of_registration
from domain.license import Period, PeriodStatus
from domain.local_time import shown_at
from domain.login import last_release_covered
from interface.cli.arguments import When, day, license_key_text, when
from interface.cli.database import Opened, open_installation
from interface.cli.new_files import new_file
from interface.cli.output import Group, aligned, echo_json, is_sure, language, say, warn
from interface.cli.source import Source, source


@click.group("license", cls=Group)
def license_() -> None:
    """Preview and register license keys, list them, and show the license."""


@license_.command()
@click.argument("key", metavar="KEY|-")
@click.option("--yes", is_flag=True, help="Do not ask first, whatever the key makes worse.")
def register(key: str, yes: bool) -> None:
    """Register a license key; "-" reads it from standard input.

    It is found in a whole mail, too. On a shared machine, prefer "-": other users can see a
    command's arguments. A key that is refused changes nothing; the attempt is recorded.

    A key that shuts users out, takes an optional product away or shortens cover asks first, and says what it would do;
    without a terminal at which to ask, it is refused (needs_confirmation) unless --yes is given.

    It says which licenses and maintenance periods the key replaces or cancels for good. Warnings, also of what is known
    to go wrong on a later day, stand on standard error.
    """
    at = open_installation()
    registered = _registration(at, license_key_text(key), yes=yes)
    now, license_ = at.now(), registered.key.license
    click.echo(of_registration(license_, now, language(), is_new=registered.is_new))
    if registered.is_new:
        warn(sentences.of_shortenings(outcome(now.view, license_.key_id).shortenings, language()))
    warn(sentences.of_warnings_after_command(now, language()))


def _registration(at: Opened, text: str, *, yes: bool) -> Registration:
    """Register the key; ask at the terminal about what it makes worse, and again if that changes meanwhile.

    Raises NeedsConfirmation where nobody can be asked.
    """
    confirmed: bool | str = yes
    while True:
        try:
            return at.licensing.register_license_key(at.installation_id, text, confirmed=confirmed, by=at.by)
        except NeedsConfirmation as refusal:
            if not sys.stdin.isatty():
                raise
            if confirmed:
                say("What the key would do has changed meanwhile; nothing was changed yet.", err=True)
            click.echo("\n".join(_warned_of(refusal.preview, at)), err=True)
            if not is_sure(language().say("Register the license key all the same?")):
                say("Nothing was changed.", err=True)
                click.get_current_context().exit(1)
            confirmed = refusal.preview.confirmation


@license_.command()
@click.argument("key", metavar="KEY|-")
@click.option("--json", "as_json", is_flag=True, help="Print what POST /api/v1/license-keys/preview answers.")
def preview(key: str, as_json: bool) -> None:
    """Show what a license key would change, day by day, without registering it; "-" reads it from standard input.

    Every day on which anything changes is told as it will be without the key and with it, up to the end of cover, with
    the users of now; then what the key makes worse, and what it cancels for good. Nothing is recorded, also of a key
    that is refused.
    """
    at = open_installation()
    previewed = at.licensing.preview_license_key(at.installation_id, license_key_text(key))
    if as_json:
        echo_json(answers.of_preview(previewed, language()))
        return
    click.echo(of_preview(previewed, language()))
    if not previewed.is_new:
        return
    rows = [row for on in previewed.days for row in _lines_of_day(on)]
    click.echo("\n" + aligned(rows))
    ends_and_gaps = [*of_cancelled(previewed, language()), *of_gaps(previewed, language())]
    if ends_and_gaps:
        click.echo("\n".join(["", *ends_and_gaps]))
    if previewed.is_harmful:
        click.echo("\n".join(["", *_warned_of(previewed, at)]))


def _lines_of_day(on: PreviewDay) -> Iterator[tuple[str, str]]:
    say = language().say
    without_key, with_key = (language().sentences(of_side(each, language())) for each in (on.without_key, on.with_key))
    day = on.day
    if without_key == with_key:
        yield say("{day}, without the key and with it", day=day), with_key
        return
    yield say("{day}, without the key", day=day), without_key
    yield say("{day}, with the key", day=day), with_key


def _warned_of(previewed: Preview, at: Opened) -> list[str]:
    """What the key makes worse, and whom to ask if it turns out to be the wrong one."""
    warnings = [*of_harms(previewed, language()), *of_no_way_back(previewed, language())]
    contact = at.seatledger.settings.vendor_contact
    return [*warnings, language().say("Vendor: {contact}", contact=contact)] if contact else warnings


@license_.command()
@when
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/license answers.")
def show(when: When, source: Source, as_json: bool) -> None:
    """Show the license: Valid, In use, Available, both periods, what comes next, and what will be if nobody acts.

    As of a moment or a day, or at a position of the history, it shows what it showed then. With --export it answers
    from an export, which is verified first, and needs no database.
    """
    on_day = when.answered(source.open())
    if as_json:
        echo_json(answers.of_installation(on_day, language()))
        return
    click.echo(aligned(_lines(on_day)))
    if on_day.clock_day is not None:  # of the past, nobody need be warned
        warn(sentences.of_warnings(on_day, language()))


@license_.command()
@click.argument("release_date", metavar="DATE", type=day)
@when
@source
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def covers(release_date: date, when: When, source: Source, as_json: bool) -> None:
    """Say whether the license covers a version of the product that was released on DATE.

    The exit status is 0 whatever the answer is.
    """
    on_day = when.answered(source.open())
    if as_json:
        echo_json(answers.of_cover(on_day, release_date, language()))
        return
    click.echo(sentences.of_cover(on_day, release_date, language()))
    last_release = last_release_covered(on_day.standing, on_day.time_zone)
    if last_release is not None:
        say("The license in force covers versions released up to {last_release}.", last_release=last_release)
    say("Checked on {day}, at position {position}.", day=on_day.day, position=on_day.position)


@license_.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def request(file: Path) -> None:
    """Write the renewal file for the vendor to FILE: In use at each month's end, the license keys, and the checkpoint.

    It holds no name of any person (docs/renewal.md). A checkpoint is signed first, if anything was recorded since the
    last one. A FILE that is there is refused, and nothing is written.
    """
    ask_new(file)  # before anything is signed
    at = open_installation()
    content = renewal_file(at.licensing, at.seatledger.audit, at.now()).encode()
    with new_file(file) as stream:
        stream.write(content)
    say("The renewal file was written to {file}. Send it to the vendor.", file=str(file))


@license_.command("list")
@when
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/license-keys answers.")
def list_(when: When, source: Source, as_json: bool) -> None:
    """List all license keys in the order of their registration, without their text.

    Of each: what it says, who registered it and when, whether it is in force, coming, over or replaced, and by which.
    As of a moment or a day, or at a position of the history, it lists those of then. With --export it answers from an
    export, which is verified first, and needs no database.
    """
    at = source.open()
    on_day = when.answered(at)
    keys = at.license_keys(on_day)
    if as_json:
        echo_json(answers.of_license_keys(keys, on_day, language()))
        return
    if not keys:
        say("No license key is registered yet.", err=True)
    for number, key in enumerate(keys, 1):
        if number > 1:
            click.echo()
        click.echo(aligned(_lines_of_key(number, key, keys, on_day)))


def _lines_of_key(
    number: int, key: KeyLine, keys: list[KeyLine], on_day: DayView
) -> Iterator[tuple[str, object]]:  # object: a cell of whatever kind
    say = language().say
    license_, event = key.license, key.registration
    yield say("No. {number}", number=number), of_status(key, keys, language())
    yield say("Edition"), license_.edition
    yield say("Licenses"), license_.licenses
    yield say("License period"), _period(license_.license_period, on_day.day)
    lost = of_lost_maintenance(key, keys, language())
    maintenance = _period(license_.maintenance_period, on_day.day)
    yield say("Maintenance period"), say("{period}, {lost}", period=maintenance, lost=lost) if lost else maintenance
    yield say("Optional products"), language().list(license_.optional_products) or say("none")
    issued = shown_at(datetime.fromtimestamp(license_.issued_at, UTC), on_day.time_zone)
    yield say("Issued at"), say("{moment} ({time_zone})", moment=issued, time_zone=on_day.time_zone)
    yield (
        say("Registered on"),
        say(
            "{day} by {who}, event {position}",
            day=key.registered_on,
            who=doer_of(event, on_day.view, language()),
            position=event.originator_version,
        ),
    )
    yield from _of_key(on_day.key_of(license_))


def _lines(on_day: DayView) -> Iterator[tuple[str, object]]:  # object: a cell of whatever kind
    say = language().say
    view, standing = on_day.view, on_day.standing
    yield say("Installation"), view.name
    yield say("Installation's UUID"), view.installation_id
    yield say("Product"), view.product
    yield say("Edition"), standing.edition or say("no license yet")
    yield from _of_key(on_day.key_of(standing.license))
    yield say("Valid"), language().number(standing.valid)
    yield say("In use"), language().number(view.in_use)
    yield say("Available"), language().number(on_day.available)
    yield say("License period"), _period(standing.license_period, on_day.day)
    yield say("Maintenance period"), _period(standing.maintenance, on_day.day)
    yield say("Optional products"), language().list(standing.optional_products) or say("none")
    if standing.covered_until:
        yield say("Covered until"), language().day(standing.covered_until)
    if standing.next:
        coming = standing.next.license
        yield (
            say("Next license"),
            say(
                "{edition}, {licenses}, from {day}",
                edition=coming.edition,
                licenses=nouns.of_licenses(coming, language()),
                day=standing.next.effect_day,
            ),
        )
        yield from _of_key(on_day.key_of(coming))
    where = say(
        "{day} ({time_zone}), at position {position}", day=on_day.day, time_zone=view.time_zone, position=view.position
    )
    yield say("Checked on"), where
    yield from _if_nobody_acts(on_day)


def _if_nobody_acts(on_day: DayView) -> Iterator[tuple[str, str]]:
    """What the calendar alone will begin and end, a line for each day."""
    for first, coming in groupby(if_nobody_acts(on_day), key=lambda one: one.day):
        what = language().sentences(of_coming(one, language()) for one in coming)
        yield language().say("If nobody acts"), language().say("{day}: {what}", day=first, what=what)


def _of_key(key: RegisteredKey | None) -> Iterator[tuple[str, str]]:
    """By what the license key is known that a license was registered with."""
    if key is not None:
        yield language().say("License key’s id"), key.key_id
        yield language().say("Its fingerprint"), key.fingerprint
        yield language().say("Signed with"), key.signing_key_id


STATUSES = {
    PeriodStatus.UPCOMING: message("upcoming"),
    PeriodStatus.ACTIVE: message("active"),
    PeriodStatus.EXPIRED: message("expired"),
}
DAYS_LEFT = plural("{period} ({status}, {number} day left)", "{period} ({status}, {number} days left)")


def _period(period: Period | None, on_day: date) -> str:
    if period is None:
        return language().say("none")
    left, status = period.days_left(on_day), language().say(STATUSES[period.status(on_day)])
    if left is None or left < 0:
        return language().say("{period} ({status})", period=period, status=status)
    return language().say(DAYS_LEFT, period=period, status=status, number=left)
