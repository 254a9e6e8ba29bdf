"""`seatledger serve` as a process of its own at a port that stays, also across a restart."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context, set_start_method
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.faults.cluster import a_port, children
from tests.interface.cli.processes import PATIENCE

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(
    ["interface.server", "interface.cli.main", "interface.cli.serve", "psycopg", "sqlalchemy"]
)
"""Its imports are half of what a server's start costs: one process makes them, and each server is a fork of it."""


def command(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """What a process of its own does that is a command of `seatledger`."""
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    warnings.simplefilter("error")
    set_start_method("fork", force=True)  # of the server's workers, as where it is started by itself
    os.environ.update(environment)
    sys.argv[1:] = arguments
    from interface.cli.main import main

    main()


class Server:
    """One server with one worker, which writes what it says into a file."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self.port = a_port()
        self.process: ForkServerProcess | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start it."""
        arguments = ["serve", "--workers", "1", "--no-access-log", "--port", str(self.port)]
        self.process = FORKED.Process(target=command, args=(arguments, self._environment, self._log))
        self.process.start()

    def await_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            assert self.process
            assert self.process.is_alive(), self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (HTTPException, OSError):
            return False
        finally:
            connection.close()

    def said(self) -> str:
        """All that it wrote so far."""
        return self._log.read_text(errors="replace")

    def send(self, signal_: int) -> None:
        """A signal to it and to its worker."""
        assert self.process
        assert self.process.pid
        for pid in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal_)

    def kill(self) -> None:
        """kill -9, of its worker as well."""
        self.send(signal.SIGKILL)
        assert self.process
        self._await_end()

    def kill_alone(self) -> None:
        """kill -9 of the process that was started; its worker sees that for itself, and lets go of the port."""
        assert self.process
        assert self.process.pid
        workers = children(self.process.pid)
        os.kill(self.process.pid, signal.SIGKILL)
        self._await_end()
        deadline = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline, workers
            time.sleep(0.02)

    def stop(self) -> None:
        """As whoever runs the machine stops it; what is in flight is finished."""
        if self.process is not None and self.process.is_alive():
            self.send(signal.SIGCONT)
            self.process.terminate()
            self._await_end()

    def _await_end(self) -> None:
        assert self.process
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, self.said()
