"""The password command: an administrator's or an auditor's, set on the machine itself."""

from __future__ import annotations

import click

from interface.cli.database import open_installation
from interface.cli.new_password import password_stdin, read_password
from interface.cli.output import Translated, say

MACHINE = "machine"
"""Where it was done, in the security log; who did it stands in the history, since no name may stand here (P5)."""


@click.command(cls=Translated)
@click.argument("name", metavar="NAME")
@password_stdin
@click.option("--forget-second-factor", is_flag=True, help="Turn the account's second factor off, too.")
def password(name: str, password_stdin: bool, forget_second_factor: bool) -> None:
    """Set an administrator's or auditor's password.

    Open sessions end. A password has 12 to 128 characters, and is none of those that are guessed first: common ones,
    repetitions, runs on the keyboard, and the names of the product, the installation and the account. The next five
    sign-ins within an hour work whatever somebody guessed before.
    """
    at = open_installation()
    accounts = at.seatledger.accounts
    account = accounts.account(at.installation_id, name)
    view = at.now().view
    new = read_password(view.product, view.name, account.name, from_stdin=password_stdin)
    accounts.set_password_here(at.installation_id, name, new, by=at.by)
    if forget_second_factor:
        accounts.turn_second_factor_off(account, source=MACHINE)
    say("The password of “{name}” was set.", name=account.name)
