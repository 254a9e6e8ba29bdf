"""The command migrate: the database's schema is brought forward."""

from __future__ import annotations

import click

from application.credentials.tables import create_tables
from application.log.schema import VERSION, ask_known
from domain.refusals import Problem
from interface.cli.output import Translated, say
from interface.settings import Settings, SettingsInvalid


@click.command(cls=Translated)
@click.option("--auditor", metavar="ROLE", default="", help="Let this role of the server read the log (PostgreSQL).")
def migrate(auditor: str) -> None:
    """Bring the database's schema forward to this program's; it never goes back. Make a backup before.

    Run it after an update, before the servers are started. On PostgreSQL it works as SEATLEDGER_DATABASE_OWNER, makes
    what is missing, and gives the role of SEATLEDGER_DATABASE its rights. Run again, it changes nothing.
    """
    log = Settings.from_environment().log
    if log.path is not None and not log.exists():
        raise SettingsInvalid(Problem("no_database", place=str(log.place)))
    before = log.migrate(create_tables, auditor=auditor)
    if before is not None:
        ask_known(max(before, VERSION), str(log.place))
    if before == VERSION:
        say("{place} has the schema {version}, as before.", place=str(log.place), version=VERSION)
    else:
        say("{place} has the schema {version} now.", place=str(log.place), version=VERSION)
