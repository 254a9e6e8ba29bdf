"""A real server for a real browser: the program of house.py on a free port of the loopback address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.interface.web.house import House, SetClock, build

CHROMIUM = "/usr/bin/chromium"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  the library's own word
        """Writes nothing."""


@contextmanager
def serving(directory: Path) -> Iterator[tuple[House, str]]:
    """The program, and its address. Its clock stands at noon of the machine's day, in which browsers keep cookies."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    house = build(directory, clock=SetClock(noon))
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield house, f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.seatledger.close()


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
