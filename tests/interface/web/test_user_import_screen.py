"""Importing a list on the web: what it would do is shown, and exactly that is confirmed."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from application import licensing
from application.log.acting import Acting
from application.log.failures import StorageFailed
from interface.front.bodies import LARGEST, LARGEST_LIST
from interface.web.admin import user_import
from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.web.house import House, Visitor, fields_of, text_of

IMPORT = "/users/import"


def check(visitor: Visitor, data: bytes, **fields: str) -> TestResponse:
    return visitor.post(IMPORT, file=(BytesIO(data), "users.csv"), **fields)


def check_large(visitor: Visitor, data: bytes) -> TestResponse:
    """The same, written by hand: werkzeug's client leaves a temporary file open."""
    token = fields_of(visitor.get(IMPORT).text.replace("csrf_token", "token"), IMPORT)["token"][0]
    parts = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="users.csv"\r\n\r\n'
    )
    body = parts.encode() + data + b"\r\n--x--\r\n"
    return visitor.client.post(IMPORT, data=body, content_type="multipart/form-data; boundary=x")


def confirm(visitor: Visitor, checked: TestResponse, **fields: str) -> TestResponse:
    """What the button below the plan sends."""
    return visitor.post(IMPORT, **fields_of(checked.text, IMPORT), **fields)


def names_of(house: House) -> set[str]:
    return {user.login_name for user in house.view.users.values() if not user.is_deleted}


def test_a_list_is_checked_confirmed_and_taken_back(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=3))
    house.add_user("ann")
    checked = check(administrator, b"login_name\nann\nbob\nzoe\n")
    assert checked.status_code == 200
    page = text_of(checked)
    assert "Would add 2, 1 beyond the licenses. There already: 1. Nothing was changed." in page
    assert "Then there would be 4 users, 3 licenses: users without system administrator" in page
    assert "In use 2 4" in page
    assert "Available 1 −1" in page
    assert "Import 2 users, 1 beyond the licenses" in page
    assert names_of(house) == {ADMINISTRATOR, "ann"}, "checking imports nothing"

    done = administrator.follow(confirm(administrator, checked))
    assert "Added: 2. There already: 1." in text_of(done)
    assert names_of(house) == {ADMINISTRATOR, "ann", "bob", "zoe"}

    undone = administrator.follow(administrator.post("/users/undo", **fields_of(done.text, "/users/undo")))
    assert "Undone: 2 users are deleted." in text_of(undone)
    assert names_of(house) == {ADMINISTRATOR, "ann"}


def test_what_was_pasted_is_a_list_as_well(house: House, administrator: Visitor) -> None:
    checked = administrator.post(IMPORT, list="login_name;administrator\r\nann;\r\nJürgen;false\r\n")
    administrator.follow(confirm(administrator, checked))
    assert {"ann", "Jürgen"} < names_of(house)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbflogin_name,administrator\r\n\xc3\x84nne,\r\n",
        "\ufefflogin_name\tadministrator\nÄnne\tfalse\n".encode("utf-16-le"),
        "sep=;\nLogin name;Administrator\nÄnne;nein\n".encode(),
    ],
    ids=["UTF-8 with a mark", "UTF-16 and tabs", "semicolons"],
)
def test_files_are_read_as_the_command_line_reads_them(house: House, administrator: Visitor, data: bytes) -> None:
    administrator.follow(confirm(administrator, check(administrator, data)))
    assert "Änne" in names_of(house)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "line 1: the file is empty; it must begin with the header login_name"),
        (b"PK\x03\x04rest of a workbook", "the file is a spreadsheet's own (such as .xlsx"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "it is not UTF-8; save the file as “CSV UTF-8”"),
        (b"login_name\nann\nann\n=x\n", "line 3: ann stands on line 2 already"),
        (b"login_name,group\nann,a\n", "the header has the column “group”, which is not imported"),
        (b"login_name\nJ\xfcrgen\n", "line 2: it is not UTF-8"),
    ],
    ids=["empty", "workbook", "picture", "bad lines", "column", "Windows-1252"],
)
def test_a_wrong_list_is_refused_with_its_lines(
    house: House, administrator: Visitor, data: bytes, sentence: str
) -> None:
    refused = check(administrator, data)
    assert refused.status_code == 400
    assert sentence in text_of(refused)
    assert "import_refused" in refused.text
    assert 'name="confirmation"' not in refused.text
    assert names_of(house) == {ADMINISTRATOR}


def test_deleted_users_of_a_list_are_restored_if_that_is_asked_for(house: House, administrator: Visitor) -> None:
    house.add_user("ann")
    house.do("delete_user", "ann")
    refused = check(administrator, b"login_name\nann\n")
    assert refused.status_code == 400
    assert "line 2: ann is deleted" in text_of(refused)
    checked = administrator.post(IMPORT, **fields_of(refused.text, IMPORT))
    assert "Would add 0 and restore 1, 1 beyond the licenses." in text_of(checked)
    done = administrator.follow(confirm(administrator, checked))
    assert "Added: 0. Restored: 1. There already: 0." in text_of(done)
    assert "ann" in names_of(house)


