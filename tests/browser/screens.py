"""What people do on the screens, by the words that they read there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page, expect

from application.words.language import ENGLISH, Language
from tests.browser.server import Site
from tests.examples import ADMINISTRATOR, PASSWORD

Reading = Callable[..., str]
"""Gives the words of a message, as somebody reads them on the screens: its text without tags."""


def read(language: Language, source: str, /, **facts: object) -> str:  # object: what Language.say takes
    return re.sub("<[^>]+>", "", language.say(source, **facts))


IN_ENGLISH: Reading = partial(read, ENGLISH)


def sign_in(page: Page, site: Site, name: str = ADMINISTRATOR, said: Reading = IN_ENGLISH) -> None:
    page.goto(site.address)
    page.get_by_label(said("Login name")).fill(name)
    page.get_by_label(said("Password")).fill(PASSWORD)
    page.get_by_role("button", name=said("Sign in"), exact=True).click()


def go_to_license(page: Page) -> None:
    """The customer's way: the login name, System Settings, System Operation, License."""
    page.get_by_role("navigation", name="Your account").locator("summary").click()
    page.get_by_role("link", name="System Settings", exact=True).first.click()
    expect(page.get_by_role("heading", name="System Settings", exact=True)).to_be_visible()
    navigation = page.get_by_role("navigation", name="Global navigation")
    navigation.get_by_text("System Operation", exact=True).click()
    navigation.get_by_role("link", name="License", exact=True).click()
    expect(page.get_by_role("heading", name="License", exact=True)).to_be_visible()


def register(page: Page, text: str, said: Reading = IN_ENGLISH) -> None:
    page.get_by_label(said("License Key"), exact=True).fill(text)
    page.get_by_role("button", name=said("Register License"), exact=True).click()


def check_key(page: Page, text: str, said: Reading = IN_ENGLISH) -> None:
    page.get_by_label(said("License Key"), exact=True).fill(text)
    page.get_by_role("button", name=said("Check key"), exact=True).click()
    expect(page.get_by_role("heading", name=said("Check of a license key"), exact=True)).to_be_visible()


def expect_counts(page: Page, valid: str, in_use: str, available: str) -> None:
    """Valid, In use, Available as they stand on the License screen."""
    expect(page.locator(".counts .number")).to_have_text([valid, in_use, available])


def add_user(page: Page, name: str, *, administrator: bool = False) -> None:
    page.get_by_role("navigation", name="Global navigation").get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    page.get_by_label("Login name", exact=True).fill(name)
    page.get_by_label("Administrator", exact=True).set_checked(administrator)
    page.get_by_role("button", name="Add user", exact=True).click()
    if administrator:
        give_password_again(page)
    expect(page.locator("footer")).to_be_visible()
    if page.get_by_role("heading", name="Go beyond the licenses?", exact=True).is_visible():
        page.get_by_role("button", name="Add 1 user beyond the licenses", exact=True).click()


def expect_message(page: Page, text: str) -> None:
    """What was done, as the page says it; and the page has loaded.

    A page that goes to its anchor scrolls when its style sheets are there: a button pressed before moves away from
    under the mouse.
    """
    expect(page.get_by_role("status").first).to_contain_text(text)
    page.wait_for_load_state()


def give_password_again(page: Page, said: Reading = IN_ENGLISH) -> None:
    """Where it is asked for: the first time in five minutes."""
    expect(page.locator("footer")).to_be_visible()
    if page.get_by_role("heading", name=said("Your password again"), exact=True).is_visible():
        page.get_by_label(said("Your password"), exact=True).fill(PASSWORD)
        page.get_by_role("button", name=said("Go on"), exact=True).click()


def make_token(page: Page, name: str, scope: str) -> str:
    """Makes an API token and gives its text, which the screen shows once."""
    page.get_by_role("navigation", name="Global navigation").get_by_role("link", name="API tokens").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label(scope).check()
    page.get_by_role("button", name="Make token", exact=True).click()
    give_password_again(page)
    return page.get_by_label("Token", exact=True).input_value()


def go_to_audit(page: Page, screen: str) -> None:
    """A screen of the Audit area, by the global navigation."""
    navigation = page.get_by_role("navigation", name="Global navigation")
    navigation.get_by_text("Audit", exact=True).click()
    navigation.get_by_role("link", name=screen, exact=True).click()
