"""The user commands: add, delete, restore, grant, revoke, list, import."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from application import answers
from application.user_import import read_csv
from application.views.entitlement import User
from application.words import sentences
from application.words.language import ENGLISH
from interface.cli.columns import aligned
from interface.cli.database import Opened, open_installation
from interface.cli.documents import document
from interface.cli.warnings import warn

_LOGIN = click.argument("login_name", metavar="LOGIN")


@click.group()
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
    click.echo(f"“{_present(at, login_name)}” was added.")
    if administrator:
        _hint_password(login_name)
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def delete(login_name: str) -> None:
    """Delete a user, which frees a license. The login name stays taken; the user can be restored."""
    at = open_installation()
    at.licensing.delete_user(at.installation_id, login_name, by=at.by)
    click.echo(f"“{_present(at, login_name)}” is deleted.")
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def restore(login_name: str) -> None:
    """Restore a deleted user, as an ordinary one."""
    at = open_installation()
    at.licensing.restore_user(at.installation_id, login_name, by=at.by)
    click.echo(f"“{_present(at, login_name)}” is a user.")
    _warn_of_refused_logins(at)


@user.command()
@_LOGIN
def grant(login_name: str) -> None:
    """Give a user system administrator privileges."""
    at = open_installation()
    at.licensing.grant_administrator(at.installation_id, login_name, by=at.by)
    click.echo(f"“{_present(at, login_name)}” is an administrator.")
    _hint_password(login_name)


@user.command()
@_LOGIN
def revoke(login_name: str) -> None:
    """Take a user's system administrator privileges, and the password with them."""
    at = open_installation()
    at.licensing.revoke_administrator(at.installation_id, login_name, by=at.by)
    click.echo(f"“{_present(at, login_name)}” is no administrator.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/users answers, all of it.")
def list_(as_json: bool) -> None:
    """List all users, deleted ones too, in the order of their names."""
    at = open_installation()
    view = at.view()
    users = at.seatledger.directory.page(view, limit=len(view.users)).users
    if as_json:
        click.echo(document({"users": [answers.of_user(user) for user in users], "next": None}))
        return
    click.echo(aligned(((user.login_name, _status(user)) for user in users), header=("LOGIN NAME", "STATUS")))


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
        length=len(lines), label="Importing users", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        done = at.licensing.import_users(at.installation_id, lines, by=at.by, progress=bar.update)
    administrators = sum(line.administrator for line in done.new)
    click.echo(f"Added: {len(done.new)}. There already: {done.present}.")
    if administrators:
        click.echo(f"New administrators: {administrators}. Each needs a password: seatledger password LOGIN", err=True)
    _warn_of_refused_logins(at)


def _present(at: Opened, login_name: str) -> str:
    """The login name as it is registered."""
    known = at.view().user(login_name)
    return known.login_name if known else login_name


def _status(user: User) -> str:
    return "deleted" if user.is_deleted else "administrator" if user.is_administrator else "user"


def _hint_password(login_name: str) -> None:
    click.echo(f"To sign in, an administrator needs a password: seatledger password {login_name}", err=True)


def _warn_of_refused_logins(at: Opened) -> None:
    """Warn of what keeps users from logging in now, such as too few licenses (U4)."""
    warn(warning for warning in sentences.of_warnings(at.now(), ENGLISH) if warning.is_urgent)
