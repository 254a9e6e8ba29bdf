"""The demo command: all in one, to try Seatledger."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import click

from domain.refusals import Problem
from interface.cli.arguments import LAST_PORT, port
from interface.cli.locale import language_tag
from interface.cli.output import Translated, language


@click.command(cls=Translated)
@port
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
    from interface.settings import SettingsInvalid

    try:
        server.address_of("127.0.0.1", port)
    except SettingsInvalid as invalid:
        if invalid.problem.code != "port_in_use":
            raise
        another = port + 1 if port < LAST_PORT else port - 1
        raise SettingsInvalid(Problem("demo_port_in_use", another=another, **invalid.problem.facts)) from None
    trial = demonstration.open_demo(data)
    settings = replace(trial.settings, language=language_tag())
    serving = server.Serving(settings, "127.0.0.1", port, workers=1, access_log=False, https=False)
    failures: list[OSError] = []

    def tell(address: str) -> None:
        """Runs in a thread of its own, where nobody would hear of an error: it ends the demo, and is raised after."""
        try:
            click.echo(demonstration.instructions(trial, address, language()))
        except OSError as error:
            failures.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    server.serve(serving, ready=tell)
    if failures:
        raise failures[0]
