"""The user commands: add, delete, restore, rename, grant, revoke, undo, erase, list, import."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import click

from application import answers
from application.user_batch import BadName, UsersRefused
from application.user_import import problem_of_name
from application.user_sheet import sheet_of
from application.views.user_list import UserList
from application.words import erasing, renaming, sentences
from application.words.messages import plural
from domain.login_name import shown
from domain.state import User
from interface.cli.arguments import NOW, When, when
from interface.cli.database import Opened, open_installation
from interface.cli.erasure import ask_sure, tell_erased, yes_option
from interface.cli.output import Group, aligned, echo_json, language, say, typed, warn
from interface.cli.source import Source, source
from interface.cli.standard_input import lines
from interface.cli.token import warn_of_leavers
from interface.cli.user_import import import_, warn_of_licenses

if TYPE_CHECKING:
    from application.last_days import Unused


def _login_names(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as they were given, or, for “-”, the lines of standard input."""
    if names == ("-",):
        return tuple(lines())
    if "-" in names:
        raise click.UsageError(language().say("“-” is standard input; give it alone, without other names."))
    return names


def _new_names(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """The same; but what a spreadsheet wrote into standard input becomes nobody's name. Raises UsersRefused."""
    new_names = _login_names(context, parameter, names)
    if names == ("-",):
        bad: list[BadName] = [(shown(name), problem) for name in new_names if (problem := problem_of_name(name))]
        if bad:
            raise UsersRefused.for_names(bad)
    return new_names


_LOGIN_NAMES = click.argument("login_names", metavar="LOGIN...|-", nargs=-1, required=True, callback=_login_names)
_NEW_NAMES = click.argument("login_names", metavar="LOGIN...|-", nargs=-1, required=True, callback=_new_names)


@click.group(cls=Group)
def user() -> None:
    """Add, delete, restore, rename, list and import users.

    Also makes them administrators, and takes that from them. Several names are one command, which is done for all of
    them or for none; “-” reads one name a line from standard input.
    """


@user.command()
@_NEW_NAMES
@click.option("--administrator", is_flag=True, help="With system administrator privileges.")
def add(login_names: tuple[str, ...], administrator: bool) -> None:
    """Add users, also beyond the number of licenses."""
    at, command_id = open_installation(), uuid4()
    changed = at.licensing.add_users(
        at.installation_id, login_names, administrator=administrator, by=at.by, command_id=command_id
    )
    names = _registered_names(at, login_names)
    for name in names:
        say("“{name}” was added.", name=name)
    if administrator:
        _hint_passwords(names)
    warn_of_licenses(at)
    _hint_undo(command_id, login_names, changed)


@user.command()
@_LOGIN_NAMES
def delete(login_names: tuple[str, ...]) -> None:
    """Delete users, which frees licenses. Login names stay taken; the users can be restored."""
    at, command_id = open_installation(), uuid4()
    changed = at.licensing.delete_users(at.installation_id, login_names, by=at.by, command_id=command_id)
    for name in _registered_names(at, login_names):
        say("“{name}” is deleted.", name=name)
    warn_of_leavers(at, *login_names)
    _warn_of_refused_logins(at)
    _hint_undo(command_id, login_names, changed)


@user.command()
@_LOGIN_NAMES
def restore(login_names: tuple[str, ...]) -> None:
    """Restore deleted users, as ordinary ones."""
    at, command_id = open_installation(), uuid4()
    changed = at.licensing.restore_users(at.installation_id, login_names, by=at.by, command_id=command_id)
    for name in _registered_names(at, login_names):
        say("“{name}” is a user.", name=name)
    if changed:
        warn_of_licenses(at)
    else:
        _warn_of_refused_logins(at)
    _hint_undo(command_id, login_names, changed)


@user.command()
@click.argument("login_name", metavar="LOGIN")
@click.argument("new_name", metavar="NEW")
def rename(login_name: str, new_name: str) -> None:
    """Give a user another login name.

    Logins under the old one are refused from then on, so rename the account where people log in at the same time. The
    old name stays taken: nobody else is ever given it, and the user can have it again. The history tells every moment
    with the name of that moment.
    """
    at, command_id = open_installation(), uuid4()
    [name] = _registered_names(at, (login_name,))
    if not at.licensing.rename_user(at.installation_id, login_name, new_name, by=at.by, command_id=command_id):
        say("“{name}” is named that already; nothing was changed.", name=name)
        return
    [now] = _registered_names(at, (new_name,))
    click.echo(renaming.of_renamed(name, now, language()))
    click.echo(renaming.of_logins(name, now, language()), err=True)
    say("To take this back: seatledger user undo {command_id}", err=True, command_id=str(command_id))


@user.command()
@click.argument("login_name", metavar="LOGIN")
@click.option("--free-name", "frees_name", is_flag=True, help="Let the name be given again; else it stays taken.")
@yes_option
def erase(login_name: str, frees_name: bool, yes: bool) -> None:
    """Erase the names of a deleted user, for ever.

    Every screen, answer and export, of now and of then, calls the user “erased person” with four characters; nobody can
    restore this user. The history, the counts and everybody else stay as they were. Asks first. Backups that were made
    before still hold the name.
    """
    at = open_installation()
    account_id = at.licensing.erasing.ask_user(at.installation_id, login_name)
    [name] = _registered_names(at, (login_name,))
    ask_sure(erasing.of_user(name, account_id, language(), frees_name=frees_name), yes=yes)
    erased = at.licensing.erasing.user(at.installation_id, login_name, frees_name=frees_name, by=at.by)
    tell_erased(name, erased)


@user.command()
@_LOGIN_NAMES
def grant(login_names: tuple[str, ...]) -> None:
    """Give users system administrator privileges."""
    at, command_id = open_installation(), uuid4()
    changed = at.licensing.grant_administrators(at.installation_id, login_names, by=at.by, command_id=command_id)
    names = _registered_names(at, login_names)
    for name in names:
        say("“{name}” is an administrator.", name=name)
    _hint_passwords(names)
    _hint_undo(command_id, login_names, changed)


@user.command()
@_LOGIN_NAMES
def revoke(login_names: tuple[str, ...]) -> None:
    """Take system administrator privileges from users.

    Their passwords are gone with them.
    """
    at, command_id = open_installation(), uuid4()
    changed = at.licensing.revoke_administrators(at.installation_id, login_names, by=at.by, command_id=command_id)
    for name in _registered_names(at, login_names):
        say("“{name}” is no administrator.", name=name)
    warn_of_leavers(at, *login_names)
    _hint_undo(command_id, login_names, changed)


@user.command()
@click.argument("undone_id", metavar="COMMAND-ID", type=click.UUID)
def undo(undone_id: UUID) -> None:
    """Take back an import or another command on users.

    An import names the id of its command; “seatledger history --json” has that of every event. The undo is a new
    command: who was added or restored is deleted, who was deleted is restored, who was made an administrator is none
    any more, who was renamed has the name of before, and the reverse. If somebody was changed since, nothing is undone.
    """
    at, command_id = open_installation(), uuid4()
    command = at.licensing.user_command(at.installation_id, undone_id)
    undone = at.licensing.undo(at.installation_id, command, by=at.by, command_id=command_id)
    if undone.deleted:
        say("Deleted: {number}.", number=len(undone.deleted))
    if undone.restored:
        say("Restored: {number}.", number=len(undone.restored))
    if undone.granted:
        say("Administrators again: {number}.", number=len(undone.granted))
    if undone.revoked:
        say("No administrators any more: {number}.", number=len(undone.revoked))
    if undone.renamed:
        say("Named as before: {names}.", names=undone.renamed)
    if undone.were_administrators:
        say(
            "Restored as ordinary users, who had been administrators: {names}. To make them administrators: seatledger "
            "user grant {typed}",
            err=True,
            names=undone.were_administrators,
            typed=typed(*undone.were_administrators),
        )
    _hint_passwords(undone.granted)
    warn_of_leavers(at, *undone.deleted, *undone.revoked)
    if undone.restored:
        warn_of_licenses(at)
    else:
        _warn_of_refused_logins(at)
    say("To take this back: seatledger user undo {command_id}", err=True, command_id=str(command_id))


@user.command("list")
@when
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/users answers, all of it.")
@click.option("--csv", "as_csv", is_flag=True, help="Print those who are present as CSV, which import takes again.")
@click.option(
    "--unused-for",
    metavar="DAYS",
    type=click.IntRange(1, 365),
    help="List who was not there for so many days, as gateways reported it.",
)
def list_(when: When, source: Source, as_json: bool, as_csv: bool, unused_for: int | None) -> None:
    """List all users, deleted ones too, in the order of their names.

    In the table a very long name ends in “…”; --json has all of it, and --csv all of those who are not deleted.

    As of a moment or a day, or at a position of the history, those of then. With --export it answers from an export,
    which is verified first, and needs no database. With --unused-for, those who hold a license and were not there;
    nobody is ever deleted automatically.
    """
    if as_json and as_csv:
        raise click.UsageError(language().say("Give --json or --csv, not both."))
    if unused_for is not None and (when != NOW or source.export is not None):
        text = language().say("--unused-for is about now: give it without --as-of, --position, --on and --export.")
        raise click.UsageError(text)
    at = source.open()
    view = when.answered(at).view
    unused: Unused | None = None
    last_days: dict[str, date] = {}
    if isinstance(at, Opened) and (unused_for is not None or (as_csv and when == NOW)):
        last_days = at.seatledger.last_days.days()
        unused = at.seatledger.last_days.unused(at.installation_id, unused_for) if unused_for is not None else None
    users = UserList().page(view, limit=len(view.users), only=unused and unused.ids).users
    if as_json:
        echo_json({"users": [answers.of_user(user) for user in users], "next": None})
    elif as_csv:
        click.echo("".join(sheet_of((user for user in users if not user.is_deleted), last_days)), nl=False)
    else:
        rows = [[user.login_name, _status(user)] for user in users]
        header = [language().say("LOGIN NAME"), language().say("STATUS")]
        if unused is not None:
            header.append(language().say("LAST SEEN"))
            for row, user in zip(rows, users, strict=True):
                row.append(str(last_days.get(user.user_id, "-")))
        click.echo(aligned(rows, header=header))
    if unused is not None:
        _tell_unused(unused, view.in_use)


def _tell_unused(unused: Unused, in_use: int) -> None:
    number = len(unused.ids)
    say(
        plural("{number} user was not seen for {days} days.", "{number} users were not seen for {days} days."),
        err=True,
        number=number,
        days=unused.days,
    )
    if number:
        say(
            plural(
                "Deleting this user would free a license: In use would be {after} instead of {before}.",
                "Deleting them would free as many licenses: In use would be {after} instead of {before}.",
            ),
            err=True,
            number=number,
            before=in_use,
            after=in_use - number,
        )
    say(
        "Login gateways reported {reported} of these {days} days, {newest} the last. Who was added or restored within "
        "them is not counted.",
        err=True,
        reported=unused.reported,
        days=unused.days,
        newest=unused.newest,
    )


user.add_command(import_)


def _registered_names(at: Opened, login_names: tuple[str, ...]) -> list[str]:
    """The login names as they are registered."""
    now = at.now()
    return [known.login_name if (known := now.user(name)) else name for name in login_names]


def _status(user: User) -> str:
    if user.is_erased:
        return language().say("erased")
    if user.is_deleted:
        return language().say("deleted")
    return language().say("administrator") if user.is_administrator else language().say("user")


def _hint_passwords(login_names: list[str]) -> None:
    for name in login_names:
        say("To sign in, an administrator needs a password: seatledger password {name}", err=True, name=typed(name))


def _hint_undo(command_id: UUID, login_names: tuple[str, ...], changed: int) -> None:
    """How to take several users back at once; of a single one, the opposite command is known."""
    if changed and len(login_names) > 1:
        say("To take this back: seatledger user undo {command_id}", err=True, command_id=str(command_id))


def _warn_of_refused_logins(at: Opened) -> None:
    """Warn of what keeps users from logging in now, such as too few licenses (U4)."""
    warn(sentences.of_logins(at.now(), language()))
