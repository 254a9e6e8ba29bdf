"""Every refusal has its status: a new one without is found here, and not as a silent 500 (H16)."""

from __future__ import annotations

import pytest

from domain.refusals import KeyRefused, Refused
from interface.web.audiences import STATUSES, is_for_programs
from tests.application.words.test_refusals import REFUSALS

AT_A_TERMINAL_ALONE = {
    "anchor_unusable": "only the vendor puts a checkpoint into a key, on a command line",
    "backup_refused": "backups are made on the machine",
    "batch_refused": "only the vendor issues license keys",
    "export_unsound": "exports are asked on an auditor's own machine",
    "file_exists": "files for keeping are written on the machine",
    "input_unreadable": "standard input is a terminal's",
    "keyring_invalid": "answered as what cannot be checked now (UNAVAILABLE)",
    "ledger_altered": "only the vendor has a ledger of license keys",
    "ledger_unknown": "only the vendor has a ledger of license keys",
    "ledger_unusable": "only the vendor has a ledger of license keys",
    "license_not_signable": "only the vendor signs",
    "move_refused": "databases are moved on the machine, while nothing is served",
    "renewal_refused": "only the vendor issues license keys",
    "renewal_request_unfit": "only the vendor reads renewal files, on a command line",
    "restore_refused": "backups are put in place on the machine, while nothing is served",
    "signing_key_unusable": "only the vendor has one",
    "token_not_printed": "only the command line prints one",
    "unknown_time_zone": "only `init` asks for one",
}


@pytest.mark.parametrize(
    "kind", [kind for kind in REFUSALS.values() if hasattr(kind, "code")], ids=lambda kind: kind.code
)
def test_every_refusal_has_a_status(kind: type[Refused]) -> None:
    assert issubclass(kind, KeyRefused) or kind.code in STATUSES or kind.code in AT_A_TERMINAL_ALONE


def test_no_status_is_left_over() -> None:
    assert set(STATUSES) <= {kind.code for kind in REFUSALS.values() if hasattr(kind, "code")}


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/", "/livez", "/readyz"])
def test_programs_have_their_paths(path: str) -> None:
    assert is_for_programs(path)


@pytest.mark.parametrize("path", ["/", "/license", "/api", "/livez/", "/audit/overview"])
def test_everything_else_is_for_people(path: str) -> None:
    assert not is_for_programs(path)
