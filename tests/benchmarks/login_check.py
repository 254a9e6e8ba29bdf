"""What a login check over HTTP costs, beside its neighbours on the same machine at the same time, on both databases.

Rounds go through all of them in random order, since single rounds on a busy machine vary by half; what counts are the
medians of the ratios within a round, and processor time.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

from flask import Response, jsonify

from application.credentials.tables import create_tables
from application.user_import import ImportLine
from interface import server
from interface.composition import compose
from interface.front.front import GATEWAY
from interface.server import Serving
from interface.settings import Settings
from interface.web.trusted_hosts import Application
from tests.benchmarks import databases, load, neighbours
from tests.benchmarks.load import Command, Load, Server
from tests.examples import KEYRING, PRODUCT, a_key, a_period

ROUNDS = 7
USERS = 10_000
USUAL_USERS = 100_000
WORKERS = neighbours.WORKERS

WSGI, FLASK, USUAL = "an empty WSGI app", "an empty Flask route of ours", f"the usual way, {USUAL_USERS:,} users"
CHECK, LOGGED, AGED = "login check, no access log", "login check, access log", "login check, MAX_AGE_MS=20, no log"
PINNED, AGED_PINNED = "login check, workers pinned, no log", "the same with MAX_AGE_MS=20"
NGINX = "nginx, a constant"


class Limit(NamedTuple):
    """How much of a neighbour's requests a second something must reach."""

    name: str
    beside: str
    at_least: float


LIMITS = {
    "SQLite": [Limit(CHECK, WSGI, 0.6), Limit(AGED, WSGI, 0.75), Limit(LOGGED, CHECK, 0.9), Limit(CHECK, USUAL, 80)],
    "PostgreSQL": [
        Limit(CHECK, WSGI, 0.45),
        Limit(PINNED, WSGI, 0.45),
        Limit(AGED, WSGI, 0.75),
        Limit(LOGGED, CHECK, 0.9),
        Limit(CHECK, USUAL, 80),
    ],
}


def main(rounds: int = ROUNDS) -> bool:
    """Measure, print a table for each database, and give whether each limit was reached."""
    reached = []
    for database, opening in databases.DATABASES.items():
        with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
            settings = stack.enter_context(opening(Path(directory)))
            servers = dict(_servers(Path(directory), settings, stack))
            measured = _measure(servers, rounds)
        reached.append(_report(database, measured))
    return all(reached)


def _servers(directory: Path, settings: Settings, stack: ExitStack) -> Iterator[tuple[str, Server]]:
    """Every server of a database, by what it is called in the table; one route each."""
    environment, token = prepare(directory, settings)
    ours = "/api/v1/login-check?login_name=user-5000"

    def started(path: str, *arguments: str, **more: str) -> Server:
        module = load.of_module("tests.benchmarks.login_check", "serve")
        serving = load.serving(
            lambda port: [*module, str(port), *arguments], path, token=token, environment=environment | more
        )
        return stack.enter_context(serving)

    neighbour = load.of_module(neighbours.__name__)
    yield WSGI, stack.enter_context(load.serving(lambda port: [*neighbour, "empty", str(port)], "/"))
    check = started(ours)
    yield CHECK, check
    yield FLASK, check._replace(url=check.url.replace(ours, "/api/empty"))
    yield LOGGED, started(ours, "--access-log")
    yield PINNED, started(ours, "--pin-workers")
    yield AGED_PINNED, started(ours, "--pin-workers", SEATLEDGER_MAX_AGE_MS="20")
    yield AGED, started(ours, SEATLEDGER_MAX_AGE_MS="20")
    url = _usual_database(directory, settings)
    neighbours.prepare(url, USUAL_USERS)
    usual = load.serving(
        lambda port: [*neighbour, "usual", str(port), url], "/login-check?login_name=user-5000", token=neighbours.TOKEN
    )
    yield USUAL, stack.enter_context(usual)
    if shutil.which("nginx"):
        yield NGINX, stack.enter_context(load.serving(_nginx(directory), "/"))


def _usual_database(directory: Path, settings: Settings) -> str:
    """Where the tables of the usual way are, as SQLAlchemy spells it: a file of its own, or the same database."""
    if settings.database.startswith("sqlite"):
        return f"sqlite:///{directory / 'usual.sqlite'}"
    return settings.database_owner.replace("postgresql://", "postgresql+psycopg://")


def _nginx(directory: Path) -> Command:
    """nginx with as many workers, which says the same to everybody."""

    def command(port: int) -> list[str]:
        configuration = directory / "nginx.conf"
        configuration.write_text(
            f"daemon off; pid {directory}/nginx.pid; worker_processes {WORKERS}; events {{ worker_connections 1024; }}"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; default_type application/json;"
            "location / { return 200 '{}'; } } }"
        )
        return ["nginx", "-e", "/dev/null", "-p", str(directory), "-c", str(configuration)]

    return command


