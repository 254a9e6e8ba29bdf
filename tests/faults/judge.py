"""The one judge of every fault: what clients were told, against what is stored and what each server answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from tests.application.audited import report_of
from tests.faults.journal import Journal
from tests.world import World


class Verdict(NamedTuple):
    """How many commands had each reply, and what is wrong.

    `lost` were acknowledged and are not stored, or were sent again because nobody knew, and are not stored either.
    """

    acknowledged: int
    refused: int
    unknown: int
    lost: list[str]
    doubled: list[str]
    stored_though_refused: list[str]
    longest_wait: float


def judge(
    world: World, journal: Journal, ports: Sequence[int], notes: Sequence[str], excused: Collection[int] = ()
) -> Verdict:
    """The verdict on what was told. Fails if the log contradicts itself, one of the checkpoints, or a server's view.

    `world` reads the database for itself, from nothing; `ports` are those of servers that run, `excused` those of
    servers that stood still, which are not asked for their longest wait.
    """
    added = [entry for entry in world.entries if entry.kind == "UserAdded"]
    stored = Counter(entry.fields["login_name"] for entry in added)
    commands = Counter(entry.command_id for entry in added)
    _ask_log(world, notes)
    _ask_servers(world, journal, ports)
    assert not [entry for entry in journal.entries if entry.told == "internal_error"]
    return Verdict(
        acknowledged=journal.count("acknowledged"),
        refused=journal.count("refused"),
        unknown=journal.count("unknown"),
        lost=sorted((journal.named("acknowledged") | journal.named("unknown")) - stored.keys()),
        doubled=[name for counter in (stored, commands) for name, number in counter.items() if number > 1],
        stored_though_refused=sorted(journal.named("refused") & stored.keys()),
        longest_wait=journal.longest_wait(excused),
    )


def _ask_log(world: World, notes: Sequence[str]) -> None:
    """Positions without a gap, leaves that match, and a log that extends every checkpoint that was kept."""
    assert [entry.position for entry in world.entries] == list(range(1, world.size() + 1))
    assert world.audit.ask_whole(world.id) == world.view.position == world.size()
    report = report_of(world, kept_checkpoints=[list(notes)] if notes else [])
    assert report.finding is None, report.finding
    assert report.is_whole


def _ask_servers(world: World, journal: Journal, ports: Sequence[int]) -> None:
    """What a server shows equals a fold from nothing."""
    users = [(user.login_name, user.is_administrator, user.is_deleted) for user in world.view.users.values()]
    for port in ports:
        shown, after = [], ""
        while True:
            status, text = journal.ask(port, f"/api/v1/users?limit=1000&after={after}")
            assert status == 200, text
            page = json.loads(text)
            shown += [(user["login_name"], user["administrator"], user["deleted"]) for user in page["users"]]
            if not (after := page["next"]):
                break
        assert sorted(shown) == sorted(users)
        check = json.loads(journal.ask(port, "/api/v1/login-check?login_name=admin")[1])
        assert (check["position"], check["license"]["in_use"]) == (world.view.position, world.view.in_use)
