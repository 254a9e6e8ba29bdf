"""C5: a full disk refuses writes and lets logins go on; freed, and restarted on, it has all that was acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.disks import DISKS, disk_full, small_disk
from tests.faults.site import a_site
from tests.faults.test_faults import ask_sound


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize("database", DISKS)
def test_a_full_disk_loses_nothing(database: str, times: int, tmp_path: Path) -> None:
    size, store_on = DISKS[database]
    with small_disk(size) as place, store_on(place) as store, a_site(tmp_path, store) as site:
        disk_full(site, place, times)
        ask_sound(site.verdict())
