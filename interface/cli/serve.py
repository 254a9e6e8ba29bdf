"""The serve command: the pages and the API, until it is told to stop."""

from __future__ import annotations

from contextlib import closing

import click

from application.proof.notes import LogKeyUnusable, load_log_key
from application.words.findings import in_words
from application.words.refusals import sentence
from interface.cli.arguments import port
from interface.cli.database import ask_initialized
from interface.cli.output import Translated, language, say
from interface.composition import compose
from interface.settings import Settings


@click.command(cls=Translated)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@port
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A line for every request.")
@click.option(
    "--pin-workers/--no-pin-workers",
    default=False,
    show_default=True,
    help="Keep each worker on a processor of its own: quicker on PostgreSQL, where nothing else keeps them busy.",
)
def serve(host: str, port: int, workers: int, access_log: bool, pin_workers: bool) -> None:
    """Serve the pages and the API.

    Runs until SIGTERM or Ctrl-C; requests in flight are finished. Speaks plain HTTP and belongs behind a TLS proxy:
    browsers send its cookies back over HTTPS alone. Needs SEATLEDGER_SECRET_KEY_FILE and SEATLEDGER_KEYRING.
    """
    from interface import server  # imported here: no other command needs the web's libraries

    settings = Settings.from_environment()
    ask_initialized(settings)
    server.ask_ready(settings)
    with closing(compose(settings)) as seatledger:
        for finding in seatledger.self_checks.findings(seatledger.installation_id):
            text = in_words(finding, language())
            say("Warning ({code}): {wrong} {mend}", err=True, code=finding.code, wrong=text.wrong, mend=text.mend)
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
        server.Serving(settings, host, port, workers, access_log=access_log, pin_workers=pin_workers),
        ready=lambda address: say("Seatledger is ready at {address}", err=True, address=address),
    )
