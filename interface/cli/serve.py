"""The serve command: the pages and the API, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from logging import INFO, WARNING, getLogger
from logging.config import dictConfig

import click

from application.proof.notes import LogKeyUnusable, load_log_key
from application.words.findings import in_words
from application.words.messages import Message, message
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
    tell = _teller(settings.log_format)
    with closing(compose(settings)) as seatledger:
        for finding in seatledger.self_checks.findings(seatledger.installation_id):
            text = in_words(finding, language())
            tell(message("Warning ({code}): {wrong} {mend}"), code=finding.code, wrong=text.wrong, mend=text.mend)
    try:
        load_log_key(settings.log_key_path)
    except LogKeyUnusable as problem:  # logins matter more
        tell(
            message("Warning ({code}): {sentence} Until then, no checkpoints are signed."),
            code=problem.code,
            sentence=sentence(problem, language()),
        )
    server.serve(
        server.Serving(settings, host, port, workers, access_log=access_log, pin_workers=pin_workers),
        ready=lambda address: tell(message("Seatledger is ready at {address}"), address=address),
    )


def _teller(form: str) -> Callable[..., None]:
    """What tells whoever starts the server something on standard error: where the log is JSON, as lines of it."""
    if form == "text":
        return partial(say, err=True)
    from interface.logs import logging_config  # here: no other command writes a log

    dictConfig(logging_config(form))
    log = getLogger("seatledger.server")

    def tell(source: Message, **facts: object) -> None:  # object: any fact of a message
        level = WARNING if "code" in facts else INFO
        log.log(level, "%s", language().say(source, **facts), extra={"code": facts["code"]} if "code" in facts else {})

    return tell
