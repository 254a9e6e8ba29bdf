"""The vendor's commands, as typed at a terminal."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from application.license_keys import Keyring, LicenseKeys
from domain.license import License
from interface.cli.vendor import vendor
from tests.examples import INSTALLATION_ID, KEYRING, REVOKED_KID, REVOKED_SIGNING_KEY, a_key, a_license_key

DATES = ("--license-start", "2126-04-01", "--license-end", "2127-03-31")
MAINTENANCE = ("--maintenance-start", "2126-04-01", "--maintenance-end", "2127-03-31")


def run(*arguments: str | Path, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Result:
    environment = {"SEATLEDGER_KEYRING": "", **(env or {})}
    return CliRunner().invoke(vendor, list(map(str, arguments)), input=stdin, env=environment)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A vendor's directory with a signing key."""
    made = run("new-key", tmp_path / "keys", "--kid", "acme-2026", "--issuer", "Acme Ltd")
    assert made.exit_code == 0, made.output
    return tmp_path / "keys"


def issue(
    directory: Path, *more: str, licenses: str = "50", kid: str = "acme-2026", stdin: str | None = None
) -> Result:
    options = ["--signing-key", directory / "signing-key.pem", "--kid", kid, "--customer", "Example Customer"]
    options += ["--product", "timetracker-nx", "--edition", "Professional", "--licenses", licenses]
    return run("issue", *options, *(more or DATES), stdin=stdin)


def issued(directory: Path, result: Result) -> License:
    """The license that was printed, verified with the vendor's keyring."""
    assert result.exit_code == 0, result.output
    key, end = result.stdout.split("\n")
    assert end == ""
    return LicenseKeys(Keyring.from_file(directory / "keyring.json")).read(key).license


@pytest.fixture
def keyring_file(tmp_path: Path) -> Path:
    path = tmp_path / "example-keyring.json"
    path.write_text(json.dumps(KEYRING.to_jwk_set()))
    return path


def test_new_key_prints_what_it_wrote(tmp_path: Path) -> None:
    made = run("new-key", tmp_path, "--kid", "acme-2026")
    assert made.stdout == f"{tmp_path}/signing-key.pem\n{tmp_path}/keyring.json\n"


def test_new_key_never_overwrites_a_signing_key(directory: Path) -> None:
    again = run("new-key", directory, "--kid", "acme-2027")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("Refused (signing_key_unusable): ")


def test_issue_prints_a_key_that_says_what_was_asked_and_nothing_else(directory: Path) -> None:
    more = (
        "--optional-product",
        "Analytics",
        "--optional-product",
        "Planning",
        "--installation",
        INSTALLATION_ID.upper(),
    )
    result = issue(directory, *DATES, *MAINTENANCE, *more, "--issued-at", "2026-03-15T10:00:00+01:00")
    license_ = issued(directory, result)
    assert result.stderr == ""
    assert (license_.edition, license_.licenses, license_.issuer) == ("Professional", 50, "Acme Ltd")
    assert (license_.optional_products, license_.audience) == (("Analytics", "Planning"), INSTALLATION_ID)
    assert license_.issued_at == 1773565200
    assert license_.maintenance_period == license_.license_period


def test_without_an_end_the_license_is_perpetual_and_fits_any_installation(directory: Path) -> None:
    result = issue(directory, "--license-start", "2026-04-01")
    license_ = issued(directory, result)
    assert "Warning: every installation of the product may register it." in result.stderr
    assert (license_.license_period.end, license_.maintenance_period, license_.audience) == (None, None, "*")


@pytest.mark.parametrize("options", [("--any-installation",), ("--installation", "*")], ids=" ".join)
def test_any_installation_that_is_asked_for_is_not_warned_of(directory: Path, options: tuple[str, ...]) -> None:
    result = issue(directory, *DATES, *options)
    assert (issued(directory, result).audience, result.stderr) == ("*", "")


def test_one_installation_and_any_exclude_each_other(directory: Path) -> None:
    result = issue(directory, *DATES, "--any-installation", "--installation", INSTALLATION_ID)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not both" in result.stderr


def test_issue_warns_of_a_name_that_was_pasted_with_a_blank(directory: Path) -> None:
    result = issue(directory, *DATES, "--any-installation", "--issuer", "acme  ltd ")
    issued(directory, result)
    assert result.stderr.splitlines() == [
        "Warning: --issuer begins or ends with a blank: “acme  ltd ”.",
        "Warning: --issuer has two blanks or more beside each other: “acme  ltd ”.",
        "Warning: --issuer “acme  ltd ” differs from the keyring's “Acme Ltd” in case, form or blanks only.",
    ]


def test_each_issued_key_has_an_id_of_its_own(directory: Path) -> None:
    assert issued(directory, issue(directory)).key_id != issued(directory, issue(directory)).key_id


