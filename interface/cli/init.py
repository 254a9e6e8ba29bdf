"""The init command: makes the database of an installation, with its first administrator."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import click

from application.credentials.tables import create_tables
from application.licensing import AlreadyOpened, new_installation
from application.log.failures import NoInstallation
from application.log.schema import VERSION
from application.permissions import barrier, is_there
from application.proof.notes import LogKeyUnusable, create_log_key, load_log_key, publish_vkey
from application.signer_memory import SignerMemory
from application.words.messages import message
from domain.installation import Stamp
from domain.refusals import Problem
from interface.cli.database import ask_initialized, by_os_user, composed
from interface.cli.new_password import password_stdin, read_password
from interface.cli.output import Translated, say
from interface.composition import system_clock
from interface.settings import Settings, SettingsInvalid


@click.command(cls=Translated)
@click.option("--name", required=True, help="What people call this installation, such as “Example Ltd, Berlin”.")
@click.option("--product", required=True, help="The product's name as license keys spell it.")
@click.option("--time-zone", required=True, help="Decides when a day begins: Europe/Berlin, Asia/Tokyo, UTC.")
@click.option("--admin", metavar="LOGIN", required=True, help="The first administrator's login name.")
@password_stdin
def init(name: str, product: str, time_zone: str, admin: str, password_stdin: bool) -> None:
    """Make the database of an installation.

    Adds its first administrator, and prints the installation's UUID, to which the vendor can bind license keys. The
    database is SEATLEDGER_DATABASE.
    """
    settings, by = Settings.from_environment(), by_os_user()
    database, log_key = settings.log, settings.log_key_path
    _ask_free(settings)
    is_new_key = _ask_log_key(log_key)
    new_installation(name, product, time_zone, admin, Stamp(by, uuid4(), system_clock()))
    password = read_password(product, name, admin, from_stdin=password_stdin)
    with ExitStack() as undo:  # whatever goes wrong, nothing is left half-made
        try:
            database.make(create_tables)
        except OSError as error:
            problem = database.barrier() or error.strerror
            raise SettingsInvalid(Problem("cannot_be_made", place=str(database.place), reason=problem)) from None
        undo.callback(database.remove)
        if is_new_key:
            create_log_key(log_key)
            undo.callback(log_key.unlink)
        seatledger = composed(settings)
        undo.callback(seatledger.close)
        installation_id = seatledger.licensing.open_installation(name, product, time_zone, admin, by=by)
        account = seatledger.accounts.account(installation_id, admin)
        seatledger.accounts.set_password(installation_id, account, password, how="machine", by=by)
        undo.pop_all()
    _publish_log_key(log_key, seatledger.audit.public_key(installation_id), is_new=is_new_key)
    click.echo(installation_id)


def _ask_log_key(path: Path) -> bool:
    """Whether the log key is to be made; one that is there is used again, if nothing was signed with it (ADR 33).

    Raises LogKeyUnusable.
    """
    memory = SignerMemory.beside(path).path
    if is_there(memory):
        raise LogKeyUnusable(problem=Problem("log_key_has_signed", path=str(path), memory=str(memory)))
    if is_there(path):
        load_log_key(path)
        return False
    if problem := barrier(path, writing=True):
        raise LogKeyUnusable(problem=problem)
    return True


def _publish_log_key(log_key: Path, vkey: str, *, is_new: bool) -> None:
    """Lay the public log key beside the log key, and say where; the installation is there, whatever comes of it."""
    try:
        published = publish_vkey(log_key, vkey)
    except OSError as error:
        say("Warning: the public log key could not be written: {reason}.", err=True, reason=error.strerror)
        return
    text = message("For auditors to keep elsewhere: {published}")
    if not is_new:
        text = message("The log key {log_key} was there and is used again. For auditors to keep elsewhere: {published}")
    say(text, err=True, log_key=str(log_key), published=str(published))


def _ask_free(settings: Settings) -> None:
    """Look that there is no installation yet; of two who run `init` at once, the one who makes the file goes on.

    Raises AlreadyOpened; SettingsInvalid if there is a file without an installation, which may be anything.
    """
    database = settings.log
    if not database.exists():
        return
    try:
        ask_initialized(settings)
    except NoInstallation:
        if database.path is None and database.schema_version() == VERSION:
            return  # `migrate` made the schema on the server
        raise SettingsInvalid(Problem("database_holds_nothing", place=str(database.place))) from None
    seatledger = composed(settings)
    view = seatledger.licensing.now(seatledger.installation_id).view
    raise AlreadyOpened(name=view.name, installation_id=str(view.installation_id))
