"""The server: granian in this very process, with workers that each wire the program for themselves."""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import Any
from urllib.parse import quote

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from domain.refusals import Problem
from interface.checkpoint_timer import CheckpointTimer
from interface.composition import ask_unwritable, compose, license_keys
from interface.settings import Settings, SettingsInvalid
from interface.web.app import create_app

KILL_TIMEOUT = 15
"""Seconds that a stopping worker has to finish what is in flight; no request of ours waits longer than 6."""

THREADS = 4
"""How many requests a worker answers at once."""

ACCESS_LOG = '%(time)s %(addr)s "%(method)s %(path)s" %(status)d %(dt_ms).1f ms'
"""Without the query string, in which login names, searches and one-time links stand."""


class OneLine(logging.Filter):
    """Percent-encodes the path again, which reaches us decoded: no request writes lines of its own into the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict):
            record.args = {**record.args, "path": quote(str(record.args["path"]), safe=PATH, encoding="latin-1")}
        return True


PATH = "/:@!$&'()*+,;=~"
"""What a path may hold as it is (RFC 3986), besides letters, digits and -._"""

LOGGING: dict[str, Any] = {  # Any: as logging.config takes it
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(message)s", "datefmt": "%Y-%m-%d %H:%M:%S %z"},
        "access": {"format": "%(message)s"},
    },
    "handlers": {
        "plain": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "plain"},
        "access": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "access",
            "filters": ["one_line"],
        },
    },
    "filters": {"one_line": {"()": OneLine}},
    "loggers": {
        "_granian": {"handlers": ["plain"], "propagate": False},
        "seatledger": {"handlers": ["plain"], "level": "INFO", "propagate": False},
        "granian.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}
"""Everything goes to standard error; granian would take standard output."""


@dataclass(frozen=True)
class Serving:
    """What is served, where, and how; `https` False is for the demo on plain HTTP (see create_app)."""

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    access_log: bool = True
    https: bool = True


def ask_ready(settings: Settings) -> None:
    """Look whether a worker would start: secret, keyring, database and log. Leaves no connection open, since we fork.

    Raises SettingsInvalid, KeyringInvalid, NoInstallation, LogUnreadable.
    """
    settings.secret_key()
    license_keys(settings)
    ask_unwritable(settings)
    with closing(compose(settings)) as seatledger:
        seatledger.licensing.now(seatledger.installation_id)


def address_of(host: str, port: int) -> str:
    """The IP address of a host at which this machine can listen at that port. Raises SettingsInvalid.

    granian's workers share the port, and a second server would join them without an error: so we ask here.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise SettingsInvalid(Problem("no_address_here", host=host, reason=error.strerror)) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsInvalid(Problem("port_in_use", port=port, host=host)) from None
        raise SettingsInvalid(Problem("cannot_listen", host=host, port=port, reason=error.strerror)) from None
    return str(address[0])


def serve(serving: Serving, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; what is in flight is finished. Calls `ready` with the address once it answers.

    Raises SettingsInvalid if the port is taken.
    """
    address = address_of(serving.host, serving.port)
    server = Granian(
        "seatledger",
        address=address,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=serving.workers,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_TIMEOUT,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        log_access=serving.access_log,
        log_access_format=ACCESS_LOG,
    )
    announcer = Thread(target=_announce, args=(address, serving.port, ready), daemon=True)
    server.on_startup(announcer.start)
    server.serve(target_loader=partial(application, serving.settings, https=serving.https), wrap_loader=False)


def application(settings: Settings, *, https: bool) -> Flask:
    """The application of one worker, its view folded before the first request comes, and its timer started."""
    seatledger = compose(settings)
    seatledger.licensing.now(seatledger.installation_id)
    CheckpointTimer(seatledger).start()
    return create_app(seatledger, secret_key=settings.secret_key(), https=https)


def _announce(address: str, port: int, ready: Callable[[str], None]) -> None:
    """Wait until a worker takes connections, then say so."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  what is asked for, not bound
    while True:
        try:
            socket.create_connection((reachable, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    ready(f"http://[{address}]:{port}/" if ":" in address else f"http://{address}:{port}/")
