"""An auditor's story: from the history to how it was then, a login of then, a checkpoint; and axe on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from application.proof.verify_export import read_checkpoint, read_vkey
from tests.browser.screens import expect_message, go_to_audit, sign_in
from tests.browser.server import Site, serving
from tests.browser.test_accessibility import look
from tests.browser.year import DAYS, tell
from tests.interface.web.house import House


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Site]:
    """A year of an installation: twelve licenses, too many users, then twenty-five licenses, and users who go again."""
    with serving(tmp_path, opened_days_ago=DAYS) as site:
        tell(site.house)
        yield site


def test_an_auditor_finds_out_who_could_log_in_and_keeps_a_checkpoint(page: Page, told: Site, tmp_path: Path) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.set_viewport_size({"width": 1100, "height": 820})
    sign_in(page, told, "vera")
    go_to_audit(page, "History")
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()

    page.get_by_label("Event", exact=True).select_option("License registered")
    page.get_by_role("button", name="Show", exact=True).click()
    lines = page.locator(".happened")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("admin registered a license key: Professional, 25 licenses")
    expect(page.get_by_label("Event", exact=True)).to_have_value("LicenseRegistered")
    page.get_by_role("link", name="Show all").click()

    page.get_by_label("About").fill("anna.berg")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("admin added the user “anna.berg”")
    lines.last.get_by_role("link", name="As it was then").click()
    expect(page.get_by_label("The past")).to_contain_text("Nothing here is current.")
    page.get_by_label("Check a login name as of then").fill("anna.berg")
    page.get_by_role("button", name="Check", exact=True).click()
    answer = page.locator(".answer")
    expect(answer).to_contain_text("could not log in")
    expect(answer).to_contain_text("license_not_started")
    expect(answer).to_be_in_viewport()

    go_to_audit(page, "As it was then")
    page.get_by_label("Moment").fill(f"{(told.house.clock.now - timedelta(days=40)).date()}T12:00:00")
    page.get_by_role("button", name="Show that moment").click()
    expect(page.get_by_label("The past")).to_contain_text("12:00:00 (Europe/Berlin), after event")
    expect(page.locator(".counts dd").first).to_contain_text("12")
    expect(page.get_by_text("In use above Valid")).to_be_visible()
    expect(page.get_by_text("then", exact=True)).to_be_visible()
    page.get_by_role("link", name="The users then").click()
    page.get_by_role("link", name="Check the login of admin").click()
    expect(answer).to_contain_text("could only reach the Admin screen")

    go_to_audit(page, "Overview")
    expect(page.get_by_text("No alarm")).to_be_visible()
    page.get_by_role("button", name="Take checkpoint").click()
    expect_message(page, "was signed. Download it and keep it elsewhere.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download newest checkpoint").click()
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    audit, id_ = told.house.audit, told.house.id
    assert read_checkpoint(kept.read_text(), [read_vkey(audit.public_key(id_))]).size == told.house.view.position
    assert page.get_by_label("Public log key").input_value() == audit.public_key(id_)
    assert messages == []


def test_every_audit_screen_is_clean(page: Page, told: Site) -> None:
    sign_in(page, told, "vera")
    position = told.house.view.position - 20
    told.house.do("add_users", [f"one.of.many.{number}" for number in range(25)])
    screens = {
        "History": "/audit/history",
        "History, refused": "/audit/history?login_name=zoe&from=2026-01-01",
        "As it was then?": "/audit/license",
        "License as it was then": f"/audit/license?position={position}&login_name=ben.berg",
        "License before there was one": "/audit/license?position=2",
        "Users as they were then": f"/audit/users?position={position}&show=all",
        "Overview": "/audit/overview",
    }
    for name, path in screens.items():
        page.goto(told.address + path)
        for closed in page.locator(".picture summary, .deed summary").all():
            closed.click()
        look(page, name)
    log_alarm(told.house)
    page.goto(f"{told.address}/audit/overview")
    page.get_by_role("button", name="Take checkpoint").click()
    expect(page.get_by_label("Alarm").last).to_be_visible()
    look(page, "Overview, with alarms")


def log_alarm(house: House) -> None:
    """The clock jumps forward and is corrected."""
    today = house.clock.now
    house.clock.go_on(days=800)
    house.add_user("from.the.future")
    house.clock.now = today
    house.do("correct_clock", today.date())


def test_colors_come_through_the_content_security_policy(browser: Browser, told: Site) -> None:
    """Attributes of presentation and classes are allowed, and dark mode has colors of its own."""
    colors = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, told, "vera")
        page.goto(f"{told.address}/audit/overview")
        in_use, tick = page.locator("path.in-use"), page.locator("text.tick").last
        assert in_use.evaluate("element => getComputedStyle(element).fill") == "none"
        assert tick.evaluate("element => getComputedStyle(element).fontSize") == "12px"
        colors[scheme] = (
            in_use.evaluate("element => getComputedStyle(element).stroke"),
            tick.evaluate("element => getComputedStyle(element).fill"),
        )
        context.close()
    assert colors["light"][0] == "rgb(15, 107, 79)"
    assert all(light != dark for light, dark in zip(colors["light"], colors["dark"], strict=True))


def test_the_pictures_keep_their_letters_at_any_width(page: Page, told: Site) -> None:
    sign_in(page, told, "vera")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{told.address}/license")
        for picture in page.locator("svg[role=img]").all():
            box = picture.bounding_box()
            assert box is not None
            texts = [text.bounding_box() for text in picture.locator("text:visible").all() if text.text_content()]
            assert len(texts) > 4
            for text in texts:
                assert text is not None
                assert text["height"] > 11
    page.set_viewport_size({"width": 360, "height": 800})
    for kind in ("tick", "today-label"):
        for text in page.locator(f"text.{kind}").all():
            placed = text.bounding_box()
            assert placed is None or (placed["x"] >= 0 and placed["x"] + placed["width"] <= 360)


def test_by_keyboard_from_the_history_to_a_login_of_then(page: Page, told: Site) -> None:
    sign_in(page, told, "vera")
    page.goto(f"{told.address}/audit/history")
    page.get_by_label("Event", exact=True).focus()
    page.keyboard.type("User restored")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("User a")
    page.keyboard.press("Tab")
    page.keyboard.type("anna.berg")
    page.keyboard.press("Enter")
    expect(page.locator(".happened")).to_have_count(1)
    page.get_by_role("button", name="Show", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="As it was then after event")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Check a login name as of then").focus()
    page.keyboard.type("admin")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("could only reach the Admin screen")
