"""The token commands: API tokens for gateways, scripts and monitoring."""

from __future__ import annotations

from datetime import date

import click

from application.views.entitlement import Token
from application.words.messages import message
from interface.cli.database import open_installation
from interface.cli.output import Group, aligned, language, say

HEADER = (
    message("ID"),
    message("NAME"),
    message("SCOPES"),
    message("MADE ON"),
    message("EXPIRES AFTER"),
    message("STATUS"),
)


@click.group(cls=Group)
def token() -> None:
    """Make, list and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="Once for each: login-check, license, users, audit."
)
@click.option("--expires", type=int, metavar="DAYS", help="Days from today; without it the token does not expire.")
def create(name: str, scopes: tuple[str, ...], expires: int | None) -> None:
    """Make a token and print it, and nothing else, on standard output: it cannot be shown again."""
    at = open_installation()
    token_ = at.licensing.create_token(at.installation_id, name, scopes, expires_after=expires, by=at.by)
    try:
        click.echo(token_.text)
    except OSError:  # nobody has seen it, and nobody ever can
        at.licensing.revoke_token(at.installation_id, token_.token_id, by=at.by)
        say("The token could not be shown, so it was revoked again.", err=True)
        raise


@token.command("list")
def list_() -> None:
    """List all tokens, without their secrets."""
    at = open_installation()
    now = at.now()
    view, today = now.view, now.day
    tokens = sorted(view.tokens.values(), key=lambda token: (token.created_on, token.name, token.token_id))
    rows = [
        (
            token.token_id,
            token.name,
            ",".join(token.scopes),
            token.created_on,
            token.expires_on or language().say("never"),
            state,
        )
        for token in tokens
        for state in [_status(token, today)]
    ]
    click.echo(aligned(rows, header=[language().say(name) for name in HEADER]))


@token.command()
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> None:
    """Revoke a token, at once and for good."""
    at = open_installation()
    at.licensing.revoke_token(at.installation_id, token_id, by=at.by)
    say("The token {token_id} is revoked.", token_id=token_id)


def _status(token: Token, today: date) -> str:
    if token.is_revoked:
        return language().say("revoked")
    return language().say("good") if token.is_good(today) else language().say("expired")
