"""A real server for a real browser: the program of house.py on a free port of the loopback address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.clock import SetClock
from tests.examples import NAME, a_key, a_period
from tests.interface.web.house import House

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


@dataclass(frozen=True)
class Site:
    """The program, and the address at which it is served."""

    house: House
    address: str

    @property
    def today(self) -> date:
        return self.house.clock.now.date()

    def key(self, *, starts_in: int = -340, ends_in: int = 25, **fields: Any) -> str:
        """A license key whose two periods begin and end so many days from today, issued when they began or today."""
        period = a_period(self.today + timedelta(days=starts_in), self.today + timedelta(days=ends_in))
        issued_at = int(self.house.clock.now.timestamp()) + min(starts_in, 0) * 24 * 60 * 60
        return a_key(license_period=period, maintenance_period=period, issued_at=issued_at, **fields)

    def check(self, login_name: str, token: str) -> tuple[str, str]:
        """The decision and its code, as the login gateway gets them."""
        query = urlencode({"login_name": login_name})
        headers = {"Authorization": f"Bearer {token}"}
        question = Request(f"{self.address}/api/v1/login-check?{query}", headers=headers)  # noqa: S310  http alone
        with urlopen(question) as answer:  # noqa: S310  http alone
            decision = json.load(answer)
        return decision["decision"], decision["code"]


@contextmanager
def serving(directory: Path, *, opened_days_ago: int = 0, name: str = NAME, language: str = "en") -> Iterator[Site]:
    """The program, served. Its clock stands at noon of the machine's day, in which browsers keep cookies.

    An installation opened earlier has a clock that stands then, for a story that ends today.
    """
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    house = House(directory, clock=SetClock(noon - timedelta(days=opened_days_ago)), name=name, language=language)
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(house, f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.close()


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


def wrapped(key: str, width: int = 60) -> str:
    """The key as mail delivers it: in short lines, between quotes."""
    return '"' + "\n".join(key[start : start + width] for start in range(0, len(key), width)) + '"'
