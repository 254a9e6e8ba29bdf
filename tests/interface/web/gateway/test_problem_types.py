"""The `type` of every problem leads to a page that tells of its code, and the documents say the same (ADR 69)."""

from __future__ import annotations

from html import unescape

import pytest

from application.words.problem_types import PROBLEM_TYPES
from domain.refusals import KeyRefused
from interface.web.gateway.problem_types import BY_CODE
from interface.web.gateway.problems import HTTP_ERRORS, UNREADABLE, UNTRUSTED_HOST
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House, text_of
from tests.publish_problems import DOCS, page, with_table


def test_what_flask_finds_and_what_is_wrong_with_keys_has_a_page() -> None:
    of_keys = {kind.code for kind in KeyRefused.__subclasses__()}
    by_flask = {code for code, _ in HTTP_ERRORS.values()}
    assert PROBLEM_TYPES.keys() >= {*of_keys, *by_flask, *UNREADABLE, UNTRUSTED_HOST[0]}


@pytest.mark.parametrize("code", PROBLEM_TYPES)
def test_the_page_of_a_code_asks_nobody_to_sign_in(shared_house: House, code: str) -> None:
    response = shared_house.app.test_client().get(f"/problems/{code}")
    assert response.status_code == 200
    text = text_of(response)
    for words in (code, str(BY_CODE[code]), *PROBLEM_TYPES[code]):
        assert words.replace("`", "") in text


@pytest.mark.parametrize("code", ["no_such_code", "busy/", "BUSY", "%3Cscript%3E", "busy/more"])
def test_a_code_that_is_none_has_no_page(shared_house: House, code: str) -> None:
    response = shared_house.app.test_client().get(f"/problems/{code}")
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert code not in response.text


def test_the_type_of_an_answer_leads_to_its_page(shared_house: House) -> None:
    problem = Program(shared_house.app).get("/api/v1/license").get_json(force=True)
    page_of_type = shared_house.app.test_client().get(problem["type"])
    assert problem["title"] == PROBLEM_TYPES["token_missing"].title
    assert f"<h1>{problem['title']}</h1>" in unescape(page_of_type.text)


def test_the_list_leads_to_every_page(shared_house: House) -> None:
    text = shared_house.app.test_client().get("/problems").text
    assert all(f'href="/problems/{code}"' in text for code in PROBLEM_TYPES)


def test_the_pages_need_no_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the database was asked")

    for question in ("last_known", "now", "installation_ids"):
        monkeypatch.setattr(house.licensing, question, fail)
    visitor = house.app.test_client()
    assert visitor.get("/problems/database_away").status_code == 200
    assert visitor.get("/problems").status_code == 200


def test_the_documents_say_the_same() -> None:
    """`python -m tests.publish_problems` writes both anew, for a change that is meant."""
    assert (DOCS / "problems.md").read_text(encoding="utf-8") == page()
    api = (DOCS / "api.md").read_text(encoding="utf-8")
    assert api == with_table(api)
