"""How long login checks take beside hostile clients, against how long they take alone; in one run, on one server.

Each hostile client has its turn in every round, with login checks alone measured just before; the median of the
ratios counts, since single rounds on a busy machine vary by half.
"""

from __future__ import annotations

import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlencode

from tests.benchmarks.login_check import USERS, WORKERS, prepare, serving

ROUNDS = 5
AT_MOST = 2.0
HALF_A_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nx"
)
HALF_A_HEAD = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Stal"
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Latency(NamedTuple):
    """Milliseconds."""

    p50: float
    p99: float


@contextmanager
def held(port: int, count: int, sent: bytes) -> Iterator[None]:
    """So many connections on which this was sent, and then nothing."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(sent)
        yield


@contextmanager
def going_on(step: Callable[[], None], *, every: float) -> Iterator[None]:
    """Something that is done again and again, so often, until the measurement is over."""
    over = Event()

    def go_on() -> None:
        while not over.wait(every):
            with suppress(OSError):
                step()

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def vanishing(port: int) -> AbstractContextManager[None]:
    """Clients that reset their connection in the middle of a body, or before the answer, 200 times a second."""

    def vanish() -> None:
        for sent in (HALF_A_BODY, b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(sent)

    return going_on(vanish, every=0.01)


def signing_in(port: int) -> AbstractContextManager[None]:
    """Fifty sign-ins at once, every second, of other names from other addresses: no throttle stops them."""
    cookie, form = _sign_in_form(port)
    numbers = iter(range(1, 60_000))

    def sign_in() -> None:
        clients = []
        for _ in range(50):
            number = next(numbers)
            body = urlencode({**form, "login_name": f"nobody-{number}", "password": "a password of nobody"})
            client = socket.create_connection(
                ("127.0.0.1", port), source_address=(f"127.1.{number >> 8}.{number & 255 or 1}", 0)
            )
            client.sendall(
                f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            clients.append(client)
        waiting.extend(clients)

    waiting: list[socket.socket] = []  # they stay to hear the answer, as browsers do

    @contextmanager
    def until_heard() -> Iterator[None]:
        try:
            with going_on(sign_in, every=1.0):
                sign_in()
                yield
        finally:
            for client in waiting:
                with client:
                    while client.recv(65536):
                        pass  # until all are answered: what is still hashed then would slow down the next round

    return until_heard()


def _sign_in_form(port: int) -> tuple[str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    connection.close()
    assert token
    return cookie, {"csrf_token": token[1]}


HOSTILE: dict[str, Callable[[int], AbstractContextManager[None]]] = {
    "200 stalled bodies": lambda port: held(port, 200, HALF_A_BODY),
    "200 stalled heads": lambda port: held(port, 200, HALF_A_HEAD),
    "1,000 idle": lambda port: held(port, 1000, b""),
    "vanishing, 200/s": vanishing,
    "50 sign-ins a second": signing_in,
}


def main() -> bool:
    """Measure, print a table, and give whether no hostile client makes p99 more than twice as long."""
    alone: dict[str, list[Latency]] = {name: [] for name in HOSTILE}
    beside: dict[str, list[Latency]] = {name: [] for name in HOSTILE}
    with tempfile.TemporaryDirectory() as directory:
        environment, token = prepare(Path(directory))
        with serving(environment) as address:
            port = int(address.rpartition(":")[2])
            check = f"{address}/api/v1/login-check?login_name=user-5000"
            latency(check, token)
            for _ in range(ROUNDS):
                for name, hostile in HOSTILE.items():
                    alone[name].append(latency(check, token))
                    with hostile(port):
                        beside[name].append(latency(check, token))
                    time.sleep(1)  # what it left behind is worked off, and does not count for the next one
    print(f"Login checks beside hostile clients, {USERS:,} users, {WORKERS} workers, wrk -t1 -c4 -d3s, {ROUNDS} rounds")
    print(f"{'beside':<22} {'alone: p50':>11} {'p99':>11} {'beside: p50':>11} {'p99':>11} {'ratio':>9}")
    ratios = [_row(name, alone[name], beside[name]) for name in HOSTILE]
    verdict = "reached" if max(ratios) <= AT_MOST else "missed"
    print(f"{'worst':<22} {'':>47} {max(ratios):>9.2f}   p99 at most {AT_MOST} times: {verdict}")
    return max(ratios) <= AT_MOST


def _row(name: str, alone: list[Latency], beside: list[Latency]) -> float:
    ratio = statistics.median(there.p99 / here.p99 for here, there in zip(alone, beside, strict=True))
    shown = ""
    for some in (alone, beside):
        for which in ("p50", "p99"):
            shown += f" {statistics.median(getattr(latency, which) for latency in some):>8.2f} ms"
    print(f"{name:<22}{shown} {ratio:>9.2f}")
    return ratio


def latency(url: str, token: str) -> Latency:
    """Of login checks on four connections. Raises RuntimeError if one of them failed."""
    header = f"Authorization: Bearer {token}"
    command = ["wrk", "-t1", "-c4", "-d3s", "--latency", "-H", header, url]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spelled = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", report))
    if len(spelled) != 2 or "Non-2xx" in report or "Socket errors" in report:
        raise RuntimeError(report)
    return Latency(*(_milliseconds(spelled[which]) for which in ("50", "99")))


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]  # latency() matched it
    return float(number) * UNITS[unit]


if __name__ == "__main__":
    sys.exit(not main())