def test_what_changed_since_it_was_shown_is_shown_again(house: House, administrator: Visitor) -> None:
    checked = check(administrator, b"login_name\nann\nbob\n")
    house.add_user("bob")
    again = confirm(administrator, checked)
    assert again.status_code == 409
    assert "what the list would do now is not what was shown" in text_of(again)
    assert "Would add 1, 1 beyond the licenses. There already: 1." in text_of(again)
    assert "ann" not in names_of(house)
    administrator.follow(confirm(administrator, again))
    assert "ann" in names_of(house)


def test_a_form_sent_twice_imports_once(house: House, administrator: Visitor) -> None:
    checked = check(administrator, b"login_name\nann\n")
    twin = administrator.twin(house.app)
    first, second = confirm(administrator, checked), confirm(twin, checked)
    position = house.view.position
    assert "Added: 1. There already: 0." in text_of(administrator.follow(first))
    assert "Added: 1. There already: 0." in text_of(twin.follow(second))
    assert house.view.position == position


def test_the_same_form_after_a_server_died_says_what_it_has_done(house: House, administrator: Visitor) -> None:
    """Its answer is lost, its users are in the log: nobody is told that something changed meanwhile."""
    fields = fields_of(check(administrator, b"login_name\nann\nbob\n").text, IMPORT)
    administrator.follow(administrator.post(IMPORT, **fields))
    with house.seatledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE idempotency_keys SET answer = NULL, begun_at = begun_at - 7")
    page = administrator.follow(administrator.post(IMPORT, **fields))
    assert "This list is being imported, or was: 2 users of it so far." in text_of(page)
    assert fields_of(page.text, "/users/undo")["command_id"]


def test_an_import_that_breaks_off_says_so_and_can_be_taken_back_or_gone_on_with(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database stores the first two users and no more."""
    monkeypatch.setattr(licensing, "EVENTS_PER_SAVE", 2)
    data = b"login_name\nann\nbob\nzoe\n"
    checked = check(administrator, data)
    act, saves = Acting.act, []

    def fail(*args: Any, **options: Any) -> Any:  # Any: whatever Acting.act takes and gives
        saves.append(args)
        if len(saves) == 2:
            raise StorageFailed(reason="no room")
        return act(*args, **options)

    monkeypatch.setattr(Acting, "act", fail)
    broken = confirm(administrator, checked)
    monkeypatch.setattr(Acting, "act", act)
    assert broken.status_code == 503
    assert "The import broke off after 2 users: the database could not store more." in text_of(broken)
    assert "zoe" not in names_of(house)
    again = check(administrator, data)
    assert "Would add 1" in text_of(again)
    undone = administrator.follow(administrator.post("/users/undo", **fields_of(broken.text, "/users/undo")))
    assert "Undone: 2 users are deleted." in text_of(undone)
    assert names_of(house) == {ADMINISTRATOR}


def test_new_administrators_take_the_password_and_get_a_link(house: House, administrator: Visitor) -> None:
    data = b"login_name,administrator\nann,true\nbob,\n"
    administrator.forget_password()
    checked = check(administrator, data)
    assert "1 administrator among the new users" in text_of(checked)
    asked = confirm(administrator, checked)
    assert asked.status_code == 401
    assert "ann" not in names_of(house)
    done = administrator.follow(administrator.post(IMPORT, **fields_of(asked.text, IMPORT), password_again=PASSWORD))
    assert house.view.user("ann").is_administrator  # type: ignore[union-attr]
    assert re.search(r'value="http://localhost/password#', done.text)


def test_a_list_that_was_altered_on_the_way_is_refused(house: House, administrator: Visitor) -> None:
    fields = fields_of(check(administrator, b"login_name\nann\n").text, IMPORT)
    for packed in ("", "x", fields["packed"][0][:-8], "é"):
        refused = administrator.post(IMPORT, **{**fields, "packed": packed})
        assert refused.status_code == 400
        assert "was altered on the way" in text_of(refused)
    assert "ann" not in names_of(house)


def test_a_list_of_megabytes_comes_through_and_a_larger_one_is_refused(house: House, administrator: Visitor) -> None:
    """More than another form's 64 KiB, and than Werkzeug's half megabyte in memory: as a file, and as a field."""
    header = b"login_name," + b" " * 600_000 + b"\n"
    administrator.follow(confirm(administrator, check_large(administrator, header + b"ann\n")))
    administrator.follow(confirm(administrator, administrator.post(IMPORT, list=header + b"bob\n")))
    assert {"ann", "bob"} < names_of(house)
    many = b"login_name\n" + b"\n" * user_import.MOST_LINES
    assert "the file has 200001 lines, and at most 200000 are read" in text_of(check_large(administrator, many))
    refused = check_large(administrator, b"login_name\n" + b" " * user_import.MOST_BYTES)
    assert "the file has more than 4194304 bytes; split it" in text_of(refused)
    assert administrator.post(IMPORT, list="x" * LARGEST_LIST).status_code == 413
    assert administrator.post("/users", login_name="x" * LARGEST).status_code == 413, "no other form is as large"


def test_auditors_see_no_form_and_import_nothing(house: House) -> None:
    house.add_auditor()
    auditor = house.visitor("auditor")
    assert 'type="file"' not in auditor.get(IMPORT).text
    assert check(auditor, b"login_name\nann\n").status_code == 403
