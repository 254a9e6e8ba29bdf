"""The token commands: API tokens for gateways, scripts and monitoring."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from application import answers
from application.licensing import NewToken
from application.views import tokens
from application.views.tokens import TokenLine
from application.words import sentences
from application.words.history import who
from application.words.messages import message
from application.words.tokens import STATUSES, of_leaver
from domain.refusals import Refused
from interface.cli.database import Opened, open_installation
from interface.cli.output import Group, aligned, echo_json, language, say, warn

HEADER = (
    message("ID"),
    message("NAME"),
    message("SCOPES"),
    message("MADE ON"),
    message("MADE BY"),
    message("LAST USED"),
    message("EXPIRES AFTER"),
    message("STATUS"),
)


class TokenNotPrinted(Refused):
    """A new token could not be written to standard output, so nobody has seen it."""

    code = "token_not_printed"


@click.group(cls=Group)
def token() -> None:
    """Make, list, replace and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="Once for each: login-check, license, users, administrators, audit, snapshot.",
)
@click.option("--expires", type=int, metavar="DAYS", help="Days from today; without it the token does not expire.")
def create(name: str, scopes: tuple[str, ...], expires: int | None) -> None:
    """Make a token and print it, and nothing else, on standard output: it cannot be shown again."""
    at = open_installation()
    _print(at.licensing.create_token(at.installation_id, name, scopes, expires_after=expires, by=at.by), at)
    if expires is not None:
        warn(sentences.of_clock(at.now(), language()))


@token.command()
@click.argument("token_id", metavar="ID")
def replace(token_id: str) -> None:
    """Make a token with the name and scopes of another one, good for as many days, and print it alone.

    The other one works until it is revoked, so no program has to stop meanwhile.
    """
    at = open_installation()
    _print(at.licensing.replace_token(at.installation_id, token_id, by=at.by), at)
    say(
        "The old token works until you revoke it: seatledger token revoke {token_id}",
        err=True,
        token_id=token_id,
    )


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with days and ids as they are.")
def list_(as_json: bool) -> None:
    """List all tokens, without their secrets."""
    at = open_installation()
    now = at.now()
    lines = tokens.lines(now, at.seatledger.token_uses.days())
    makers = [who(line.token.by, now.view, language()) for line in lines]
    if as_json:
        echo_json({"tokens": list(map(answers.of_token, lines, makers))})
        return
    rows = map(_row, lines, makers)
    click.echo(aligned(rows, header=[language().say(name) for name in HEADER]))
    warn([*sentences.of_clock(now, language()), *sentences.of_token_ends(now, language())])


@token.command()
@click.argument("token_ids", metavar="ID...", nargs=-1, required=True)
def revoke(token_ids: tuple[str, ...]) -> None:
    """Revoke tokens, at once and for good: all of them, or none if one is unknown."""
    at = open_installation()
    at.licensing.revoke_token(at.installation_id, *token_ids, by=at.by)
    for token_id in token_ids:
        say("The token {token_id} is revoked.", token_id=token_id)


def warn_of_leavers(at: Opened, *names: str) -> None:
    """On standard error, the tokens that those leave behind who have no right any more, and how to revoke them."""
    now = at.now()
    for account_id in filter(None, map(now.view.account_id, names)):
        warned = of_leaver(account_id, now, language())
        warn(warned)
        if warned:
            ids = " ".join(token.token_id for token in tokens.working_tokens_of(account_id, now))
            say("To revoke: seatledger token revoke {ids}", err=True, ids=ids)


def _row(line: TokenLine, maker: str) -> tuple[object, ...]:  # object: a cell of whatever kind
    token, say = line.token, language().say
    return (
        token.token_id,
        token.name,
        ",".join(token.scopes),
        token.created_on,
        say("{name}, who has left", name=maker) if line.maker_has_left else maker,
        line.last_used_on or say("not yet"),
        token.expires_on or say("never"),
        say(STATUSES[line.status]),
    )


def _print(new: NewToken, at: Opened) -> None:
    """Print the token alone; one that nobody can have seen is revoked (C-11). Raises TokenNotPrinted."""
    try:
        if sys.stdout is None:  # closed by whoever started us, of which click says nothing
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        click.echo(new.text)
    except OSError as error:
        at.licensing.revoke_token(at.installation_id, new.token_id, by=at.by)
        _forget_what_was_not_printed()
        raise TokenNotPrinted(reason=error.strerror or str(error)) from error


def _forget_what_was_not_printed() -> None:
    """Lead standard output nowhere: what is left in its buffer would fail once more, with a traceback, at our end."""
    with suppress(OSError, ValueError, AttributeError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
