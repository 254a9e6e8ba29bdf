"""Renaming and erasing in a browser: with JavaScript on, off on a telephone, by keyboard alone, and as axe sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import expect_message, give_password_again, sign_in
from tests.browser.server import Site
from tests.browser.test_accessibility import look


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1280), (False, 360)], ids=["with JavaScript", "without, on a telephone"]
)
def test_a_user_is_renamed_back_again_and_at_last_erased(
    browser: Browser, site: Site, javascript: bool, width: int
) -> None:
    site.house.add("alice", "bob")
    context = browser.new_context(java_script_enabled=javascript, viewport={"width": width, "height": 740})
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site.address}/users")
    row = page.get_by_role("listitem").filter(has_text="alice")
    row.get_by_text("Rename alice").first.click()
    field = row.get_by_label("New login name")
    expect(field).to_have_value("alice")
    field.fill("zoe")
    row.get_by_role("button", name="Rename alice").click()
    expect_message(page, "“alice” is “zoe” now.")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect_message(page, "Undone: 1 user is named as before.")

    site.house.do("delete_user", "alice")
    page.goto(f"{site.address}/users?show=deleted")
    page.get_by_role("button", name="Erase name…").click()
    expect(page.get_by_role("heading", name="Erase this name for ever?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Erase name…").click()
    page.get_by_label("The name may be given again").check()
    page.get_by_role("button", name="Erase the name").click()
    give_password_again(page)
    expect_message(page, "The name “alice” was erased")
    expect(page.get_by_role("list", name="Users").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("list", name="Users")).to_contain_text("erased person")
    expect(page.get_by_role("button", name="Erase name…")).to_have_count(0)
    context.close()


def test_a_user_is_renamed_by_keyboard_alone(page: Page, site: Site) -> None:
    site.house.add("alice")
    sign_in(page, site)
    page.goto(f"{site.address}/users")
    summary = page.locator("summary").filter(has_text="Rename alice")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("input[name=new_name]:focus")).to_have_value("alice")
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("admin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.locator("input[name=new_name]:visible").fill("zoe")
    page.keyboard.press("Enter")
    expect_message(page, "“alice” is “zoe” now.")


def test_every_screen_of_it_is_clean(page: Page, site: Site) -> None:
    house = site.house
    house.add("alice", "gone", "forgotten")
    house.do("delete_users", ["gone", "forgotten"])
    house.licensing.erasing.user(house.id, "forgotten", by="cli:tester")
    house.add_auditor("vera")
    house.do("remove_auditor", "vera")
    sign_in(page, site)
    page.goto(f"{site.address}/users")
    page.locator("summary").filter(has_text="Rename alice").click()
    look(page, "Users, rename")
    page.locator("input[name=new_name]:visible").fill("a/b")
    page.get_by_role("button", name="Rename alice").click()
    look(page, "Users, renaming refused")
    page.goto(f"{site.address}/users?show=all")
    look(page, "Users, with an erased one")
    page.goto(f"{site.address}/users?show=deleted")
    page.get_by_role("button", name="Erase name…").click()
    look(page, "Erase this name?")
    page.goto(f"{site.address}/auditors")
    look(page, "Auditors, one removed")
    page.get_by_role("button", name="Erase name…").click()
    look(page, "Erase this auditor's name?")
    page.goto(f"{site.address}/audit/overview")
    look(page, "Overview, with the names")
    page.goto(f"{site.address}/audit/history")
    look(page, "History, with somebody erased")
