"""Several writers on one database: conflicts are asked again, and everybody sees everything at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from application.log.acting import ATTEMPTS
from application.log.failures import Busy
from application.log.turns import TURN_TIMEOUT
from domain.installation import Installation, Stamp
from domain.refusals import LoginNameTaken
from tests.database import LOCK_TIMEOUT, connect
from tests.world import BY, World


def test_two_use_cases_over_one_database_see_each_other_at_once(house: World) -> None:
    """Two with caches of their own are what two processes are to each other."""
    other = house.another_process()
    for number in range(20):
        writer, reader = (house, other) if number % 2 else (other, house)
        writer.add(f"user{number}")
        assert reader.view.in_use == number + 2
        with pytest.raises(LoginNameTaken):
            reader.add(f"USER{number}")


def test_who_asked_before_a_look_shares_it_and_who_asked_after_a_write_sees_the_write(house: World) -> None:
    """So that many questions at once cost one look at the log, and none is answered with what was over when it came."""
    licensing, other = house.licensing, house.another_process()
    before_the_look = perf_counter()
    known = licensing.now(house.id).view
    other.add("ann")
    after_the_write = perf_counter()
    assert licensing.now(house.id, before_the_look).view is known
    assert licensing.now(house.id, after_the_write).view.in_use == known.in_use + 1
    other.add("bob")
    assert licensing.now(house.id).view.in_use == known.in_use + 2, "whoever says nothing has just come"


def test_another_process_is_seen_at_once(house: World) -> None:
    """A real second process: it writes, and the next question here is answered with what it wrote."""
    house.licensing.now(house.id)
    program = (
        "import sys, json; from datetime import datetime; from uuid import UUID\n"
        "from application.licensing import Licensing\nfrom application.log import open_log\n"
        "url, id_, moment, directory = sys.argv[1:]\n"
        "from application.erased_names import Pepper\nfrom application.erasing import ErasedList\n"
        "from pathlib import Path\n"
        "files = Pepper(Path(directory) / 'name-pepper'), ErasedList(Path(directory) / 'erased-people')\n"
        "licensing = Licensing(open_log(url), lambda: None, lambda: datetime.fromisoformat(moment), *files)\n"
        "licensing.add_user(UUID(id_), 'ann', by='cli:other')\n"
        "print(json.dumps(licensing.now(UUID(id_)).view.in_use))\n"
    )
    arguments = [house.settings.database, str(house.id), house.clock().isoformat(), str(house.directory)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    assert json.loads(done.stdout) == 2
    assert house.view.in_use == 2
    seen, added = house.entries[-2:]
    assert (seen.kind, seen.fields["name"]) == ("OperatorSeen", "other")
    assert (added.kind, added.by) == ("UserAdded", seen.by)
    assert seen.command_id == added.command_id


def test_a_conflict_is_reloaded_and_asked_again(house: World) -> None:
    """Another process stores something between our loading and our saving: nobody sees that."""
    other = house.another_process()
    asked: list[int] = []

    def add(installation: Installation, stamp: Stamp) -> None:
        asked.append(installation.version)
        if len(asked) <= 3:
            other.add(f"other{len(asked)}")
        installation.add_user("ours", stamp=stamp)

    house.licensing._act(house.id, add, BY)
    assert asked == [3, 4, 5, 6]
    names = [entry.fields.get("login_name") for entry in house.entries]
    assert names == [None, None, "admin", "other1", "other2", "other3", "ours"]


def test_after_a_conflict_the_rules_are_asked_of_what_the_other_stored(house: World) -> None:
    other = house.another_process()

    def add(installation: Installation, stamp: Stamp) -> None:
        if installation.version == 3:
            other.add("Ann")
        installation.add_user("ann", stamp=stamp)

    with pytest.raises(LoginNameTaken):
        house.licensing._act(house.id, add, BY)
    assert house.view.in_use == 2


def test_a_command_that_is_always_too_late_gives_up_as_busy(house: World) -> None:
    other = house.another_process()
    asked: list[int] = []

    def add(installation: Installation, stamp: Stamp) -> None:
        asked.append(installation.version)
        other.add(f"other{len(asked)}")
        installation.add_user("ours", stamp=stamp)

    with pytest.raises(Busy):
        house.licensing._act(house.id, add, BY)
    assert len(asked) == ATTEMPTS
    assert house.view.user("ours") is None


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_stuck_writer_makes_others_busy_in_time_while_reads_go_on(house: World) -> None:
    """Another connection holds the write lock for ever; nobody waits longer than both time-outs, 6 s at most."""
    assert TURN_TIMEOUT + LOCK_TIMEOUT <= 6
    house.register()
    stuck = connect(house.path)
    stuck.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Busy):
            house.add("ann")
        assert house.check("admin") == ("admit", "ok")
        assert house.another_process().view.position == 4
    finally:
        stuck.execute("ROLLBACK")
        stuck.close()
    house.add("ann")
    assert house.view.in_use == 2


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_what_the_other_has_not_committed_yet_is_not_seen(house: World) -> None:
    house.licensing.now(house.id)
    other = connect(house.path)
    other.execute("BEGIN IMMEDIATE")
    state: Any = b'{"unreadable": "and never read"}'
    other.execute("INSERT INTO stored_events VALUES (?, 4, 'seatledger:UserAdded', ?)", (house.id.hex, state))
    assert house.view.position == 3
    other.execute("ROLLBACK")
    other.close()
    assert house.view.position == 3
