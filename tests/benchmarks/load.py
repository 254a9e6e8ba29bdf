"""Servers in processes of their own, and what a request costs them: requests a second, and processor time."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


Command = Callable[[int], list[str]]
"""The program and its arguments that serve at a port."""


class Server(NamedTuple):
    """A server, and what it is asked again and again."""

    process: subprocess.Popen[bytes]
    url: str
    token: str = ""


class Load(NamedTuple):
    """What `wrk -t1 -c16 -d2s` saw, and the server's processor time, in microseconds, for each request."""

    per_second: float
    p99: float
    """Milliseconds."""
    cpu: float


@contextmanager
def serving(
    command: Command, path: str, *, token: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The server that a command starts at a port that is free; it serves once it answers `path`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | (environment or {})
    process = subprocess.Popen(command(port), env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server(process, f"http://127.0.0.1:{port}{path}", token)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def of_module(module: str, *arguments: str) -> list[str]:
    """The arguments that run a module of ours."""
    return [sys.executable, "-m", module, *arguments]


def measure(server: Server, seconds: int = 2) -> Load:
    """Ask it as often as it answers, on sixteen connections."""
    before = _processor_time(server.process.pid)
    header = f"Authorization: Bearer {server.token}"
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-H", header, server.url]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = _processor_time(server.process.pid) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    number = re.search(r"(\d+) requests in", report)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", report)
    if rate is None or number is None or p99 is None or "Non-2xx" in report or int(number[1]) == 0:
        raise RuntimeError(report)
    return Load(float(rate[1]), float(p99[1]) * UNITS[p99[2]], spent / int(number[1]) * 1e6)


def _processor_time(pid: int) -> float:
    """Seconds that a process and all below it have spent so far."""
    ticks, children = dict[int, int](), dict[int, list[int]]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        one = int(stat.parent.name)
        ticks[one] = int(fields[11]) + int(fields[12])
        children.setdefault(int(fields[1]), []).append(one)
    whole, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        whole += ticks.get(one, 0)
        waiting.extend(children.get(one, []))
    return whole / os.sysconf("SC_CLK_TCK")


def _wait_for(server: Server) -> None:
    while server.process.poll() is None:
        try:
            with urlopen(Request(server.url, headers={"Authorization": f"Bearer {server.token}"}), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
