"""The fields of the Audit screens as Japanese keyboards fill them."""

from __future__ import annotations

import re

from tests.interface.web.house import Visitor, text_of


def test_days_positions_and_names_may_be_typed_in_wide_digits_and_letters(administrator: Visitor) -> None:
    then = {"position": "３", "login_name": "ａｄｍｉｎ"}
    page = text_of(administrator.get("/audit/license", query_string=then))
    assert "after event 3 on" in page
    assert re.search("admin ?: could", page)
    history = administrator.get("/audit/history", query_string={"from": "２０２６－０４－２０", "by": "ｔｅｓｔｅｒ"})
    assert history.status_code == 200
