"""C5: a disk that is full in the midst of writes, mends, and is restarted on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, a_folder, clusters
from tests.faults.site import Site
from tests.faults.stores import FileStore, ServerStore

PIECE = 4096


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of that size; the test is skipped where none may be mounted."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("mounting a small file system takes root and the mount command")
    place = tempfile.mkdtemp(prefix="seatledger-disk-")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", place],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        Path(place).rmdir()
        pytest.skip(f"this machine mounts no file system: {mounted.stderr.strip()}")
    try:
        yield Path(place)
    finally:
        subprocess.run([umount, "-l", place], check=True)
        Path(place).rmdir()


@contextmanager
def a_file_on(place: Path) -> Iterator[FileStore]:
    yield FileStore(place)


@contextmanager
def a_server_on(place: Path) -> Iterator[ServerStore]:
    """PostgreSQL's tables are on that disk; its write-ahead log has another, as servers have it.

    Where that one is full, PostgreSQL itself ends: that is a database that is away.
    """
    with clusters() as (other,):
        cluster = Cluster(a_folder(place / "server"))
        cluster.make(wal=other.directory / "wal")
        cluster.start()
        try:
            yield ServerStore(cluster)
        finally:
            cluster.stop()


DISKS = {"sqlite": ("1m", a_file_on), "postgresql": ("40m", a_server_on)}
"""How large a disk is that soon is full, and who is on it."""


def fill(place: Path) -> Path:
    """Ballast that leaves nothing."""
    ballast = place / "ballast"
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(PIECE))
    assert shutil.disk_usage(place).free < PIECE
    return ballast


def disk_full(site: Site, place: Path, times: int) -> list[float]:
    """Writes are refused and logins go on; when there is room again all goes on, also after a restart."""
    took = []
    for _ in range(times):
        with site.journal.writing(*site.ports):
            site.await_acknowledged(2)
            ballast = fill(place)
            site.await_reply("refused", 3)
            for port in site.ports:
                site.ask_login(port)
            ballast.unlink()
            took += [site.seconds_until_written(port) for port in site.ports]
        for server in site.servers:
            server.kill()
            server.start()
        took += [site.seconds_until_written(port) for port in site.ports]
    assert {entry.told for entry in site.told()} <= {"created", "storage_failed", "busy"}
    return took
