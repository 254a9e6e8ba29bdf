"""Exports made by earlier versions: every later version verifies them, and replays them to the same state.

Each directory of tests/golden/exports holds one: what `audit export` wrote, and what an auditor has beside it. They
were made by the real application, on a clock set by hand, with example keys that are no secret; they are never edited.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from application.proof import verify_export
from application.proof.verify_export import End, StoredEvent, read_export, vkeys_in
from tests.application.audited import verify_with_replay
from tests.domain.test_events import FROZEN

GOLDEN = Path(__file__).parents[2] / "golden" / "exports"


@pytest.fixture(params=sorted(path.name for path in GOLDEN.iterdir()))
def golden(request: pytest.FixtureRequest) -> Path:
    return GOLDEN / str(request.param)


def test_it_verifies_with_the_auditors_keys_and_checkpoint_and_replays_to_its_state(golden: Path) -> None:
    report = verify_with_replay(
        (golden / "export").read_bytes(),
        log_keys=vkeys_in((golden / "log-key").read_bytes()),
        keyring=(golden / "keyring.json").read_bytes(),
        kept_checkpoints=[[(golden / "kept-checkpoint").read_text("utf-8")]],
    )
    # A key in it carries a checkpoint of another history: the application recorded that, and the verifier finds it.
    assert [position + 1 for position in report.contradicted_anchors] == report.alarms["LogAnchorContradicted"]
    assert (report.finding.code if report.finding else None) == "anchor_contradicted"
    assert report.root
    assert not report.keys_from_export
    assert report.license_keys_since_revoked < report.license_keys
    assert report.state
    assert (report.state["position"], report.signed_size) == (report.events, report.events)


def test_version_1_holds_every_kind_of_event_a_revoked_key_and_several_checkpoints() -> None:
    with (GOLDEN / "version-1" / "export").open("rb") as stream:
        records = list(read_export(stream))
    topics = {record.topic for record in records if isinstance(record, StoredEvent)}
    assert topics == {f"seatledger:{event}" for event in FROZEN["2026-11-version-1"]}
    end = records[-1]
    assert isinstance(end, End)
    assert end.state == {
        "position": 37,
        "day": "2026-07-04",
        "name": "Acme",
        "product": "timetracker-nx",
        "time_zone": "Europe/Berlin",
        "edition": "Professional",
        "valid": 9,
        "in_use": 6,
        "license_period": ["2026-04-01", "2027-03-31"],
        "maintenance_period": ["2026-04-01", "2027-03-31"],
        "optional_products": ["Analytics", "Reports"],
        "covered_until": "2028-03-31",
        "registered_users": 7,
        "administrators": 1,
        "auditors": 1,
    }


def test_the_single_file_verifies_it_as_well(golden: Path, tmp_path: Path) -> None:
    shutil.copy(verify_export.__file__, tmp_path / "verify_export.py")
    words = ["--log-key", golden / "log-key", "--keyring", golden / "keyring.json"]
    command = [sys.executable, "-I", tmp_path / "verify_export.py", golden / "export", *words]
    result = subprocess.run(
        [*command, "--checkpoint", golden / "kept-checkpoint"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines()[-1].startswith("WRONG (anchor_contradicted): ")
