"""The verifier as an auditor runs it: one copied file, its words, its exit status."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from application.proof import verify_export
from application.proof.verify_export import KEYS_FROM_EXPORT
from tests.proof_examples import EXPORT, JWK_SET, LOG, OTHER_LOG_KEY, VKEY, a_checkpoint, a_log, an_export

SOURCE = Path(verify_export.__file__)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with the copied verifier, an export, and what an auditor brings along."""
    shutil.copy(SOURCE, tmp_path / "verify_export.py")
    (tmp_path / "export").write_bytes(EXPORT)
    (tmp_path / "kept").write_text(a_checkpoint(LOG, 7), encoding="utf-8")
    (tmp_path / "log-key").write_text(f"\n{VKEY}\n", encoding="utf-8")
    (tmp_path / "keyring").write_text(json.dumps(JWK_SET), encoding="utf-8")
    (tmp_path / "empty").touch()
    return tmp_path


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-W", "error", "verify_export.py", *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_file_imports_only_the_standard_library_and_cryptography() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                imported |= {name.name.split(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                imported.add(module.split(".")[0])
            case ast.ImportFrom():
                pytest.fail("a relative import")
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_a_sound_export_ends_with_0(place: Path) -> None:
    result = run(place, "export", "--checkpoint", "kept", "--log-key", "log-key", "--keyring", "keyring")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("\nNothing is wrong.\n")
    assert KEYS_FROM_EXPORT not in result.stdout


def test_without_the_auditors_keys_it_says_what_it_shows(place: Path) -> None:
    assert f"\n{KEYS_FROM_EXPORT}\n" in run(place, "export").stdout


def test_a_finding_ends_with_1_and_stands_last(place: Path) -> None:
    (place / "export").write_bytes(EXPORT.replace(b"seatledger:UserAdded", b"seatledger:UserDeleted", 1))
    result = run(place, "export")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines()[-1] == (
        "WRONG (leaf_mismatch): Position 3: The event does not match its leaf: one of them was altered after it was "
        "recorded."
    )


def test_the_report_as_json_names_code_and_position(place: Path) -> None:
    (place / "export").write_bytes(an_export(a_log(6)))
    result = run(place, "export", "--checkpoint", "kept", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 1
    assert (report["result"], report["events"], report["keys_from_export"]) == ("finding", 6, True)
    assert (report["finding"]["code"], report["finding"]["position"]) == ("older_than_kept_checkpoint", 7)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["empty"], "not_an_export"),
        (["verify_export.py"], "not_an_export"),
        (["forged", "--log-key", "log-key"], "checkpoint_invalid"),
    ],
)
def test_files_that_do_not_fit_end_with_1(place: Path, arguments: list[str], code: str) -> None:
    (place / "forged").write_bytes(an_export(log_key=OTHER_LOG_KEY))
    result = run(place, *arguments)
    assert (result.returncode, result.stderr) == (1, "")
    assert f"WRONG ({code})" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            [],
            ["missing"],
            ["."],
            ["export", "--log-key", "missing"],
            ["export", "--keyring", "."],
            ["export", "--what"],
        ),
        *(["export", option, "empty"] for option in ("--log-key", "--keyring", "--checkpoint")),
        *(["export", option, "verify_export.py"] for option in ("--log-key", "--keyring", "--checkpoint")),
        ["export", "--log-key", "keyring"],
    ],
    ids=str,
)
def test_wrong_usage_ends_with_2_and_no_traceback(place: Path, arguments: list[str]) -> None:
    result = run(place, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "verify_export.py: error: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file here")
def test_gigabytes_of_nonsense_end_with_1(place: Path) -> None:
    result = run(place, "/dev/zero")
    assert (result.returncode, result.stderr) == (1, "")
    assert "WRONG (not_an_export)" in result.stdout


def test_the_auditors_own_files_are_ordinary_ones(place: Path) -> None:
    """An endless device and a pipe that nobody writes into are wrong usage, not a wait for ever."""
    os.mkfifo(place / "pipe")
    for own in ("/dev/zero", "pipe"):
        result = run(place, "export", "--keyring", own)
        assert (result.returncode, result.stdout) == (2, "")
        assert "no ordinary file" in result.stderr


def test_keys_that_are_passed_over_are_named(place: Path) -> None:
    keys = [*JWK_SET["keys"], {"kty": "RSA", "kid": "rsa-2027", "n": "AQAB", "e": "AQAB"}]
    (place / "keyring").write_text(json.dumps({"keys": keys}), encoding="utf-8-sig")
    result = run(place, "export", "--keyring", "keyring")
    assert result.returncode == 0
    assert "Passed over in the keyring: 'rsa-2027': it is no Ed25519 key." in result.stdout
