"""Other stories by keyboard alone, and what a screen reader reads on the way, in its order and in each language."""

from __future__ import annotations

import json
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from application.words.languages import language_of
from tests.browser.screens import IN_ENGLISH, Reading, read, sign_in
from tests.browser.server import Site, wrapped
from tests.examples import PASSWORD

IN_JAPANESE: Reading = partial(read, language_of("ja"))


def tab_to(page: Page, place: Locator) -> None:
    """Presses Tab until the place has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{place} cannot be reached by keyboard")


def press(page: Page, name: str) -> None:
    """Goes on to the button of this name, and presses it."""
    tab_to(page, page.get_by_role("main").get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def expect_read(page: Page, *lines: tuple[str, str]) -> None:
    """These roles with these names, one after the other in the tree that screen readers are given of the content."""
    snapshot = "\n".join(f"  - {role} {json.dumps(name, ensure_ascii=False)}" for role, name in lines)
    expect(page.locator("body")).to_match_aria_snapshot(f"- main:\n{snapshot}")


def expect_told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text)
    page.wait_for_load_state()


def make_a_token(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/tokens")
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("Login gateway")
    tab_to(page, page.get_by_label("login-check"))
    page.keyboard.press("Space")
    press(page, "Make token")
    field = page.get_by_label("Your password", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect_told(page, "The token “Login gateway” was made.")
    tab_to(page, page.get_by_label("Token", exact=True))


def add_and_remove_a_webhook(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/notifications")
    tab_to(page, page.get_by_label("Address of the receiver"))
    page.keyboard.insert_text("https://1.1.1.1/")
    tab_to(page, page.locator("summary").get_by_text("Only some of what happens", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("license.registered"))
    page.keyboard.press("Space")
    press(page, "Add webhook")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    remove = page.locator("summary").filter(has_text="Remove:")
    tab_to(page, remove)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(remove).to_have_count(0)


def read_in_japanese(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/own-language")
    japanese = page.get_by_label("日本語", exact=True)
    tab_to(page, page.locator("input[name=language]:checked"))
    for _ in range(3):
        if not japanese.is_checked():
            page.keyboard.press("ArrowUp")
    press(page, "Change language")
    expect(page.locator("html[lang=ja]")).to_be_visible()


def register_a_key(page: Page, site: Site, said: Reading, *, licenses: int) -> None:
    page.goto(f"{site.address}/license")
    register, field = said("Register License"), page.get_by_label(said("License Key"), exact=True)
    expect_read(
        page,
        ("heading", said("License")),
        ("heading", said("Registered license")),
        ("heading", said("Register a license key")),
        ("textbox", said("License Key")),
        ("button", register),
        ("button", said("Check key")),
        ("heading", said("This installation")),
        ("heading", said("Over time")),
        ("figure", said("Valid and In use")),
    )
    tab_to(page, field)
    page.keyboard.insert_text("not a key")
    press(page, register)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    tab_to(page, field)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(wrapped(site.key(licenses=licenses, ends_in=200)))
    press(page, said("Check key"))
    expect(page.get_by_role("heading", name=said("Check of a license key"), exact=True)).to_be_visible()
    press(page, register)
    expect_told(page, said("The license key was registered and is in effect."))


@pytest.mark.seldom_on_postgresql("by which keys screens are used, and what is read of them")
def test_tokens_webhooks_language_and_keys_by_keyboard_alone(page: Page, site: Site) -> None:
    sign_in(page, site)
    make_a_token(page, site)
    add_and_remove_a_webhook(page, site)
    register_a_key(page, site, IN_ENGLISH, licenses=5)
    read_in_japanese(page, site)
    register_a_key(page, site, IN_JAPANESE, licenses=6)
