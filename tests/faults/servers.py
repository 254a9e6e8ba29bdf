"""`seatledger serve` as a process of its own at a port that stays, also across a restart."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.faults.cluster import children
from tests.interface.cli.processes import COMMAND, PATIENCE, free_port

ROOT = Path(__file__).parents[2]


class Server:
    """One server with one worker, which writes what it says into a file."""

    def __init__(self, environment: dict[str, str], log: Path, checkout: Path = ROOT) -> None:
        self._environment, self._log, self._checkout = environment, log, checkout
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        self.await_ready()

    def launch(self, **more: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(self._checkout), **self._environment, **more}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--workers", "1", "--no-access-log", "--port", str(self.port)],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=self._checkout,
            )

    def await_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            assert self.process
            assert self.process.poll() is None, self.said()
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
        for pid in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal_)

    def kill(self) -> None:
        """kill -9, of its worker as well."""
        self.send(signal.SIGKILL)
        assert self.process
        self.process.wait(timeout=PATIENCE)

    def stop(self) -> None:
        """As whoever runs the machine stops it; what is in flight is finished."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=PATIENCE)
