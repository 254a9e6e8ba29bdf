"""Real processes of the seatledger command, for what only they show: signals, pipes, encodings, several at once."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue

COMMAND = (sys.executable, "-W", "error", "-c", "from interface.cli.main import main; main()")
PATIENCE = 300
"""Seconds after which a test gives up, however busy the machine is; nothing here is measured."""


def run(
    environment: dict[str, str], *arguments: str | bytes, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **environment, **more},
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def at_a_terminal(environment: dict[str, str], arguments: list[str], dialogue: list[tuple[str, str]]) -> str:
    """What a terminal shows of a command that asks; `dialogue` has each question and what is typed then."""
    return typed([*COMMAND, *arguments], {**os.environ, **environment}, dialogue)


def typed(command: list[str], environment: dict[str, str], dialogue: list[tuple[str, str]]) -> str:
    """The same of any program; it must succeed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environment)  # noqa: S606  a test's own command
    shown = ""
    with os.fdopen(terminal, "r+b", buffering=0) as screen, suppress(OSError):  # Linux ends a terminal with EIO
        for question, typed in [*dialogue, ("", "")]:
            before = len(shown)
            while not question or question not in shown[before:]:
                read = screen.read(1024)
                if not read:
                    break
                shown += read.decode(errors="replace")
            if typed:
                screen.write(f"{typed}\n".encode())
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    return shown


@dataclass
class Server:
    """A server in a process of its own, whose standard output and standard error are read line by line."""

    process: subprocess.Popen[str]
    port: int
    lines: Queue[str | None] = field(default_factory=Queue)

    def until(self, wanted: str) -> list[str]:
        """The lines that it writes up to one that contains `wanted`."""
        seen: list[str] = []
        while not seen or wanted not in seen[-1]:
            line = self.lines.get(timeout=PATIENCE)
            assert line is not None, f"it ended without saying {wanted!r}: {seen}"
            seen.append(line.rstrip("\n"))
        return seen

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the body of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def workers(self) -> set[int]:
        """The process ids of its workers (Linux)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(child) for child in children.split()}

    def stop(self, signal_: int = signal.SIGTERM) -> int:
        """Send a signal and wait; gives the exit status."""
        self.process.send_signal(signal_)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def serving(
    environment: dict[str, str],
    *arguments: str,
    cwd: Path | None = None,
    under: Sequence[str] = (),
    command: Sequence[str] = COMMAND,
) -> Iterator[Server]:
    """`serve` or `demo` at a free port; `under` is a command that becomes the one that it is given."""
    port = free_port()
    process = subprocess.Popen(
        [*under, *command, *arguments, "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
    )
    server = Server(process, port)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.lines.put(line)
        server.lines.put(None)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=PATIENCE)
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
