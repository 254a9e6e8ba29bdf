"""The sign-ins command: the security log, newest first."""

from __future__ import annotations

from datetime import UTC

import click

from application.security_log import SecurityLine
from application.words.messages import message
from application.words.security import of_security_line
from interface.cli.database import open_installation
from interface.cli.output import Translated, aligned, echo_json, language

HEADER = (message("MOMENT"), message("ADDRESS"), message("WHAT"))


@click.command("sign-ins", cls=Translated)
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many lines at most.")
@click.option("--name", help="Only what this administrator or auditor did, and what was done to the account.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def sign_ins(limit: int, name: str | None, as_json: bool) -> None:
    """Show who signed in, failed to and signed out, from which address, and who was given or lost rights.

    Newest first. Lines are kept for SEATLEDGER_SIGN_INS_DAYS days (90 if not set).
    """
    at = open_installation()
    account_id = at.seatledger.accounts.account(at.installation_id, name).account_id if name else None
    page = at.seatledger.security_log.page(at.installation_id, limit=limit, account_id=account_id)
    view = at.now().view
    if as_json:
        echo_json({"sign_ins": [_plain(line) for line in page.lines]})
        return
    rows = [(_moment(line), _address(line), of_security_line(line, view, language())) for line in page.lines]
    if rows:
        click.echo(aligned(rows, [language().say(name) for name in HEADER]))


def _plain(line: SecurityLine) -> dict[str, str | int | None]:
    """A line as JSON has it: of a sign-in its outcome, of an event its name and position."""
    plain: dict[str, str | int | None] = {"recorded_at": line.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if line.sign_in:
        each = line.sign_in
        name = each.name
        plain |= {"outcome": each.outcome.value, "account_id": each.account_id, "name": name, "address": each.address}
    elif line.entry:
        plain |= {"event": line.entry.kind, "by": line.entry.by, "position": line.entry.position}
    return plain


def _moment(line: SecurityLine) -> str:
    return line.moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _address(line: SecurityLine) -> str:
    return line.sign_in.address if line.sign_in else ""
