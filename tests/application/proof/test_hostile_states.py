"""Whatever states say, with true leaves and signatures, a report comes of them, and never an exception."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest

from application.proof.export import ExportWriter
from application.proof.notes import Checkpoint, sign
from application.proof.verify_export import Finding, Report, leaf, verify
from tests.application.audited import live_a_life
from tests.proof_examples import JWK_SET, LOG_KEY, root, seeded
from tests.world import World

VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        10**20,
        "",
        "x",
        "\x00",
        "2026-04-01",
        "9999-12-31",
        "0001-01-01",
        "*",
        [],
        {},
        [[]],
        {"a": 1},
    ),
    *(
        "user:",
        "operator:",
        "token:",
        "server",
        "auditor:00000000-0000-0000-0000-000000000000",
        ["users", "audit"],
        "A" * 5000,
    ),
    *({"_type_": "datetime_iso", "_data_": "9999-12-31T23:59:59+00:00"}, {"_type_": "datetime_iso", "_data_": 7}),
]


def an_export_of(world: World, log: list[tuple[str, bytes]]) -> bytes:
    """The export of such a log, with true leaves and a checkpoint signed with the real key."""
    leaves = [leaf(world.id, position, *event) for position, event in enumerate(log, 1)]
    stream = io.BytesIO()
    writer = ExportWriter(stream, world.id, log_keys=[world.vkey], keyring=JWK_SET)
    for position, (event, stored) in enumerate(zip(log, leaves, strict=True), 1):
        writer.event(world.id, position, *event, stored)
    writer.checkpoint(sign(Checkpoint(f"seatledger/{world.id}", len(log), root(leaves)), LOG_KEY))
    writer.end({})
    return stream.getvalue()


def altered(fields: dict[str, Any], others: list[Any], chance: Random) -> dict[str, Any]:
    """A state with one or two members that say something else: any value, or what another event says there."""
    fields = dict(fields)
    for _ in range(chance.choice([1, 1, 2])):
        name = chance.choice([*fields, *fields, "more"])
        fields[name] = chance.choice([*VALUES, *others])
        if chance.random() < 0.1:
            del fields[name]
    return fields


def reports(world: World, count: int) -> Iterator[tuple[Report, int]]:
    """Of logs in which one event was altered, and its position."""
    chance = seeded(count)
    with closing(world.settings.log.reader()) as reader:
        log = [(event.topic, event.state) for event in reader.events(world.id)]
    others = [value for _, state in log for value in json.loads(state).values()]
    topics = [topic for topic, _ in log]
    for _ in range(count):
        at = chance.randrange(len(log))
        topic, state = log[at]
        fields = altered(json.loads(state), others, chance)
        stored = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        topic = chance.choice([topic, topic, topic, chance.choice(topics)])
        yield verify(io.BytesIO(an_export_of(world, [*log[:at], (topic, stored), *log[at + 1 :]]))), at + 1


def check(world: World, count: int) -> None:
    live_a_life(world)
    for report, position in reports(world, count):
        assert report.as_json()
        assert isinstance(report.finding, Finding)  # there is a contradicted anchor at least
        assert report.is_whole or (report.finding.position or 0) >= position


def test_a_report_comes_of_whatever_states_say(house: World) -> None:
    check(house, 400)


@pytest.mark.long
def test_a_report_comes_of_thousands_of_states(house: World) -> None:
    check(house, 20_000)
