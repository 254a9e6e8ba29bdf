"""Stories by keyboard alone, in each language, and what a screen reader reads on the way, in its order."""

from __future__ import annotations

import json
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from application.words.languages import NAMES, language_of
from application.words.messages import plural
from tests.browser.screens import Reading, read, sign_in
from tests.browser.server import Site, wrapped
from tests.browser.tour import DELETE_USERS

IMPORT_USERS = plural("Import {number} user", "Import {number} users")


def tab_to(page: Page, place: Locator, *, backwards: bool = False) -> None:
    """Presses Tab until the place has the focus."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{place} cannot be reached by keyboard")


def expect_read(page: Page, *lines: tuple[str, str]) -> None:
    """These roles with these names, one after the other in the tree that screen readers are given of the content."""
    snapshot = "\n".join(f"  - {role} {json.dumps(name, ensure_ascii=False)}" for role, name in lines)
    expect(page.locator("body")).to_match_aria_snapshot(f"- main:\n{snapshot}")


def expect_told(page: Page, text: str) -> None:
    """In the live region, which stands before the heading."""
    expect(page.get_by_role("status").first).to_contain_text(text)
    page.wait_for_load_state()


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def register_a_key(page: Page, site: Site, said: Reading) -> None:
    page.goto(f"{site.address}/license")
    expect_read(
        page,
        ("heading", said("License")),
        ("heading", said("Registered license")),
        ("heading", said("Register a license key")),
        ("textbox", said("License Key")),
        ("button", said("Register License")),
        ("button", said("Check key")),
        ("heading", said("This installation")),
        ("heading", said("Over time")),
        ("figure", said("Valid and In use")),
    )
    field = page.get_by_label(said("License Key"), exact=True)
    tab_to(page, field)
    page.keyboard.insert_text("not a key")
    tab_to(page, button(page, said("Register License")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    tab_to(page, field)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(wrapped(site.key(licenses=5, ends_in=200)))
    tab_to(page, button(page, said("Check key")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=said("Check of a license key"), exact=True)).to_be_visible()
    tab_to(page, button(page, said("Register License")))
    page.keyboard.press("Enter")
    expect_told(page, "Professional")


def import_a_list(page: Page, site: Site, said: Reading) -> None:
    page.goto(f"{site.address}/users/import")
    expect_read(
        page,
        ("heading", said("Import users")),
        ("heading", said("Check a list")),
        ("button", said("CSV file")),
        ("checkbox", said("Restore deleted users of the list")),
        ("button", said("Check the list")),
    )
    tab_to(page, page.get_by_label(said("CSV file")))
    tab_to(page, page.locator("summary").get_by_text(said("Paste the list instead"), exact=True))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label(said("List, with its header"))).to_be_focused()
    page.keyboard.insert_text("login_name\nanna\nben\n")
    tab_to(page, button(page, said("Check the list")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=said("What the list would do"))).to_be_visible()
    expect_read(page, ("heading", said("Import users")), ("region", said("What the list would do")))
    tab_to(page, button(page, said(IMPORT_USERS, number=2)))
    page.keyboard.press("Enter")
    expect_told(page, "2")


def delete_several_users(page: Page, site: Site, said: Reading) -> None:
    page.goto(f"{site.address}/users")
    expect_read(
        page,
        ("heading", said("Users")),
        ("heading", said("Add a user")),
        ("textbox", said("Login name")),
        ("heading", said("Users of the system")),
        ("button", said("Delete selected")),
        ("list", said("Users")),
    )
    for name in ("anna", "ben"):
        tab_to(page, page.get_by_role("checkbox", name=said("Select {name}", name=name), exact=True))
        page.keyboard.press("Space")
    tab_to(page, page.locator("form.several button"), backwards=True)
    page.keyboard.press("Enter")
    delete = said(DELETE_USERS, number=2)
    expect(button(page, delete)).to_be_visible()
    expect_read(page, ("heading", said("Delete these users?")), ("button", delete), ("link", said("Cancel")))
    tab_to(page, button(page, delete))
    page.keyboard.press("Enter")
    expect(button(page, said("Undo"))).to_be_visible()
    assert {user.login_name for user in site.house.view.users.values() if not user.is_deleted} == {"admin"}
    tab_to(page, button(page, said("Undo")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name=said("Select {name}", name="ben"), exact=True)).to_be_visible()


@pytest.mark.seldom_on_postgresql("what a browser does with keys")
@pytest.mark.parametrize("tag", NAMES)
def test_stories_by_keyboard_are_read_in_order(browser: Browser, site: Site, tag: str) -> None:
    said = partial(read, language_of(tag))
    with browser.new_context(locale=tag) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in(page, site, said=said)
        for story in (register_a_key, import_a_list, delete_several_users):
            story(page, site, said)
