"""`vendor issue --renew` and `--from`, and what `revoke-key` says is to be issued anew."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from application.license_keys import Keyring, LicenseKeys, claims_of
from domain.license import License
from tests.examples import INSTALLATION_ID, OTHER_INSTALLATION_ID
from tests.interface.cli.vendor_desk import MAINTAINED, TERMS, YEAR, Desk, run

HEADER = "customer,product,edition,licenses,license_start,license_end,maintenance_start,maintenance_end"
HEADER += ",optional_products,installation\n"
LINE = "Example Ltd,timetracker-nx,Professional,50,2126-04-01,2127-03-31,2126-04-01,2127-03-31,Analytics|Planning,"
LINE += f"{INSTALLATION_ID}\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "keys")


def license_of(desk: Desk, text: str) -> License:
    return LicenseKeys(Keyring.from_file(desk.keys / "keyring.json")).read(text).license


def renew(desk: Desk, customer: str, *options: str) -> License:
    result = run("issue", *desk.signing, "--renew", customer, *options)
    assert result.exit_code == 0, result.output
    return license_of(desk, result.stdout.strip())


def periods(license_: License) -> list[tuple[str, str | None] | None]:
    claims = claims_of(license_)
    return [period and tuple(period.values()) for period in (claims["license_period"], claims["maintenance_period"])]


def test_a_renewal_says_the_same_a_year_on(desk: Desk) -> None:
    last = license_of(desk, desk.issue("Example Ltd", *MAINTAINED, "--optional-product", "Analytics"))
    renewed = renew(desk, "Example Ltd")
    assert periods(renewed) == [("2127-04-01", "2128-03-31"), ("2127-04-01", "2128-03-31")]
    same = ("edition", "licenses", "optional_products", "customer", "issuer", "audience", "product")
    assert [getattr(renewed, name) for name in same] == [getattr(last, name) for name in same]
    assert renewed.key_id != last.key_id
    assert periods(renew(desk, "Example Ltd"))[0] == ("2128-04-01", "2129-03-31")
    assert len(desk.listed()) == 3


@pytest.mark.parametrize(
    ("start", "end", "renewed"),
    [
        ("2126-03-01", "2127-02-28", ("2127-03-01", "2128-02-29")),
        ("2127-03-01", "2128-02-29", ("2128-03-01", "2129-02-28")),
        ("2127-02-28", "2128-02-28", ("2128-02-29", "2129-02-28")),
        ("2124-04-01", "2127-03-31", ("2127-04-01", "2128-03-31")),
        ("2126-04-01", "2126-04-30", ("2126-05-01", "2127-04-30")),
    ],
    ids=["to a leap day", "from a leap day", "begins on a leap day", "three years", "a month"],
)
def test_a_renewal_leaves_no_gap_and_lasts_a_year(desk: Desk, start: str, end: str, renewed: tuple[str, str]) -> None:
    desk.issue("Example Ltd", "--license-start", start, "--license-end", end)
    assert periods(renew(desk, "Example Ltd")) == [renewed, None]


def test_a_perpetual_license_is_renewed_with_its_maintenance(desk: Desk) -> None:
    desk.issue("Example Ltd", *MAINTAINED[:2], *MAINTAINED[4:])
    assert periods(renew(desk, "Example Ltd")) == [("2127-04-01", None), ("2127-04-01", "2128-03-31")]


def test_every_option_says_what_is_different(desk: Desk) -> None:
    desk.issue("Example Ltd", *MAINTAINED)
    options = ("--licenses", "60", "--edition", "Basic", "--product", "other", "--customer", "New Ltd")
    options += ("--license-start", "2127-05-01", "--license-end", "2127-05-31", "--optional-product", "Planning")
    options += ("--maintenance-start", "2127-05-01", "--maintenance-end", "2127-05-02", "--any-installation")
    changed = renew(desk, "example ltd", *options)
    assert (changed.licenses, changed.edition, changed.product, changed.customer) == (60, "Basic", "other", "New Ltd")
    assert periods(changed) == [("2127-05-01", "2127-05-31"), ("2127-05-01", "2127-05-02")]
    assert (changed.optional_products, changed.audience) == (("Planning",), "*")


def test_a_renewal_goes_on_from_the_license_that_begins_last(desk: Desk) -> None:
    desk.issue("Example Ltd", "--license-start", "2127-04-01", "--license-end", "2128-03-31")
    desk.issue("Example Ltd", *YEAR)  # a correction of the year before, issued later
    assert periods(renew(desk, "Example Ltd"))[0] == ("2128-04-01", "2129-03-31")


def test_of_several_installations_one_must_be_chosen(desk: Desk) -> None:
    desk.issue("Example Ltd")
    desk.issue("Example Ltd", installation=OTHER_INSTALLATION_ID)
    refused = desk.refused("issue", *desk.signing, "--renew", "Example Ltd")
    assert refused.startswith("Refused (renewal_refused): ")
    assert "2 of different products or installations" in refused
    assert renew(desk, "Example Ltd", "--installation", OTHER_INSTALLATION_ID).audience == OTHER_INSTALLATION_ID


def test_what_ends_never_is_not_renewed_and_neither_is_a_stranger(desk: Desk) -> None:
    desk.issue("Example Ltd", "--license-start", "2126-04-01")
    assert "so that nothing of it ends" in desk.refused("issue", *desk.signing, "--renew", "Example Ltd")
    assert desk.refused("issue", *desk.signing, "--renew", "Nobody").startswith("Refused (ledger_unknown): ")
    desk.issue("Last Ltd", "--license-start", "2126-04-01", "--license-end", "9999-12-31")
    assert "the calendar has no more days" in desk.refused("issue", *desk.signing, "--renew", "Last Ltd")


def test_a_dry_run_shows_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(HEADER + LINE)
    options = ("--customer", "Example Ltd", *TERMS, *YEAR, "--any-installation")
    for what in (options, ("--from", tmp_path / "list.csv")):
        shown = run("issue", *desk.signing, *what, "--dry-run")
        assert shown.exit_code == 0, shown.output
        assert "2126-04-01 to 2127-03-31" in shown.stdout
        assert "eyJ" not in shown.stdout
    assert sorted(path.name for path in desk.keys.iterdir()) == ["keyring.json", "signing-key.pem"]


def test_what_is_not_renewed_needs_all_options(desk: Desk) -> None:
    missing = run("issue", *desk.signing, "--customer", "Example Ltd", "--edition", "E")
    assert missing.exit_code == 2
    assert "--product, --licenses, --license-start" in missing.stderr


# Lists


def batch(desk: Desk, tmp_path: Path, text: str | bytes, *options: str | Path) -> tuple[int, str, str]:
    (tmp_path / "list.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    options = options or ("--keys-to", tmp_path / "keys.csv")
    result = run("issue", *desk.signing, "--from", tmp_path / "list.csv", *options)
    return result.exit_code, result.stdout, result.stderr


def test_two_hundred_customers_at_once(desk: Desk, tmp_path: Path) -> None:
    lines = [LINE.replace("Example Ltd", f'"Customer, {number}"') for number in range(200)]
    status, stdout, stderr = batch(desk, tmp_path, HEADER + "".join(lines))
    assert (status, stdout, stderr) == (0, "", f"200 license keys are in {tmp_path / 'keys.csv'}.\n")
    with (tmp_path / "keys.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    licenses = [license_of(desk, row["license_key"]) for row in rows]
    assert [license_.customer for license_ in licenses] == [f"Customer, {number}" for number in range(200)]
    assert {(each.optional_products, each.audience) for each in licenses} == {
        (("Analytics", "Planning"), INSTALLATION_ID)
    }
    assert [row["license_key_id"] for row in rows] == [license_.key_id for license_ in licenses]
    assert [entry["license_key"] for entry in desk.listed()] == [row["license_key"] for row in rows]
    assert (tmp_path / "keys.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_as_spreadsheets_write_it(desk: Desk, tmp_path: Path, separator: str, encoding: str) -> None:
    text = "Customer,Product,Edition,Licenses,License start\nÜmit GmbH,p,E,3,2126-04-01\n,,,,\n"
    status, _, stderr = batch(desk, tmp_path, text.replace(",", separator).encode(encoding))
    assert status == 0, stderr
    assert "Warning: line 2: every installation of the product may register it." in stderr
    assert desk.customers() == ["Ümit GmbH"]


def test_a_customer_who_is_called_like_a_formula_is_none_to_a_spreadsheet(desk: Desk, tmp_path: Path) -> None:
    assert batch(desk, tmp_path, HEADER + LINE.replace("Example Ltd", "=1+1"))[0] == 0
    (row,) = csv.DictReader((tmp_path / "keys.csv").read_text().splitlines())
    assert row["customer"] == "'=1+1"
    assert desk.customers() == ["=1+1"]


BAD = {
    "licenses": (LINE.replace(",50,", ",many,"), "column licenses: licenses is not a whole number from 1 to 10000000"),
    "no licenses": (LINE.replace(",50,", ",0,"), "column licenses: licenses is not a whole number"),
    "date": (LINE.replace("2127-03-31", "31.3.2127", 1), "column license_end: license_end is not a date"),
    "order": (LINE.replace("2127-03-31", "2125-03-31", 1), "column license_end: license_period"),
    "half": (LINE.replace("2127-03-31,Ana", ",Ana"), "column maintenance_end: give both maintenance_start and"),
    "uuid": (LINE.replace(INSTALLATION_ID, "7d3c"), "column installation: installation is not"),
    "empty": (LINE.replace("Example Ltd", ""), "column customer: sub is not a text of 1 to 200"),
    "long": (LINE.replace("Professional", "x" * 201), "column edition: edition is not a text of 1 to 200"),
    "products": (LINE.replace("Planning", "Analytics"), "column optional_products: "),
    "beyond": (LINE.replace("\n", ",more\n"), "more"),
    "quote": (LINE.replace("Example Ltd", '"Example" Ltd'), "expected after"),
}


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_line_is_named_with_its_column_and_nothing_is_issued(desk: Desk, tmp_path: Path, bad: str) -> None:
    line, problem = BAD[bad]
    status, stdout, stderr = batch(desk, tmp_path, HEADER + LINE.replace("Example", "First") + line)
    assert (status, stdout) == (1, "")
    assert stderr.startswith("Refused (batch_refused): Nothing was issued. 1 of the lines are wrong:\nline 3: ")
    assert problem in stderr
    assert not (tmp_path / "keys.csv").exists()
    assert desk.customers() == []


def test_every_bad_line_is_named(desk: Desk, tmp_path: Path) -> None:
    lines = [LINE, LINE, LINE.replace(",50,", ",x,"), LINE.replace("timetracker-nx", "")]
    _, _, stderr = batch(desk, tmp_path, HEADER + "".join(lines))
    assert "3 of the lines are wrong" in stderr
    assert "line 3: it says the same as line 2" in stderr
    assert "line 4: column licenses: " in stderr
    assert "line 5: column product: " in stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the header needs the columns customer, product, edition, licenses, license_start"),
        ("customer;edition\n", "the header needs the columns product, licenses, license_start"),
        (HEADER, "there is no line below the header"),
        (HEADER.replace("customer", "customer,colour"), "the column “colour” is unknown; the columns are customer"),
        (HEADER.replace("customer", "customer,customer"), "the column “customer” "),
        (b"PK\x03\x04", "line 1: "),
        (HEADER.encode() + b"\xff\n", "line 2: "),
        ((HEADER + "x\n" * 10_001).encode(), "10001"),
    ],
    ids=["nothing", "columns missing", "no line", "unknown", "twice", "workbook", "no UTF-8", "too many"],
)
def test_a_file_that_is_no_list_is_refused(desk: Desk, tmp_path: Path, text: str | bytes, problem: str) -> None:
    status, stdout, stderr = batch(desk, tmp_path, text)
    assert (status, stdout) == (1, "")
    assert stderr.startswith("Refused (batch_refused): ")
    assert problem in stderr
    assert desk.customers() == []


def test_the_file_of_keys_is_never_overwritten(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text("ours")
    status, _, stderr = batch(desk, tmp_path, HEADER + LINE)
    assert (status, (tmp_path / "keys.csv").read_text()) == (1, "ours")
    assert stderr.startswith("Refused (file_exists): ")
    assert desk.customers() == []


def test_where_the_file_cannot_be_written_nothing_is_issued(desk: Desk, tmp_path: Path) -> None:
    status, _, stderr = batch(desk, tmp_path, HEADER + LINE, "--keys-to", tmp_path / "none" / "keys.csv")
    assert (status, desk.customers()) == (1, [])
    assert stderr.startswith("Refused (ledger_unusable): ")


def test_a_list_says_all_by_itself(desk: Desk, tmp_path: Path) -> None:
    keys_to = ("--keys-to", str(tmp_path / "keys.csv"))
    for options in (
        ("--customer", "X", *keys_to),
        ("--any-installation", *keys_to),
        ("--renew", "X", *keys_to),
        (*keys_to, "--dry-run"),
    ):
        assert batch(desk, tmp_path, HEADER + LINE, *options)[0] == 2
    (tmp_path / "list.csv").write_text(HEADER + LINE)
    assert run("issue", *desk.signing, "--from", tmp_path / "list.csv").exit_code == 2
    assert run("issue", *desk.signing, "--renew", "X", *keys_to).exit_code == 2


# Signing keys


def test_a_revoked_signing_key_tells_what_to_issue_anew(desk: Desk) -> None:
    desk.issue("Ended Ltd", "--license-start", "2020-01-01", "--license-end", "2020-12-31")
    desk.issue("Replaced Ltd")
    desk.issue("Running Ltd")
    (desk.keys / "signing-key.pem").rename(desk.keys / "old.pem")
    assert run("new-key", desk.keys, "--kid", "acme-2027").exit_code == 0
    signing = ("--signing-key", desk.keys / "signing-key.pem", "--kid", "acme-2027")
    again = ("--customer", "Replaced Ltd", *TERMS, *YEAR, "--installation", INSTALLATION_ID)
    assert run("issue", *signing, *again).exit_code == 0
    for _ in range(2):  # revoked, and revoked already
        revoked = run("revoke-key", desk.keys, "--kid", "acme-2026", "--yes")
        assert revoked.exit_code == 0
        assert (
            "License keys of “acme-2026” to issue anew, unless the customer has registered them: 1." in revoked.stderr
        )
        assert "Running Ltd" in revoked.stderr
        assert "Replaced Ltd" not in revoked.stderr
        assert "Ended Ltd" not in revoked.stderr
    assert desk.verify().stdout.startswith("4 license keys; the ledger is whole, signed by “acme-2027”")


def test_a_ledger_signed_by_a_revoked_key_alone_is_warned_of(desk: Desk) -> None:
    desk.issue("Example Ltd")
    assert run("revoke-key", desk.keys, "--kid", "acme-2026", "--yes").exit_code == 0
    assert "newest checkpoint is signed by “acme-2026”, which is revoked" in desk.verify().stderr


def test_a_damaged_ledger_does_not_keep_a_signing_key_from_being_revoked(desk: Desk) -> None:
    desk.issue("Example Ltd")
    desk.ledger.unlink()
    revoked = run("revoke-key", desk.keys, "--kid", "acme-2026", "--yes")
    assert revoked.exit_code == 0
    assert "Which license keys have to be issued anew cannot be told." in revoked.stderr
    assert '"revoked"' in (desk.keys / "keyring.json").read_text()
