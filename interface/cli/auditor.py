"""The auditor commands: add, remove, erase and list those who read everything and change nothing."""

from __future__ import annotations

import click

from application.accounts import account_of
from application.words import erasing
from domain.state import Auditor
from interface.cli.database import Opened, open_installation
from interface.cli.erasure import ask_sure, tell_erased, yes_option
from interface.cli.output import Group, aligned, language, say, typed
from interface.cli.token import warn_of_leavers

_NAME = click.argument("name", metavar="NAME")


@click.group(cls=Group)
def auditor() -> None:
    """Add, remove, erase and list auditors.

    They read everything and change nothing; they take no license.
    """


@auditor.command()
@_NAME
def add(name: str) -> None:
    """Add an auditor, who takes no license."""
    at = open_installation()
    at.licensing.add_auditor(at.installation_id, name, by=at.by)
    say("The auditor “{name}” was added.", name=_registered_name(at, name))
    say("To sign in, an auditor needs a password: seatledger password {name}", err=True, name=typed(name))


@auditor.command()
@_NAME
def remove(name: str) -> None:
    """Remove an auditor. The name is never given again."""
    at = open_installation()
    at.licensing.remove_auditor(at.installation_id, name, by=at.by)
    say("The auditor “{name}” is removed.", name=_registered_name(at, name))
    warn_of_leavers(at, name)


@auditor.command()
@_NAME
@yes_option
def erase(name: str, yes: bool) -> None:
    """Erase the name of a removed auditor, for ever.

    Every screen, answer and export, of now and of then, calls the auditor “erased person” with four characters. The
    history stays as it was. Asks first. Backups that were made before still hold the name.
    """
    at = open_installation()
    account_id = at.licensing.erasing.ask_auditor(at.installation_id, name)
    registered = _registered_name(at, name)
    ask_sure(erasing.of_auditor(registered, account_id, language()), yes=yes)
    tell_erased(registered, at.licensing.erasing.auditor(at.installation_id, name, by=at.by))


@auditor.command("list")
def list_() -> None:
    """List all auditors, removed ones too."""
    at = open_installation()
    auditors = sorted(at.now().view.auditors.values(), key=lambda auditor: (auditor.login_key, auditor.auditor_id))
    click.echo(
        aligned(
            [(auditor.name, _status(at, auditor)) for auditor in auditors],
            header=(language().say("NAME"), language().say("STATUS")),
        )
    )


def _registered_name(at: Opened, name: str) -> str:
    """The auditor's name as it is registered."""
    auditor = at.now().view.auditor(name)
    return auditor.name if auditor else name


def _status(at: Opened, auditor: Auditor) -> str:
    if auditor.is_erased:
        return language().say("erased")
    account = account_of(at.now().view, auditor.auditor_id)
    if account is None:
        return language().say("removed")
    has_one = at.seatledger.accounts.has_password(account)
    return language().say("auditor") if has_one else language().say("auditor without a password")
