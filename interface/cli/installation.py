"""The commands that set an installation up and run it: init, serve, demo."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import click

from application.licensing import AlreadyOpened, new_installation
from application.log.failures import NoInstallation
from application.proof.notes import LogKeyUnusable, create_log_key, load_log_key, publish_vkey
from application.words.messages import message
from application.words.refusals import sentence
from domain.installation import Stamp
from domain.refusals import Problem
from interface.cli.arguments import password_stdin, read_password
from interface.cli.database import ask_initialized, by_os_user, composed
from interface.cli.output import Translated, language, say
from interface.composition import system_clock
from interface.settings import Settings, SettingsInvalid

_PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)


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
    password = read_password(from_stdin=password_stdin)
    with ExitStack() as undo:  # whatever goes wrong, nothing is left half-made
        try:
            database.make()
        except OSError as error:
            raise SettingsInvalid(Problem("cannot_be_made", place=str(database.place), reason=error.strerror)) from None
        undo.callback(database.remove)
        if is_new_key:
            create_log_key(log_key)
            undo.callback(log_key.unlink)
        seatledger = composed(settings)
        undo.callback(seatledger.close)
        installation_id = seatledger.licensing.open_installation(name, product, time_zone, admin, by=by)
        account = seatledger.accounts.account(installation_id, admin)
        seatledger.accounts.set_password(installation_id, account, password, by=by)
        undo.pop_all()
    _publish_log_key(log_key, seatledger.audit.public_key(installation_id), is_new=is_new_key)
    click.echo(installation_id)


@click.command(cls=Translated)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@_PORT
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A line for every request.")
def serve(host: str, port: int, workers: int, access_log: bool) -> None:
    """Serve the pages and the API.

    Runs until SIGTERM or Ctrl-C; requests in flight are finished. Speaks plain HTTP and belongs behind a TLS proxy:
    browsers send its cookies back over HTTPS alone. Needs SEATLEDGER_SECRET_KEY_FILE and SEATLEDGER_KEYRING.
    """
    from interface import server  # imported here: no other command needs the web's libraries

    settings = Settings.from_environment()
    ask_initialized(settings)
    server.ask_ready(settings)
    try:
        load_log_key(settings.log_key_path)
    except LogKeyUnusable as problem:  # logins matter more
        say(
            "Warning ({code}): {sentence} Until then, no checkpoints are signed.",
            err=True,
            code=problem.code,
            sentence=sentence(problem, language()),
        )
    server.serve(
        server.Serving(settings, host, port, workers, access_log=access_log),
        ready=lambda address: say("Seatledger is ready at {address}", err=True, address=address),
    )


@click.command(cls=Translated)
@_PORT
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Where the demo keeps its data, and finds them again.",
)
def demo(port: int, data: Path) -> None:
    """Try Seatledger, all in one.

    Makes a vendor, an installation and users, and serves them. Prints how to sign in, a license key to paste, and a
    login check to send. On plain HTTP, for this machine alone.
    """
    from interface import demo as demonstration
    from interface import server

    server.address_of("127.0.0.1", port)
    found = demonstration.found_or_made(data)
    serving = server.Serving(found.settings, "127.0.0.1", port, workers=1, access_log=False, https=False)
    server.serve(serving, ready=lambda address: click.echo(demonstration.instructions(found, address, language())))


def _ask_log_key(path: Path) -> bool:
    """Whether the log key is to be made; one that is there is used again. Raises LogKeyUnusable."""
    if path.exists():
        load_log_key(path)
        return False
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        raise LogKeyUnusable(problem=Problem("directory_not_writable", path=str(path)))
    return True


def _publish_log_key(log_key: Path, vkey: str, *, is_new: bool) -> None:
    """Lay the public log key beside the log key, and say where; the installation is there, whatever comes of it."""
    try:
        published = publish_vkey(log_key, vkey)
    except OSError as error:
        say("Warning: the public log key could not be written: {reason}.", err=True, reason=error.strerror)
        return
    said = message("For auditors to keep elsewhere: {published}")
    if not is_new:
        said = message("The log key {log_key} was there and is used again. For auditors to keep elsewhere: {published}")
    say(said, err=True, log_key=str(log_key), published=str(published))


def _ask_free(settings: Settings) -> None:
    """Look that there is no database yet; of two who run `init` at once, the one who makes the file goes on.

    Raises AlreadyOpened; SettingsInvalid if there is a file without an installation, which may be anything.
    """
    database = settings.log
    if not database.exists():
        return
    try:
        ask_initialized(settings)
    except NoInstallation:
        raise SettingsInvalid(Problem("database_holds_nothing", place=str(database.place))) from None
    seatledger = composed(settings)
    view = seatledger.licensing.now(seatledger.installation_id).view
    raise AlreadyOpened(name=view.name, installation_id=str(view.installation_id))
