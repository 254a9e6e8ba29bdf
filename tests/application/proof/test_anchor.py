"""The external anchor: a license key that carries what the vendor saw, and a log that does not extend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from application.proof.anchor import Anchor, AnchorUnusable, checkpoint_to_anchor
from application.proof.notes import Checkpoint, origin_of, sign, sign_note
from tests.examples import OTHER_INSTALLATION_ID, a_license
from tests.proof_examples import INSTALLATION, LOG, LOG_KEY, ORIGIN, VKEY, a_checkpoint, leaves_of, root
from tests.refused import refused
from tests.world import BY, World


@pytest.fixture
def one(house: World) -> World:
    house.add("ann", "bob")
    return house


def anchor_of(note: str) -> dict[str, Any]:
    return Anchor.claims(checkpoint_to_anchor(note, None)[1])


def test_a_key_with_a_true_anchor_is_registered_like_any_other(one: World) -> None:
    note = one.checkpoint()
    one.add("carl")
    one.register(other_claims=anchor_of(note))
    assert one.events()[-1] == "LicenseRegistered"
    assert one.view.alarms == ()


@pytest.mark.parametrize("wrong", [{"x_log_root": "A" * 43 + "="}, {"x_log_size": 2}, {"x_log_size": 10_000}])
def test_a_contradicted_anchor_is_recorded_in_the_same_save_as_the_key(one: World, wrong: dict[str, Any]) -> None:
    claims = anchor_of(one.checkpoint()) | wrong
    one.register(other_claims=claims)
    *_, registered, contradicted = one.entries
    assert (registered.kind, contradicted.kind) == ("LicenseRegistered", "LogAnchorContradicted")
    assert registered.command_id == contradicted.command_id
    assert contradicted.fields == {"size": claims["x_log_size"], "root": claims["x_log_root"]}
    (alarm,) = one.view.alarms
    assert (type(alarm.event).__name__, alarm.position) == ("LogAnchorContradicted", contradicted.position)
    assert one.check() == ("admit", "ok")


@pytest.mark.sqlite_alone("backups of its file")
def test_a_restored_backup_contradicts_the_vendors_anchor(one: World, tmp_path: Path) -> None:
    """C11, without anybody having kept anything on purpose."""
    backup = one.copy_to(tmp_path / "backup")
    one.add("lost")
    claims = anchor_of(one.checkpoint())
    with backup as restored:
        restored.add("another")
        restored.register(other_claims=claims)
        assert restored.events()[-1] == "LogAnchorContradicted"


def test_a_key_that_is_registered_already_records_nothing(one: World) -> None:
    claims = anchor_of(one.checkpoint()) | {"x_log_size": 2}
    for by in (BY, BY, "cli:somebody who gives a first command"):
        one.register(other_claims=claims, by=by)
    assert one.events().count("LogAnchorContradicted") == 1
    assert one.events()[-1] == "LogAnchorContradicted"


@pytest.mark.parametrize("claims", [{}, {"x_log_size": 3}, {"x_log_root": "A"}, {"x_log_size": "3", "x_log_root": "A"}])
def test_what_is_no_whole_anchor_says_nothing(one: World, claims: dict[str, Any]) -> None:
    assert Anchor.of(a_license(other_claims=claims)) is None
    one.register(other_claims=claims)
    assert one.events()[-1] == "LicenseRegistered"


def test_an_anchor_holds_for_every_longer_log_and_for_no_shorter_or_other_one() -> None:
    leaves = leaves_of(LOG)
    numbered = list(enumerate(leaves, 1))
    for size in range(len(LOG) + 1):
        anchor = Anchor.of(a_license(other_claims=Anchor.claims(Checkpoint(ORIGIN, size, root(leaves[:size])))))
        assert anchor is not None
        for longer in range(size, len(LOG) + 1):
            assert anchor.is_extended_by(iter(numbered[:longer]))
        assert size == 0 or not anchor.is_extended_by(numbered[: size - 1])
        assert size == 0 or not anchor.is_extended_by([(1, b"\0" * 32), *numbered[1:]])
        assert size < 2 or not anchor.is_extended_by([numbered[0], *numbered[2:]])


def test_a_checkpoint_becomes_an_anchor_with_and_without_the_log_key() -> None:
    note = a_checkpoint(LOG, 7)
    for keys in (None, [VKEY]):
        installation_id, checkpoint = checkpoint_to_anchor(note, keys)
        assert (installation_id, checkpoint.size) == (str(INSTALLATION), 7)


@pytest.mark.parametrize(
    ("note", "keys"),
    [
        ("", None),
        ("nonsense\n\n— x AAAAAAA=\n", None),
        (a_checkpoint(LOG).replace("\n20\n", "\n-1\n"), None),
        (sign_note("example.com/log\n1\n" + "A" * 43 + "=\n", "example.com/log", LOG_KEY), None),
        (sign_note("seatledger/x\n1\n" + "A" * 43 + "=\n", "seatledger/x", LOG_KEY), None),
        (a_checkpoint(LOG).replace("\n20\n", "\n21\n"), [VKEY]),
        (sign(Checkpoint(origin_of(OTHER_INSTALLATION_ID), 1, b"\0" * 32), LOG_KEY), [VKEY]),
        (sign_note(Checkpoint(origin_of(OTHER_INSTALLATION_ID), 1, b"\0" * 32).text, ORIGIN, LOG_KEY), [VKEY]),
        (a_checkpoint(LOG), ["nonsense"]),
        (a_checkpoint(LOG), []),
    ],
)
def test_what_is_no_checkpoint_of_an_installation_is_refused(note: str, keys: list[str] | None) -> None:
    with refused(AnchorUnusable, "The checkpoint cannot go into a license key: "):
        checkpoint_to_anchor(note, keys)
