"""No false alarm: whatever the use cases recorded, the verifier finds nothing that the rules forbid."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest

from application.exported import OwnEvidence, verify_and_replay
from application.proof.verify_export import EVENTS
from tests.application.audited import export_of
from tests.application.proof.honest import FIRST, live
from tests.proof_examples import KEYRING_FILE
from tests.world import World

DEEDS = 50


def verify_histories(directory: Path, seeds: range) -> Counter[str]:
    """Live one life for each seed and verify its export; gives how often each kind of event was recorded."""
    kinds: Counter[str] = Counter()
    for seed in seeds:
        place = directory / str(seed)
        place.mkdir()
        with World(place) as world:
            world.on(FIRST).open()
            life = live(world, seed, DEEDS)
            export, _ = export_of(world)
            own = OwnEvidence([[note] for note in life.notes], [world.vkey], (), KEYRING_FILE)
            report = verify_and_replay(io.BytesIO(export), own)
            # An alarm stands behind each license key that carries a checkpoint of another history, and nowhere else.
            assert [each + 1 for each in report.contradicted_anchors] == report.alarms["LogAnchorContradicted"], seed
            assert report.is_whole, (seed, str(report.finding))
            kinds.update(world.events())
    return kinds


@pytest.mark.seldom_on_postgresql("10,000 commands, of which the verifier sees exports alone")
@pytest.mark.parametrize("first", range(0, 200, 50))
def test_two_hundred_honest_histories_are_sound(tmp_path: Path, first: int) -> None:
    kinds = verify_histories(tmp_path, range(first, first + 50))
    missing = EVENTS.keys() - {f"seatledger:{kind}" for kind in kinds}
    assert not missing, "these histories hold every kind of event"


@pytest.mark.long
def test_a_thousand_honest_histories_are_sound(tmp_path: Path) -> None:
    verify_histories(tmp_path, range(1_000, 2_000))
