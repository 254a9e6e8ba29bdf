"""The server: granian in this very process, with workers that each wire the program for themselves."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Thread

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from werkzeug.exceptions import InternalServerError

from domain.refusals import Problem
from interface.checkpoint_timer import CheckpointTimer
from interface.composition import ask_unwritable, compose, license_keys
from interface.day_timer import DayTimer
from interface.delivery_timer import DeliveryTimer
from interface.front import AccessLog, Front
from interface.front.beginnings import LOOP
from interface.front.refusals import every_refusal
from interface.logs import logging_config
from interface.metrics_directory import metrics_directory, warn_if_none
from interface.metrics_timer import MetricsTimer
from interface.settings import Settings, SettingsInvalid
from interface.snapshot_timer import SnapshotTimer
from interface.token_timer import TokenTimer
from interface.web.app import create_app
from interface.web.gateway import plain_checks
from interface.web.gateway.plain_checks import PlainChecks
from interface.web.prepared import prepare
from interface.web.routes import Routes
from interface.web.trusted_hosts import Application
from interface.worker_processes import Server

TO_ANSWER = 10
"""Seconds that a stopping worker has for what has come whole; no request of ours waits longer than 6."""

CONNECTIONS = 4096
"""How many connections a worker takes at once, if it may open as many files; others wait in the kernel's line."""

OTHER_FILES = 256
"""Files that a worker may need besides connections: the database, the log, the loop."""

SWITCH_INTERVAL = 0.0002
"""Seconds after which a thread that makes a page lets others go on. Python's own 5 ms, once for each thread at work,
is what a login check would wait for."""

LOOK_FOR_PARENT = 0.5
"""Seconds between two looks whether the server that started this worker still runs."""

HEAD_BYTES = 32 * 1024
"""How long the head of a request may be, and what a connection holds of it in memory."""


@dataclass(frozen=True)
class Serving:
    """What is served, where, and how; `https` False is for the demo on plain HTTP (see create_app).

    `pin_workers` keeps each worker on a processor of its own (ADR 48).
    """

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    access_log: bool = True
    https: bool = True
    pin_workers: bool = False

    @property
    def seconds_to_end(self) -> int:
        """How long a stopping worker may take: a head and then a body may each take their time, and then an answer."""
        return 2 * self.settings.request_seconds + TO_ANSWER


def ask_ready(settings: Settings) -> None:
    """Look whether a worker would start: secret, pepper, hosts, keyring, database, log. Leaves no connection open.

    Whom a restored backup knows anew is erased again before anybody is answered (P5). Raises SettingsInvalid,
    KeyringInvalid, NoInstallation, LogUnreadable, PepperUnusable, ErasedListUnusable, Busy and StorageFailed.
    """
    settings.secret_key()
    _ = settings.hosts
    license_keys(settings)
    ask_unwritable(settings)
    with closing(compose(settings).wire_everything()) as seatledger:
        seatledger.pepper.key(making=True)
        view = seatledger.licensing.now(seatledger.installation_id).view
        seatledger.licensing.erasing.again(seatledger.installation_id, staying=view.erased_but_present())


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

    Raises SettingsInvalid if the port is taken, or if workers cannot be pinned here.
    """
    if serving.pin_workers and not hasattr(os, "sched_setaffinity"):
        raise SettingsInvalid(Problem("cannot_pin_workers"))
    address = address_of(serving.host, serving.port)
    server = Server(
        "seatledger",
        address=address,
        port=serving.port,
        interface=Interfaces.ASGI,
        loop=LOOP,  # type: ignore[arg-type]  # any name that its registry of loops knows
        workers=serving.workers,
        backlog=CONNECTIONS,
        backpressure=min(CONNECTIONS, _most_files() - OTHER_FILES),
        http=HTTPModes.http1,
        # The time for a head runs while a connection is idle too, so it is how long one is kept alive.
        http1_settings=HTTP1Settings(
            header_read_timeout=serving.settings.request_seconds * 1000, max_buffer_size=HEAD_BYTES
        ),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=serving.seconds_to_end,
        log_level=LogLevels.warning,
        log_dictconfig=logging_config(serving.settings.log_format),
    )
    server.pin_workers = serving.pin_workers
    announcer = Thread(target=_announce, args=(address, serving.port, ready), daemon=True)
    server.on_startup(announcer.start)
    # A worker that is still folding the log would else have our handler of signals, and hear none of them.
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=_end_at_once)
    try:
        with metrics_directory():
            server.serve(target_loader=partial(front, serving), wrap_loader=False)
    finally:
        serving.settings.log.settle()  # the workers are gone, and never closed their connections (C-20)


def front(serving: Serving) -> Front:
    """What granian calls in a worker: the front, with the application behind it."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    logging.captureWarnings(True)
    Thread(target=_end_after, args=(os.getppid(),), name="parent", daemon=True).start()
    app = application(serving.settings, https=serving.https)
    return Front(
        app,
        prepare(app, [*every_refusal(serving.settings.request_seconds), InternalServerError()]),
        seconds=serving.settings.request_seconds,
        access_log=AccessLog(sys.stderr, serving.settings.log_format) if serving.access_log else None,
        route_of=Routes(app.url_map).of,
        before={plain_checks.PATH: PlainChecks(app)},
        trusted_proxies=serving.settings.trusted_proxies,
    )


def application(settings: Settings, *, https: bool) -> Application:
    """The application of one worker, its view folded before the first request comes, and its timers started."""
    seatledger = compose(settings).wire_everything()
    seatledger.licensing.now(seatledger.installation_id)
    CheckpointTimer(seatledger).start()
    TokenTimer(seatledger).start()
    DayTimer(seatledger).start()
    SnapshotTimer(seatledger).start()
    DeliveryTimer(seatledger).start()
    app = create_app(seatledger, secret_key=settings.secret_key(), https=https)
    warn_if_none()
    MetricsTimer(app.extensions["metrics"]).start()
    gc.freeze()  # the view lives as long as the worker; to look for garbage in it again and again stops all requests
    return app


def _end_after(parent: int) -> None:
    """End this worker when its server is gone without having said so (kill -9): nobody else would, and it has the port.

    On Windows a process has the same parent for ever.
    """
    while os.getppid() == parent:
        time.sleep(LOOK_FOR_PARENT)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_at_once() -> None:
    """In a process that was forked: end at a signal, until granian has its own handlers there."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _most_files() -> int:
    """How many files this process may open; the soft limit is raised to the hard one, as far as there are limits."""
    if sys.platform == "win32":
        return CONNECTIONS + OTHER_FILES
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = CONNECTIONS + OTHER_FILES
    most = limit if hard == resource.RLIM_INFINITY else min(hard, limit)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


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