def test_the_issuer_can_be_given_and_is_the_kid_if_nobody_named_one(tmp_path: Path) -> None:
    run("new-key", tmp_path, "--kid", "acme-2026")
    assert issued(tmp_path, issue(tmp_path)).issuer == "acme-2026"
    assert issued(tmp_path, issue(tmp_path, *DATES, "--issuer", "Reseller")).issuer == "Reseller"


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        (("--license-start", "2001-01-01", "--license-end", "2001-12-31"), "the license period ended on 2001-12-31"),
        ((*DATES, "--issued-at", "2120-01-01T00:00:00Z"), "issued in the future"),
        ((*DATES, "--optional-product", "Analytics"), "can never be used"),
        ((*DATES, "--maintenance-start", "2126-04-01", "--maintenance-end", "2128-03-31"), "goes on until 2128-03-31"),
        ((*DATES, "--maintenance-start", "2125-04-01", "--maintenance-end", "2127-03-31"), "starts on 2125-04-01"),
        ((*DATES, "--maintenance-start", "2001-04-01", "--maintenance-end", "2002-03-31"), "ended on 2002-03-31"),
    ],
)
def test_issue_signs_what_is_probably_a_mistake_and_warns(
    directory: Path, options: tuple[str, ...], warning: str
) -> None:
    result = issue(directory, *options)
    issued(directory, result)
    assert "Warning: " in result.stderr
    assert warning in result.stderr


def test_issue_warns_if_no_keyring_beside_the_signing_key_knows_the_kid(directory: Path) -> None:
    assert "no keyring beside the signing key" in issue(directory, kid="acme-2027").stderr
    (directory / "keyring.json").unlink()
    assert "no keyring beside the signing key" in issue(directory).stderr


def test_issue_warns_if_the_signing_key_is_revoked(directory: Path) -> None:
    keyring = directory / "keyring.json"
    keyring.write_text(keyring.read_text().replace('"active"', '"revoked"'))
    result = issue(directory)
    assert (result.exit_code, "is revoked" in result.stderr) == (0, True)


def test_issue_refuses_a_kid_under_which_the_keyring_has_another_key(directory: Path) -> None:
    (directory / "keyring.json").write_text(json.dumps(KEYRING.to_jwk_set()))
    result = issue(directory, kid=next(iter(KEYRING)).key_id)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "another key by the name" in result.stderr


def test_issue_refuses_what_no_key_can_say(directory: Path) -> None:
    result = issue(directory, licenses="0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Refused (license_not_signable): This license cannot be signed: "
        "licenses is not a whole number from 1 to 10000000.\n"
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--license-start", "2026-4-1"),
        ("--license-start", "2026-02-30"),
        (*DATES, "--maintenance-start", "2126-04-01"),
        (*DATES, "--maintenance-end", "2126-04-01"),
        (*DATES, "--installation", "here"),
        (*DATES, "--issued-at", "yesterday"),
        (*DATES, "--issued-at", "2026-04-01T00:00:00"),
        (*DATES, "--issued-at", "2026-04-01T25:00:00Z"),
        ("--license-end", "2127-03-31"),
    ],
)
def test_wrong_usage_of_issue_is_2(directory: Path, options: tuple[str, ...]) -> None:
    result = issue(directory, *options)
    assert (result.exit_code, result.stdout) == (2, "")


def test_an_encrypted_signing_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    made = run("new-key", tmp_path, "--kid", "acme-2026", "--passphrase-stdin", stdin="a passphrase\r\n")
    assert made.exit_code == 0
    assert issue(tmp_path).exit_code == 1
    assert issue(tmp_path, *DATES, "--passphrase-stdin", stdin="wrong\n").exit_code == 1
    assert issue(tmp_path, *DATES, "--passphrase-stdin", stdin="").exit_code == 2
    issued(tmp_path, issue(tmp_path, *DATES, "--passphrase-stdin", stdin="a passphrase\n"))


def test_inspect_without_a_keyring_says_that_the_signature_was_not_checked() -> None:
    shown = run("inspect", a_key(licenses=50))
    assert shown.exit_code == 0
    assert "NOT CHECKED" in shown.stdout
    assert "Licenses             50\n" in shown.stdout
    assert json.loads(run("inspect", a_key(), "--json").stdout)["signature"] == "not_checked"


def test_inspect_with_a_keyring_checks_the_signature(keyring_file: Path) -> None:
    shown = run("inspect", a_key(), "--keyring", keyring_file)
    assert shown.stdout.startswith("Signature            valid, by the key “example-2026”\n")
    forged = a_key(signing_key=REVOKED_SIGNING_KEY)
    refused = run("inspect", forged, "--keyring", keyring_file)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (bad_signature): ")


def test_inspect_takes_the_keyring_from_the_environment(keyring_file: Path) -> None:
    revoked = a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID)
    refused = run("inspect", revoked, env={"SEATLEDGER_KEYRING": str(keyring_file)})
    assert refused.stderr.startswith("Refused (revoked_signing_key): ")


