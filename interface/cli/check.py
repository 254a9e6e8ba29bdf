"""The check command: may this person log in?"""

from __future__ import annotations

from datetime import date

import click

from application import answers
from application.words import sentences
from domain.login import decide
from domain.login_name import shown
from interface.cli.arguments import When, day, when
from interface.cli.output import Translated, echo_json, language, say, warn
from interface.cli.source import Source, source


@click.command(cls=Translated)
@click.argument("login_name", metavar="LOGIN")
@when
@source
@click.option("--release-date", type=day, help="The day on which the product's version that asks was released.")
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/login-check answers.")
def check(login_name: str, when: When, source: Source, release_date: date | None, as_json: bool) -> None:
    """Decide a login, as the gateway would: admit, admin_only or refuse.

    As of a moment or a day, or at a position of the history, it decides as it did then. With --export it answers from
    an export, which is verified first, and needs no database. The exit status is 0 whatever is decided.
    """
    on_day = when.answered(source.open())
    login = decide(on_day, login_name, release_date)
    answer = answers.of_login_check(login, on_day, language(), release_date)
    warn(sentences.of_clock(on_day, language()))
    if login.code == "unknown_user":
        source.tell_of_ids()
    if as_json:
        echo_json(answer)
        return
    click.echo(f"{shown(login.login_name)}: {login.decision.value} ({login.code})")  # codes, in no language
    click.echo(str(answer["message"]))
    say(
        "Valid {valid}, in use {in_use}, available {available}; checked on {day}, at position {position}.",
        valid=on_day.valid,
        in_use=on_day.in_use,
        available=on_day.available,
        day=on_day.day,
        position=on_day.position,
    )
