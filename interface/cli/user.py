"""The user commands: add, delete, restore, grant, revoke, list, import."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from application import answers
from application.user_import import read_csv
from application.views.entitlement import User
from application.views.user_list import UserList
from application.words import sentences
from interface.cli.arguments import When, when
from interface.cli.database import Opened, open_installation
from interface.cli.output import Group, aligned, echo_json, language, say, warn
from interface.cli.source import Source, source
from interface.cli.token import warn_of_leaver

_LOGIN = click.argument("login_name", metavar="LOGIN")


@click.group(cls=Group)
def user() -> None:
    """Add, delete, restore, list and import users.

    Also makes them administrators, and takes that from them.
    """


@user.command()
@_LOGIN
@click.option("--administrator", is_flag=True, help="With system administrator privileges.")
def add(login_name: str, administrator: bool) -> None:
    """Add a user, also beyond the number of licenses."""
    at = open_installation()
    at.licensing.add_user(at.installation_id, login_name, administrator=administrator, by=at.by)
    say("“{name}” was added.", name=_registered_name(at, login_name))
    if administrator:
        _hint_password(login_name)
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def delete(login_name: str) -> None:
    """Delete a user, which frees a license. The login name stays taken; the user can be restored."""
    at = open_installation()
    at.licensing.delete_user(at.installation_id, login_name, by=at.by)
    say("“{name}” is deleted.", name=_registered_name(at, login_name))
    warn_of_leaver(at, login_name)
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def restore(login_name: str) -> None:
    """Restore a deleted user, as an ordinary one."""
    at = open_installation()
    at.licensing.restore_user(at.installation_id, login_name, by=at.by)
    say("“{name}” is a user.", name=_registered_name(at, login_name))
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def grant(login_name: str) -> None:
    """Give a user system administrator privileges."""
    at = open_installation()
    at.licensing.grant_administrator(at.installation_id, login_name, by=at.by)
    say("“{name}” is an administrator.", name=_registered_name(at, login_name))
    _hint_password(login_name)


@user.command()
@_LOGIN
def revoke(login_name: str) -> None:
    """Take a user's system administrator privileges, and the password with them."""
    at = open_installation()
    at.licensing.revoke_administrator(at.installation_id, login_name, by=at.by)
    say("“{name}” is no administrator.", name=_registered_name(at, login_name))
    warn_of_leaver(at, login_name)


@user.command("list")
@when
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/users answers, all of it.")
def list_(when: When, source: Source, as_json: bool) -> None:
    """List all users, deleted ones too, in the order of their names.

    As of a moment or a day, or at a position of the history, those of then. With --export it answers from an export,
    which is verified first, and needs no database.
    """
    view = when.answered(source.open()).view
    users = UserList().page(view, limit=len(view.users)).users
    if as_json:
        echo_json({"users": [answers.of_user(user) for user in users], "next": None})
        return
    click.echo(
        aligned(
            ((user.login_name, _status(user)) for user in users),
            header=(language().say("LOGIN NAME"), language().say("STATUS")),
        )
    )


@user.command("import")
@click.argument("file", metavar="FILE.csv|-", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the users of a CSV file, or none of them if a line is wrong.

    The file is UTF-8 and begins with the header "login_name" or "login_name,administrator"; administrator is true,
    false or empty. Users who are there already are skipped. Running it again adds nothing twice.
    """
    at = open_installation()
    lines = read_csv(file.read())
    with click.progressbar(
        length=len(lines), label=language().say("Importing users"), file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        report = at.licensing.import_users(at.installation_id, lines, by=at.by, progress=bar.update)
    administrators = sum(line.administrator for line in report.new)
    say("Added: {new}. There already: {present}.", new=len(report.new), present=report.present)
    if administrators:
        say(
            "New administrators: {number}. Each needs a password: seatledger password LOGIN",
            err=True,
            number=administrators,
        )
    _warn_of_refused_logins(at)


def _registered_name(at: Opened, login_name: str) -> str:
    """The login name as it is registered."""
    user = at.now().user(login_name)
    return user.login_name if user else login_name


def _status(user: User) -> str:
    if user.is_deleted:
        return language().say("deleted")
    return language().say("administrator") if user.is_administrator else language().say("user")


def _hint_password(login_name: str) -> None:
    say("To sign in, an administrator needs a password: seatledger password {name}", err=True, name=login_name)


def _warn_of_refused_logins(at: Opened) -> None:
    """Warn of what keeps users from logging in now, such as too few licenses (U4)."""
    warn(warning for warning in sentences.of_warnings(at.now(), language()) if warning.is_urgent)