def test_inspect_shows_what_a_key_says_though_its_signing_key_is_revoked(keyring_file: Path) -> None:
    revoked = a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID, licenses=7)
    shown = run("inspect", revoked, "--keyring", keyring_file)
    assert shown.exit_code == 1
    assert shown.stdout.startswith("Signature            by the key “example-2024”, which is REVOKED: ")
    assert "Licenses             7\n" in shown.stdout
    assert shown.stderr.startswith("Refused (revoked_signing_key): ")
    as_json = run("inspect", "-", "--keyring", keyring_file, "--json", stdin=f"> Key:\r\n> {revoked}\r\n")
    assert as_json.exit_code == 1
    report = json.loads(as_json.stdout)
    assert (report["signature"], report["signing_key_id"]) == ("revoked_signing_key", REVOKED_KID)
    assert report["claims"]["licenses"] == 7


def test_inspect_shows_what_a_key_says_though_nobody_knows_its_signing_key(keyring_file: Path) -> None:
    shown = run("inspect", a_key(kid="somebody", licenses=7), "--keyring", keyring_file)
    assert shown.exit_code == 1
    assert shown.stdout.startswith("Signature            NOT CHECKED: the keyring has no key “somebody”")
    assert "Licenses             7\n" in shown.stdout
    assert shown.stderr.startswith("Refused (unknown_signing_key): ")
    as_json = run("inspect", a_key(kid="somebody"), "--keyring", keyring_file, "--json")
    assert json.loads(as_json.stdout)["signature"] == "unknown_signing_key"


def test_inspect_shows_nothing_that_a_revoked_key_did_not_sign(keyring_file: Path) -> None:
    forged = run("inspect", a_key(kid=REVOKED_KID), "--keyring", keyring_file)
    assert (forged.exit_code, forged.stdout) == (1, "")
    assert forged.stderr.startswith("Refused (bad_signature): ")


@pytest.mark.parametrize("keyring", [True, False], ids=["with a keyring", "without"])
@pytest.mark.parametrize("name", ["acme.txt", "acme", "Acme Ltd.jws", "eyJ.eyJ.key"])
def test_inspect_knows_a_files_name_where_a_key_belongs(
    tmp_path: Path, keyring_file: Path, name: str, keyring: bool
) -> None:
    (tmp_path / name).write_text(a_key())
    refused = run("inspect", tmp_path / name, *(("--keyring", keyring_file) if keyring else ()))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Refused (malformed): “{tmp_path / name}” is the name of a file")
    command = refused.stderr.split("“seatledger vendor ")[1].split("”")[0]
    assert shlex.split(command) == ["inspect", "-", "<", str(tmp_path / name)]
    assert run("inspect", "-", stdin=(tmp_path / name).read_bytes()).exit_code == 0


@pytest.mark.parametrize("name", ["acme", "x" * 4000, "a\0b", "."], ids=["none there", "too long", "NUL", "a folder"])
def test_inspect_takes_for_a_files_name_only_that_of_a_file_that_is_there(name: str) -> None:
    refused = run("inspect", name)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Refused (malformed): There is no whole license key in this text")


def test_inspect_prints_json_alone(keyring_file: Path) -> None:
    shown = json.loads(run("inspect", a_key(licenses=7), "--keyring", keyring_file, "--json").stdout)
    assert shown["signature"] == "valid"
    assert shown["fingerprint"] == a_license_key(licenses=7).fingerprint
    assert shown["claims"]["licenses"] == 7
    assert shown["claims"]["license_period"] == {"start": "2026-04-01", "end": "2027-03-31"}


def test_inspect_reads_a_pasted_key_from_standard_input(keyring_file: Path) -> None:
    pasted = '> "' + a_key()[:200] + "\r\n> " + a_key()[200:] + '"\r\n'
    assert run("inspect", "-", "--keyring", keyring_file, stdin=pasted).exit_code == 0


@pytest.mark.parametrize(
    ("stdin", "code"), [(b"", "malformed"), (b"\xff\xfe", "malformed"), (b"A" * 20_000_000, "too_long")]
)
def test_inspect_refuses_what_is_no_key_on_standard_input(stdin: bytes, code: str) -> None:
    refused = run("inspect", "-", stdin=stdin)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Refused ({code}): ")


def test_inspect_lets_no_control_character_reach_the_terminal() -> None:
    shown = run("inspect", a_key(other_claims={"x_\x1b[2J": "\x1b[31m\u202e", "x_size": 5}))
    assert all(character.isprintable() or character == "\n" for character in shown.stdout)
    assert "x_size               5\n" in shown.stdout


def test_inspect_refuses_a_keyring_that_is_not_there(tmp_path: Path) -> None:
    refused = run("inspect", a_key(), "--keyring", tmp_path / "none.json")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Refused (keyring_invalid): ")
