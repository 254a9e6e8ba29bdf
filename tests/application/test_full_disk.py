"""A database that cannot grow: writes fail with one clear refusal, reads go on, and it mends when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.log.failures import StorageFailed
from tests.refused import refused
from tests.world import World


def fill(house: World) -> int:
    """Add users until the store refuses; gives how many were acknowledged."""
    for number in range(20_000):
        try:
            house.add(f"user{number:05}")
        except StorageFailed:
            return number
    raise AssertionError("the store never filled up")


@pytest.mark.sqlite_alone("a file that may not grow")
def test_a_database_at_its_largest_size_refuses_writes_and_answers_reads(house: World) -> None:
    """SQLite's own limit of pages stands in for the disk: the same error, by the same way."""
    house.register()
    pool = house.licensing._acting.recorder.datastore.pool  # type: ignore[attr-defined]
    connection = pool.get_connection(is_writer=True)
    (pages,) = connection._sqlite_conn.execute("PRAGMA page_count").fetchone()
    connection._sqlite_conn.execute(f"PRAGMA max_page_count = {pages + 20}")
    pool.put_connection(connection)
    added = fill(house)
    assert added > 0
    assert house.view.in_use == added + 1
    assert house.check("user00000")[1] == "licenses_exceeded"
    with refused(StorageFailed, "full"):
        house.do("delete_user", "user00000")
    restarted = house.another_process()
    assert restarted.view.in_use == added + 1
    restarted.do("delete_user", "user00000")
    assert house.view.in_use == added


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("mounting a small file system takes root and the mount command")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine mounts no file system: {mounted.stderr.strip()}")
    yield place
    subprocess.run([umount, "-l", str(place)], check=True)


@pytest.mark.sqlite_alone("a file on a full disk")
def test_c5_a_full_disk_refuses_writes_answers_reads_and_mends_after_a_restart(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    with World(small_disk).open() as house:
        house.register()
        added = fill(house)
        assert added > 0
        for _ in range(3):
            assert house.check("admin")[0] == "admin_only"
        ballast.unlink()
        house.add("after")
        house.close()
        assert house.view.in_use == added + 2
        house.do("delete_user", "after")
        ((events, newest),) = house.sql("SELECT count(*), max(originator_version) FROM stored_events")
        ((leaves,),) = house.sql("SELECT count(*) FROM merkle_leaves")
        assert events == newest == leaves == house.view.position
