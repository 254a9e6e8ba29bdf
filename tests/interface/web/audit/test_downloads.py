"""Downloads for auditors: an export that verifies, and the history as a sheet in which nothing is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from application.cells import inert
from application.words.history_sheet import COLUMNS
from tests.application.audited import verify_with_replay
from tests.examples import a_key
from tests.interface.web.house import House, Visitor, text_of

DOCS = Path(__file__).parents[4] / "docs"
EXPORT, SHEET = "/audit/export", "/audit/history.csv"
FORMULAS = ('=HYPERLINK("x","y")', "+1", "-1+2", "@SUM(A1)", "＝1+1", '"quoted", with a comma')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """A license that ended since, users whose names are formulas, and an auditor."""
    with House(tmp_path_factory.mktemp("downloads")) as house:
        house.add_auditor("vera")
        house.register(a_key(licenses=2))
        house.add(*FORMULAS)
        house.do("delete_user", FORMULAS[0], by=f"user:{house.view.account_id('admin')}")
        house.clock.go_on(days=400)
        house.add("late")
        yield house


@pytest.fixture(scope="module")
def vera(house: House) -> Visitor:
    return house.visitor("vera")


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_export_is_what_the_command_writes_and_stands_the_verification(house: House, vera: Visitor) -> None:
    answer = vera.get(EXPORT)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="export-{house.size()}.jsonl"'
    assert answer.headers["Cache-Control"] == "no-store"
    report = verify_with_replay(answer.data, log_keys=[house.vkey])
    assert (report.finding, report.events) == (None, house.size())
    written = io.BytesIO()
    house.audit.export(house.id, written, keyring=house.keyring)
    assert answer.data == written.getvalue()


def test_the_sheet_has_every_line_of_the_history_newest_first(house: House, vera: Visitor) -> None:
    answer = vera.get(SHEET)
    assert answer.data.startswith(b"\xef\xbb\xbf"), "so that spreadsheets take it for UTF-8"
    assert answer.mimetype == "text/csv"
    sheet = rows(answer)
    assert tuple(sheet[0]) == COLUMNS
    assert [int(row["position"]) for row in sheet if row["position"]] == list(range(house.size(), 0, -1))
    calendar = [row["event"] for row in sheet if not row["position"]]
    assert calendar == ["LicenseEnded", "MaintenanceEnded"] or calendar == ["MaintenanceEnded", "LicenseEnded"]
    newest, opened = sheet[0], sheet[-1]
    assert newest["recorded_at"] == "2027-05-25T11:00:00+02:00"
    assert newest["sentence"] == "tester (command line) added the user “late”"
    assert (newest["in_use_before"], newest["in_use_after"]) == ("6", "7")
    assert (opened["event"], opened["by"], opened["day"]) == ("InstallationOpened", house.operator, "2026-04-20")
    (registered,) = (row for row in sheet if row["event"] == "LicenseRegistered")
    (key,) = house.view.license_keys.values()
    assert (registered["key_id"], registered["fingerprint"], registered["signing_key_id"]) == key
    assert (registered["valid_before"], registered["valid_after"], registered["edition_after"]) == (
        "0",
        "2",
        "Professional",
    )


def test_no_cell_is_a_formula(house: House, vera: Visitor) -> None:
    house.do("grant_administrator", "+1")
    house.do("add_user", "by a formula", by=f"user:{house.view.account_id('+1')}")
    sheet = rows(vera.get(SHEET))
    for row in sheet:
        for cell in row.values():
            assert not re.match(r"[=+\-@＝＋－＠\t\r\n]", cell.strip()), cell
    row = next(row for row in sheet if "“by a formula”" in row["sentence"])
    assert row["done_by"] == "'+1"
    assert row["sentence"].startswith("'+1 added")


@pytest.mark.parametrize("text", [*FORMULAS[:5], "  =1", "\t=1", "\tx", "\r=1", "－1"], ids=ascii)
def test_what_would_begin_a_formula_is_a_text(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "12", "2026-04-01", "“=”"], ids=ascii)
def test_any_other_text_stays(text: str) -> None:
    assert inert(text) == text


def test_the_screens_filters_go_along(vera: Visitor) -> None:
    screen = vera.get("/audit/history?event=UserAdded&by=cli:tester&from=2026-04-20&to=2026-04-21")
    link = re.search(r'href="(/audit/history\.csv[^"]*)"', screen.text)
    assert link
    sheet = rows(vera.get(link[1].replace("&amp;", "&")))
    assert [row["event"] for row in sheet] == ["UserAdded"] * 7, "the first administrator, and those above"
    assert {row["day"] for row in sheet} == {"2026-04-20"}
    assert rows(vera.get(f"{SHEET}?from=2026-05-01&to=2026-05-02")) == []
    refused = vera.get(f"{SHEET}?by=nobody")
    assert refused.status_code == 400
    assert "nobody" in text_of(refused)
    assert refused.mimetype == "text/html"


def test_p4_the_names_are_a_file_of_their_own_which_auditors_may_have(house: House, vera: Visitor) -> None:
    answer = vera.get("/audit/names.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="names-{house.size()}.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    sheet = rows(answer)
    assert list(sheet[0]) == ["id", "kind", "name"]
    assert {row["kind"] for row in sheet} == {"user", "auditor", "operator"}
    assert next(row["id"] for row in sheet if row["name"] == "late") == house.view.account_id("late")
    assert "'+1" in {row["name"] for row in sheet}
    page = vera.get("/audit/overview")
    assert 'href="/audit/names.csv"' in page.text
    assert "Delete that file, and the sheet of the history, as soon as you no longer need them" in text_of(page)


def test_the_overview_leads_to_both(vera: Visitor) -> None:
    page = vera.get("/audit/overview").text
    assert f'href="{EXPORT}"' in page
    assert f'href="{SHEET}"' in page


def test_many_pages_of_the_history_are_one_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interface.web.audit.downloads.PAGE", 3)
    with House(tmp_path) as house:
        house.register(a_key(licenses=2))
        house.clock.go_on(days=400)
        house.add(*"abcdefgh")
        whole = rows(house.visitor("admin").get(SHEET))
        assert [row["position"] for row in whole if row["position"]] == [str(n) for n in range(house.size(), 0, -1)]
        assert sum(not row["position"] for row in whole) == 2, "each line of the calendar once"


def test_without_a_keyring_there_is_no_export_and_the_reason_is_said(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        (tmp_path / "keyring.json").unlink()
        answer = house.visitor("admin").get(EXPORT)
        assert answer.status_code == 503
        assert "keyring" in text_of(answer)


@pytest.mark.sqlite_alone("its way to alter bytes")
def test_an_altered_history_is_exported_as_it_is(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.add("ann")
        house.checkpoint()
        with house.attacker() as attacker:
            attacker.execute(
                "UPDATE stored_events SET state = replace(state, '\"administrator\":false', '\"administrator\":true') "
                "WHERE originator_version = (SELECT max(originator_version) FROM stored_events)"
            )
        answer = house.visitor("admin").get(EXPORT)
        report = verify_with_replay(answer.data)
        assert report.finding is not None
        assert report.finding.code == "leaf_mismatch"


def test_every_column_is_documented() -> None:
    section = (DOCS / "audit.md").read_text(encoding="utf-8").partition("## The history as a sheet")[2]
    assert re.findall(r"^\| ([a-z_]+) \| .+ \|$", section, re.MULTILINE) == list(COLUMNS)
