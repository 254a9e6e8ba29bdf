"""The license commands: register a license key, show the license."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from application import answers
from application.views.day_view import DayView
from application.words import sentences
from application.words.language import ENGLISH
from domain.license import Period
from interface.cli.columns import aligned
from interface.cli.database import open_installation
from interface.cli.documents import document
from interface.cli.values import license_key_text
from interface.cli.warnings import warn
from interface.cli.when import When, when


@click.group("license")
def license_() -> None:
    """Register license keys and show the license."""


@license_.command()
@click.argument("key", metavar="KEY|-")
def register(key: str) -> None:
    """Register a license key; "-" reads it from standard input.

    Line breaks, blanks, quotes and mail quoting are taken away. On a shared machine, prefer "-": other users can see
    a command's arguments. A key that is refused changes nothing; the attempt is recorded.
    """
    at = open_installation()
    registered = at.licensing.register_license_key(at.installation_id, license_key_text(key), by=at.by)
    now = at.now()
    turn = answers.turn_of(registered, now)
    click.echo(sentences.of_registration(turn, now.standing, ENGLISH, is_new=registered.is_new))
    warn(sentences.of_warnings(now, ENGLISH))


@license_.command()
@when
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/license answers.")
def show(when: When, as_json: bool) -> None:
    """Show the license: Valid, In use, Available, both periods, and what comes next.

    As of a moment, or at a position of the history, it shows what it showed then.
    """
    on_day = when.answered(open_installation())
    if as_json:
        click.echo(document(answers.of_installation(on_day)))
        return
    click.echo(aligned(_lines(on_day)))
    if not when.is_past:
        warn(sentences.of_warnings(on_day, ENGLISH))


def _lines(on_day: DayView) -> Iterator[tuple[str, object]]:
    view, standing = on_day.view, on_day.standing
    license_period = standing.license.license_period if standing.license else None
    yield "Installation", view.name
    yield "Installation's UUID", view.installation_id
    yield "Product", view.product
    yield "Edition", standing.edition or "no license yet"
    yield "Valid", standing.valid
    yield "In use", view.in_use
    yield "Available", on_day.available
    yield "License period", _period(license_period, on_day.day)
    yield "Maintenance period", _period(standing.maintenance, on_day.day)
    yield "Optional products", ", ".join(standing.optional_products) or "none"
    if standing.covered_until:
        yield "Covered until", standing.covered_until
    if standing.next:
        coming = standing.next.license
        yield (
            "Next license",
            f"{coming.edition}, {sentences.of_licenses(coming, ENGLISH)}, from {standing.next.effect_day}",
        )
    yield "Checked on", f"{on_day.day} ({view.time_zone}), at position {view.position}"


def _period(period: Period | None, on_day: date) -> str:
    if period is None:
        return "none"
    left = period.days_left(on_day)
    days = "" if left is None or left < 0 else ", 1 day left" if left == 1 else f", {left} days left"
    return f"{ENGLISH.period(period)} ({period.status(on_day).value}{days})"
