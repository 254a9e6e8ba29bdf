"""A server that ends connections, as at its restart: who only asks does not notice, also right after an answer."""

from __future__ import annotations

import logging

import pytest

from application.log.postgres import reader
from application.log.postgres.connection import Connection
from tests import postgres
from tests.world import World


@pytest.mark.parametrize("unlooked", [0.0, 3600.0], ids=["looked at", "just answered"])
def test_whoever_asks_again_is_answered_by_a_new_connection(
    served: World, place: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, unlooked: float
) -> None:
    monkeypatch.setattr(reader, "UNLOOKED", unlooked)
    other = served.another_process().licensing
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            position = other.now(served.id).position
            served.add(f"user-{unlooked}-{position}")
            postgres.hang_up(place)
            assert other.now(served.id).position == position + 1
    assert not caplog.records


def test_a_hanging_up_that_cannot_be_seen_yet_is_not_noticed_either(
    served: World, place: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its way still when it is looked for: the log's connection, and that of the keys of names."""
    monkeypatch.setattr(Connection, "is_dead", lambda _: False)
    other = served.another_process().licensing
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            position = other.now(served.id).position
            served.another_process().add(f"user-{position}")
            postgres.hang_up(place)
            assert other.now(served.id).position == position + 1
    assert not caplog.records
