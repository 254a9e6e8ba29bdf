"""Help, the version, the vendor's contact and the dark colors: what stands on every screen (W-16, W-22)."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from interface.settings import Settings, SettingsInvalid
from interface.web import dark
from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor, text_of


def contact(house: House, text: str) -> Visitor:
    house.set(vendor_contact=Settings.from_environment({"SEATLEDGER_VENDOR_CONTACT": text}).vendor_contact)
    return house.visitor(ADMINISTRATOR)


def test_every_screen_names_the_version_and_leads_to_help(administrator: Visitor) -> None:
    page = administrator.get("/users")
    assert f"Seatledger {version('seatledger')}" in text_of(page)
    assert '<a href="/help">Help</a>' in page.text
    assert version("seatledger") not in administrator.client.get("/sign-in", follow_redirects=False).text


def test_a_stranger_learns_no_version(house: House) -> None:
    assert version("seatledger") not in house.visitor().get("/sign-in").text


def test_help_leads_to_screens_that_there_are(house: House, administrator: Visitor) -> None:
    house.add_auditor()
    for visitor in (administrator, house.visitor("auditor")):
        page = visitor.get("/help").text.partition('class="reading"')[2].partition("</main>")[0]
        links = re.findall(r'href="(/[^"]+)"', page)
        assert len(links) >= 5
        assert {visitor.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("licenses@vendor.example", '<a href="mailto:licenses@vendor.example">licenses@vendor.example</a>'),
        ("https://vendor.example/keys", '<a href="https://vendor.example/keys" rel="noreferrer">'),
        ("Ms Okafor, +49 30 901820", "Ms Okafor, +49 30 901820"),
        ("<script>@x", '<a href="mailto:&lt;script&gt;@x">&lt;script&gt;@x</a>'),
        ("javascript:alert(1)", "Vendor: javascript:alert(1)"),
    ],
    ids=["mail", "page", "telephone", "markup", "no page"],
)
def test_whom_to_ask_for_a_key_stands_where_one_looks(house: House, text: str, shown: str) -> None:
    visitor = contact(house, text)
    for path in ("/license", "/help", "/users"):
        assert shown in visitor.get(path).text
    assert 'href="javascript' not in visitor.get("/license").text


def test_without_a_contact_nothing_is_said_of_one(administrator: Visitor) -> None:
    assert "Vendor:" not in text_of(administrator.get("/help"))


@pytest.mark.parametrize("text", ["x" * 201, "a\nb", "a\u200bb"], ids=["too long", "two lines", "invisible"])
def test_a_contact_that_no_screen_can_show_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"SEATLEDGER_VENDOR_CONTACT": text})
    assert raised.value.problem.code == "contact_setting_invalid"


def test_w16_the_dark_colors_are_bootstraps_own_and_need_no_script(house: House) -> None:
    visitor = house.visitor()
    page = visitor.get("/sign-in").text
    assert '<link rel="stylesheet" href="/dark.css" media="screen and (prefers-color-scheme: dark)">' in page
    answer = visitor.get("/dark.css")
    assert answer.mimetype == "text/css"
    assert answer.text.startswith(":root{color-scheme:dark;")
    rules = dark.BOOTSTRAP.read_text(encoding="utf-8").count("[data-bs-theme=dark]")
    assert answer.text.count(":root") == rules
    again = visitor.get("/dark.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
