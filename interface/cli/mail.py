"""The mail command: whether warnings would arrive."""

from __future__ import annotations

import click

from interface.cli.database import open_installation
from interface.cli.output import Group, language, say


@click.group(cls=Group)
def mail() -> None:
    """Mail what administrators are warned of (docs/configuration.md#mail).

    A server sends each stage of a warning once, to the addresses of SEATLEDGER_MAIL_TO.
    """


@mail.command()
def test() -> None:
    """Send a test now, from this machine, and say whether the mail server took it."""
    at = open_installation()
    addresses = at.seatledger.mail.test(at.installation_id)
    say("The mail server took the test. Look whether it arrives: {addresses}", addresses=language().list(addresses))
