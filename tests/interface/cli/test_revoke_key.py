"""`vendor revoke-key`: what it writes, what it refuses, and that installations then refuse what the key signed."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from interface.cli.vendor import vendor
from tests.examples import KEYRING, KID, REVOKED_KID, REVOKED_SIGNING_KEY, a_key
from tests.interface.cli.conftest import CommandLine

ANOTHER_KIND = {"kty": "RSA", "kid": "for-mail", "n": "AQAB", "e": "AQAB", "alg": "RS256"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A vendor's directory whose keyring has keys of ours, one of another kind, and a member that is none of ours."""
    path = tmp_path / "keys"
    path.mkdir()
    document = KEYRING.to_jwk_set()
    document["keys"][0]["x5t"] = "kept"
    (path / "keyring.json").write_text(json.dumps({**document, "keys": [*document["keys"], ANOTHER_KIND], "note": "ü"}))
    return path


def revoke(directory: Path, kid: str, *options: str, stdin: str = "") -> Result:
    return CliRunner().invoke(vendor, ["revoke-key", str(directory), "--kid", kid, *options], input=stdin)


def keyring(directory: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((directory / "keyring.json").read_text())
    return document


@pytest.mark.parametrize(("options", "stdin"), [(("--yes",), ""), ((), "y\n")], ids=["--yes", "answered"])
def test_it_marks_the_key_and_keeps_all_else(directory: Path, options: tuple[str, ...], stdin: str) -> None:
    before = keyring(directory)
    revoked = revoke(directory, KID, *options, stdin=stdin)
    assert (revoked.exit_code, revoked.stdout) == (0, f"{directory}/keyring.json\n")
    before["keys"][0]["status"] = "revoked"
    assert keyring(directory) == before
    assert stat.S_IMODE((directory / "keyring.json").stat().st_mode) == 0o644
    assert [path.name for path in directory.iterdir()] == ["keyring.json"]


@pytest.mark.parametrize("stdin", ["", "n\n", "\n"], ids=["nobody answers", "no", "an empty line"])
def test_it_asks_first_and_says_what_becomes_of_the_keys_issued(directory: Path, stdin: str) -> None:
    before = (directory / "keyring.json").read_bytes()
    refused = revoke(directory, KID, stdin=stdin)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "refuse every license key that was signed with “example-2026”" in refused.stderr
    assert "Licenses that are registered stay in force" in refused.stderr
    assert "Nothing was changed." in refused.stderr
    assert (directory / "keyring.json").read_bytes() == before


@pytest.mark.parametrize("kid", ["example-2025", "EXAMPLE-2026", "for-mail", "", "\x1b[2J"])
def test_a_kid_that_signs_nothing_is_refused(directory: Path, kid: str) -> None:
    before = (directory / "keyring.json").read_bytes()
    refused = revoke(directory, kid, "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (signing_key_unusable): The keyring ")
    assert refused.stderr.endswith("It has: example-2026, example-2024.\n")
    assert "\x1b" not in refused.stderr
    assert (directory / "keyring.json").read_bytes() == before


def test_a_revoked_key_stays_revoked(directory: Path) -> None:
    before = (directory / "keyring.json").read_bytes()
    again = revoke(directory, REVOKED_KID)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == "“example-2024” is revoked already; nothing was changed.\n"
    assert (directory / "keyring.json").read_bytes() == before


def test_it_warns_when_no_active_key_is_left(directory: Path) -> None:
    assert "Warning: no active key is left" in revoke(directory, KID, "--yes").stderr
    made = CliRunner().invoke(vendor, ["new-key", str(directory), "--kid", "example-2027"])
    assert made.exit_code == 0, made.output
    made = CliRunner().invoke(vendor, ["new-key", str(directory / "another"), "--kid", "example-2028"])
    assert made.exit_code == 0, made.output
    keys = [*keyring(directory)["keys"], *keyring(directory / "another")["keys"]]
    (directory / "keyring.json").write_text(json.dumps({"keys": keys}))
    assert "no active key" not in revoke(directory, "example-2027", "--yes").stderr


@pytest.mark.parametrize("content", [None, "", "{}", '{"keys": []}'], ids=["none", "empty", "no keys", "an empty list"])
def test_what_is_no_keyring_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "keyring.json").write_text(content)
    refused = revoke(tmp_path, KID, "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (keyring_invalid): ")
    assert str(tmp_path / "keyring.json") in refused.stderr


def test_installations_refuse_what_a_revoked_key_signed_and_keep_what_is_registered(
    line: CommandLine, tmp_path: Path
) -> None:
    line.do("license", "register", a_key(licenses=3))
    assert revoke(tmp_path, KID, "--yes").exit_code == 0  # the world's keyring is in its directory
    refused = line.run("license", "register", a_key(licenses=4))
    assert refused.stderr.startswith("Refused (revoked_signing_key): ")
    assert line.json("license", "show")["license"]["valid"] == 3
    other = line.run("license", "register", a_key(licenses=5, kid=REVOKED_KID, signing_key=REVOKED_SIGNING_KEY))
    assert other.stderr.startswith("Refused (revoked_signing_key): ")
