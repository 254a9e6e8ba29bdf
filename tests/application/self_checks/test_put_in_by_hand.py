"""What somebody with access to the database put into it beside the history: another installation, another log key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.proof.notes import Checkpoint, origin_of, sign, vkey
from application.proof.verify_export import Frontier
from tests.application.audited import export_of
from tests.proof_examples import OTHER_LOG_KEY
from tests.world import World


def codes(world: World) -> list[str]:
    return [finding.code for finding in world.seatledger.self_checks.findings(world.id)]


@pytest.mark.parametrize("other", ["0" * 32, "f" * 32])
def test_a_second_installation_is_named_beside_the_one_that_is_answered_for(house: World, other: str) -> None:
    house.checkpoint()
    assert codes(house) == []
    for table in ("stored_events", "merkle_leaves"):
        place, *columns = {"stored_events": ("originator_version", "topic", "state")}.get(table, ("position", "leaf"))
        row = ", ".join((place, *columns))
        statement = f"INSERT INTO {table} SELECT {{}}, {row} FROM {table} WHERE true ORDER BY {place}"  # noqa: S608
        house.sql(f"{statement.format(repr(other))} ON CONFLICT DO NOTHING")  # a server has written the leaves itself
    assert codes(house) == ["several_installations"]
    restarted = house.another_process()
    assert "several_installations" in codes(restarted)


def sign_with(world: World, key: Ed25519PrivateKey) -> None:
    """A checkpoint over everything, as whoever can write the database can put it there with a key of their own."""
    origin, tree = origin_of(world.id), Frontier()
    for (leaf,) in world.sql("SELECT leaf FROM merkle_leaves ORDER BY position"):
        tree.append(leaf)
    note = sign(Checkpoint(origin, tree.size, tree.root()), key)
    world.sql("INSERT INTO log_keys VALUES (?, ?)", world.id.hex, vkey(origin, key.public_key()))
    values = (world.id.hex, tree.size, tree.root(), note, "2026-04-01T00:00:00+00:00")
    world.sql("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", *values)


def test_a_checkpoint_by_another_key_is_named_if_our_key_signed_before_it(house: World) -> None:
    house.checkpoint()
    house.add("alice")
    size = house.size()
    sign_with(house, OTHER_LOG_KEY)
    house.add("bob")
    house.checkpoint()
    (finding,) = house.seatledger.self_checks.findings(house.id)
    assert (finding.code, finding.facts["size"]) == ("signed_by_another_key", size)
    assert export_of(house)[1].alarm is None


def test_a_log_key_that_was_changed_for_good_is_no_finding(house: World) -> None:
    house.checkpoint()
    house.add("alice")
    house.sign_with(OTHER_LOG_KEY)
    assert codes(house) == []
    house.checkpoint()
    house.add("bob")
    house.checkpoint()
    assert codes(house) == []
