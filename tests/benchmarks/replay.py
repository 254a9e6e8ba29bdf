"""What a page of history, the state at a moment and the pictures cost with 100,000 events, against with 100."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from argon2.profiles import CHEAPEST
from flask.testing import FlaskClient

from application.credentials import PasswordHashing
from application.credentials.tables import create_tables
from application.user_import import ImportLine
from application.views.day_view import DayView
from application.views.history import Filter
from application.words.language import ENGLISH
from interface.composition import Seatledger, compose
from interface.settings import Settings
from interface.web import pictures
from interface.web.app import create_app

FEW, MANY = 100, 100_000
DAYS = 3650
"""The events are spread over so many days; 100 events over ten."""
ROUNDS = 15
AT_MOST = 0.5
"""Seconds for each of them with 100,000 events: well under a second."""
BY = "cli:benchmark"
PASSWORD = "correct horse battery staple"
OPENED = datetime(2016, 1, 1, 9, tzinfo=UTC)


class Measured(NamedTuple):
    """An installation with a history, and its pages as somebody signed in gets them."""

    seatledger: Seatledger
    client: FlaskClient
    events: int
    days: int


class Clock:
    now = OPENED

    def __call__(self) -> datetime:
        return self.now


def main() -> bool:
    """Measure in alternated rounds, print a table, and give whether everything was quick enough."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        few = installation(Path(directory), FEW, 10, stack)
        many = installation(Path(directory), MANY, DAYS, stack)
        found = []
        for name, question in QUESTIONS.items():
            asked = [question(measured) for measured in (few, many)]
            rounds = [[milliseconds(ask) for ask in asked] for _ in range(ROUNDS)]
            found.append((name, *map(statistics.median, zip(*rounds, strict=True))))
    print(f"Replay, medians of {ROUNDS} alternated rounds; {DAYS:,} days with events")
    print(f"{'':<44} {f'{FEW:,} events':>14} {f'{MANY:,} events':>16} {'ratio':>6}")
    for name, with_few, with_many in found:
        print(f"{name:<44} {with_few:>11.1f} ms {with_many:>13.1f} ms {with_many / with_few:>6.1f}")
    reached = all(with_many < 1000 * AT_MOST for _, _, with_many in found)
    print(f"each under {1000 * AT_MOST:.0f} ms with {MANY:,} events: {'reached' if reached else 'missed'}")
    return reached


def installation(directory: Path, events: int, days: int, stack: ExitStack) -> Measured:
    """An installation whose users come by the dozen every day, and some of whom go again."""
    clock = Clock()
    settings = Settings(database=f"sqlite:///{directory / str(events)}.sqlite")
    settings.log.make(create_tables)
    seatledger = stack.enter_context(closing(compose(settings, clock=clock, hashing=PasswordHashing(CHEAPEST))))
    licensing = seatledger.licensing
    id_ = licensing.open_installation("Benchmark", "benchmark", "UTC", "admin", by=BY)
    seatledger.accounts.set_password_here(id_, "admin", PASSWORD, by=BY)
    written = 4  # opened, the operator, the administrator, the password
    for day in range(days):
        clock.now = OPENED + timedelta(days=day)
        batch = (events - written) // (days - day)
        gone = 1 + day % 3 if day else 0
        coming = [ImportLine(number, f"user-{day}-{number}") for number in range(batch - gone)]
        licensing.import_users(id_, coming, by=BY)
        for number in range(gone):
            licensing.delete_user(id_, f"user-{day - 1}-{number}", by=BY)
        written += batch
    clock.now += timedelta(hours=1)
    client = create_app(seatledger, secret_key=b"a secret of the benchmark alone!", https=False).test_client()
    csrf = client.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post("/sign-in", data={"csrf_token": csrf, "login_name": "admin", "password": PASSWORD})
    return Measured(seatledger, client, licensing.now(id_).view.position, days)


def newest_page(measured: Measured) -> Callable[[], object]:
    return page(measured, "/audit/history")


def sparse_page(measured: Measured) -> Callable[[], object]:
    """Two events in the whole history."""
    return page(measured, "/audit/history?login_name=user-0-0")


def days_page(measured: Measured) -> Callable[[], object]:
    return page(measured, "/audit/history?from=2016-01-03&to=2016-01-04")


def screen_of_the_past(measured: Measured) -> Callable[[], object]:
    positions = cycle(range(1, measured.events, max(measured.events // 37, 1)))
    return lambda: page(measured, f"/audit/license?position={next(positions)}")()


def api_page(measured: Measured) -> Callable[[], object]:
    """By the use case, as the API gets it: 100 events from the middle, and one name's."""
    licensing, id_ = measured.seatledger.licensing, measured.seatledger.installation_id
    wanted = Filter.of(licensing.now(id_).view, login_name="user-0-0")

    def ask() -> None:
        licensing.history(id_, after=measured.events // 2, limit=100)
        licensing.history(id_, limit=100, only=wanted)

    return ask


def state_at_a_moment(measured: Measured) -> Callable[[], object]:
    """At moments all over the history, each asked for once or twice."""
    licensing, id_ = measured.seatledger.licensing, measured.seatledger.installation_id
    hours = cycle(range(1, measured.days * 24, measured.days * 24 // 37))
    return lambda: licensing.as_of(id_, OPENED + timedelta(hours=next(hours)))


def both_pictures(measured: Measured) -> Callable[[], object]:
    licensing = measured.seatledger.licensing
    view = licensing.now(measured.seatledger.installation_id).view
    return lambda: pictures.of_day(DayView(view, view.day), ENGLISH)


def page(measured: Measured, path: str) -> Callable[[], object]:
    def ask() -> None:
        answer = measured.client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)

    return ask


QUESTIONS = {
    "the newest page of the history, rendered": newest_page,
    "a page of one login name's two events, rendered": sparse_page,
    "a page of two days ten years ago, rendered": days_page,
    "two pages of the API's history": api_page,
    "the state at a moment": state_at_a_moment,
    "the License screen of then, rendered": screen_of_the_past,
    "both pictures, drawn": both_pictures,
}


def milliseconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
