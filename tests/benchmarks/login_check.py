"""What a login check over HTTP costs, against an empty Flask route of the same application, server and workers.

Rounds alternate between the two, since single rounds vary by half; the median of their ratios is what counts.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.request import Request, urlopen

from flask import Response, jsonify

from application.credentials.tables import create_tables
from application.user_import import ImportLine
from interface import server
from interface.composition import compose
from interface.front.front import GATEWAY
from interface.server import Serving
from interface.settings import Settings
from interface.web.app import create_app
from interface.web.trusted_hosts import Application
from tests.examples import KEYRING, PRODUCT, a_key, a_period

ROUNDS = 11
USERS = 10_000
WORKERS = 2
AT_LEAST = 0.8


def application(settings: Settings, *, https: bool) -> Application:
    """The application that `seatledger serve` runs, with a route beside the API's that does nothing."""
    app = create_app(compose(settings), secret_key=settings.secret_key(), https=https)

    def empty() -> Response:
        return jsonify()

    app.add_url_rule("/api/empty", endpoint="gateway.empty", view_func=empty)
    return app


def main() -> bool:
    """Measure, print a table, and give whether the median ratio is high enough."""
    with tempfile.TemporaryDirectory() as directory:
        environment, token = prepare(Path(directory))
        with serving(environment) as address:
            check = f"{address}/api/v1/login-check?login_name=user-5000"
            measured = list(rounds(f"{address}/api/empty", check, token))
    ratios = [decided / empty for empty, decided in measured]
    median = statistics.median(ratios)
    print(f"One login check over HTTP, {USERS:,} users, {WORKERS} workers, wrk -t1 -c16 -d2s")
    print(f"{'round':>6} {'empty route':>12} {'login check':>12} {'ratio':>6}")
    for number, (empty, decided) in enumerate(measured, 1):
        print(f"{number:>6} {empty:>10,.0f}/s {decided:>10,.0f}/s {decided / empty:>6.2f}")
    verdict = "reached" if median >= AT_LEAST else "missed"
    print(f"{'median':>6} {'':>12} {'':>12} {median:>6.2f}   at least {AT_LEAST}: {verdict}")
    return median >= AT_LEAST


def prepare(directory: Path) -> tuple[dict[str, str], str]:
    """A database with 10,000 users within their license; gives the server's environment and a token."""
    keyring = directory / "keyring.json"
    keyring.write_text(json.dumps(KEYRING.to_jwk_set()))
    secret = directory / "secret.key"
    secret.write_bytes(b"a secret of the benchmark alone!")
    environment = {
        "SEATLEDGER_DATABASE": f"sqlite:///{directory / 'seatledger.sqlite'}",
        "SEATLEDGER_KEYRING": str(keyring),
        "SEATLEDGER_SECRET_KEY_FILE": str(secret),
    }
    settings = Settings.from_environment(environment)
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
    return environment, token


def serve(port: int) -> None:
    """The server of `seatledger serve`, with our application in each of its workers."""
    same_threads = patch("interface.front.front.GATEWAY", GATEWAY | {b"/api/empty"})
    with patch("interface.server.application", application), same_threads:
        server.serve(Serving(Settings.from_environment(), port=port, workers=WORKERS), ready=lambda _: None)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.login_check", "serve", str(port)]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/readyz", process)
        yield address
    finally:
        process.terminate()
        process.wait()


def rounds(empty: str, check: str, token: str) -> Iterator[tuple[float, float]]:
    """Requests a second of both routes, alternating; a first round warms up and does not count."""
    for number in range(ROUNDS + 1):
        measured = (requests_per_second(empty, token), requests_per_second(check, token))
        if number:
            yield measured


def requests_per_second(url: str, token: str) -> float:
    header = f"Authorization: Bearer {token}"
    command = ["wrk", "-t1", "-c16", "-d2s", "-H", header, url]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if found is None or "Non-2xx" in report:
        raise RuntimeError(report)
    return float(found[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urlopen(Request(url), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        sys.exit(not main())
