"""A primary with two synchronous standbys is killed while two servers write: nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.failover import a_trio, primary_killed, served_from_standby
from tests.faults.site import a_site
from tests.faults.test_faults import ask_sound


def kill_one(directory: Path) -> float:
    directory.mkdir()
    with a_trio() as trio, a_site(directory, trio, servers=2) as site:
        served_from_standby(site)
        seconds = primary_killed(site)
        ask_sound(site.verdict())
    return seconds


def test_the_primary_is_killed_and_the_servers_go_on_without_a_restart(tmp_path: Path) -> None:
    kill_one(tmp_path / "site")


@pytest.mark.long
def test_writes_go_on_within_five_seconds_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = [kill_one(tmp_path / str(number)) for number in range(10)]
    with capsys.disabled():
        print("\nprimary killed: seconds to the first write", *(f"{each:.2f}" for each in sorted(seconds)))
    assert max(seconds) < 5