def _measure(servers: Mapping[str, Server], rounds: int) -> dict[str, list[Load]]:
    """Ask each server once in every round; a first round warms up and does not count."""
    measured: dict[str, list[Load]] = {name: [] for name in servers}
    order, dice = list(servers), Random(1)  # noqa: S311  no secret is made of it
    for number in range(rounds + 1):
        dice.shuffle(order)
        for name in order:
            seen = load.measure(servers[name])
            if number:
                measured[name].append(seen)
    return measured


def _report(database: str, measured: Mapping[str, list[Load]]) -> bool:
    rounds = len(measured[WSGI])
    print(
        f"One login check over HTTP, {database}, {USERS:,} users, {WORKERS} workers, "
        f"{rounds} rounds of wrk -t1 -c16 -d2s"
    )
    print(f"{'':36} {'requests/s':>10} {'to empty WSGI':>13} {'CPU a request':>13} {'p99':>9}")
    for name, loads in measured.items():
        per_second, p99, cpu = (median(values) for values in zip(*loads, strict=True))
        ratio = _ratio(loads, measured[WSGI])
        print(f"{name:36} {per_second:>10,.0f} {ratio:>13.3f} {cpu:>10.0f} us {p99:>6.1f} ms")
    if NGINX not in measured:
        print("nginx is not installed here, and was left out.")
    reached = True
    for name, beside, at_least in LIMITS[database]:
        ratio = _ratio(measured[name], measured[beside])
        reached &= ratio >= at_least
        verdict = "reached" if ratio >= at_least else "missed"
        print(f"{name} to {beside}: {ratio:.2f}, at least {at_least}: {verdict}")
    print(flush=True)
    return reached


def _ratio(loads: list[Load], others: list[Load]) -> float:
    """The median of the ratios within the rounds."""
    return median(one.per_second / other.per_second for one, other in zip(loads, others, strict=True))


def prepare(directory: Path, settings: Settings | None = None) -> tuple[dict[str, str], str]:
    """A database with 10,000 users within their license; gives the server's environment and a token.

    `settings` say which database, if not a new one of SQLite.
    """
    keyring, secret = directory / "keyring.json", directory / "secret.key"
    keyring.write_text(json.dumps(KEYRING.to_jwk_set()))
    secret.write_bytes(b"a secret of the benchmark alone!")
    settings = settings or Settings(database=f"sqlite:///{directory / 'seatledger.sqlite'}")
    settings = replace(settings, keyring=keyring, secret_key_file=secret)
    settings.log.make(create_tables)
    seatledger = compose(settings)
    licensing = seatledger.licensing
    by = "cli:benchmark"
    id_ = licensing.open_installation("Benchmark", PRODUCT, "Europe/Berlin", "admin", by=by)
    key = a_key(licenses=USERS + 1, license_period=a_period("2026-04-01", None))
    licensing.register_license_key(id_, key, by=by)
    licensing.import_users(id_, [ImportLine(number, f"user-{number}") for number in range(USERS)], by=by)
    token = licensing.create_token(id_, "gateway", ["login-check"], by=by).text
    seatledger.close()
    environment = {
        "SEATLEDGER_DATABASE": settings.database,
        "SEATLEDGER_KEYRING": str(keyring),
        "SEATLEDGER_SECRET_KEY_FILE": str(secret),
    }
    return environment, token


def application(settings: Settings, *, https: bool) -> Application:
    """The application that `seatledger serve` runs, with a route beside the API's that does nothing."""
    app = server_application(settings, https=https)

    def empty() -> Response:
        return jsonify()

    app.add_url_rule("/api/empty", endpoint="gateway.empty", view_func=empty)
    return app


server_application = server.application


def serve(port: int, options: Sequence[str]) -> None:
    """The server of `seatledger serve`, with our application in each of its workers."""
    same_threads = patch("interface.front.front.GATEWAY", GATEWAY | {b"/api/empty"})
    with patch("interface.server.application", application), same_threads:
        serving = Serving(
            Settings.from_environment(),
            port=port,
            workers=WORKERS,
            access_log="--access-log" in options,
            pin_workers="--pin-workers" in options,
        )
        server.serve(serving, ready=lambda _: None)


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = load.of_module("tests.benchmarks.login_check", "serve")
    with load.serving(lambda port: [*command, str(port)], "/readyz", environment=environment) as served:
        yield served.url.removesuffix("/readyz")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), sys.argv[3:])
    else:
        sys.exit(not main(*map(int, sys.argv[1:])))
