"""Every screen looked at by axe, light and wide, dark and narrow; and the whole way by keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from domain.refusals import Problem
from tests.browser.accessible import AXE, OF_APPEARANCE, violations
from tests.browser.screens import add_user, check_key, expect_message, make_token, register, sign_in
from tests.browser.server import Site, wrapped
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.web.house import House
from tests.world import BY

APPEARANCES = (("light", 1280), ("dark", 360))


def look(page: Page, screen: str) -> None:
    """What axe finds on the page as it is now, light and wide, dark and narrow; and what hangs over its edges.

    The page stays as it was looked at last, so that what is done next is done in each appearance by turns.
    """
    # On a busy machine a page that a click has led to may be there in part: its last element says that it is whole.
    page.wait_for_load_state()
    expect(page.locator("footer")).to_be_visible()
    page.evaluate(AXE)
    wide = page.viewport_size
    assert wide is not None
    for scheme, width in APPEARANCES if wide["width"] > 360 else reversed(APPEARANCES):
        appear(page, scheme, width)
        look_once(page, f"{screen}, {scheme} at {width}", () if scheme == "light" else OF_APPEARANCE)


def appear(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its literals
    page.set_viewport_size({"width": width, "height": 740})


def look_once(page: Page, screen: str, rules: Sequence[str] = ()) -> None:
    """As it appears now; axe is there, and asks all of its rules or these."""
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
    assert violations(page, rules) == [], screen
    over_the_edge = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden, .skip-link"))
            .map((element) => [element.getBoundingClientRect(), element.className || element.tagName])
            .filter(([box]) => box.width && (box.left < 0 || box.right > innerWidth + 0.5))
            .map(([, name]) => name)"""
    )
    assert over_the_edge == [], screen


@pytest.mark.seldom_on_postgresql("a page for which nothing is looked up")
def test_the_page_at_the_door_is_clean(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/denied?code=licenses_exceeded&decision=admin_only")
    page.evaluate(AXE)
    for scheme, width in APPEARANCES:
        appear(page, scheme, width)
        look_once(page, f"denied, {scheme} at {width}")


def fail_once(house: House) -> None:
    """A delivery to the one webhook fails, and it is tried again in a while."""
    (webhook,) = house.seatledger.webhooks.all()
    lease = house.seatledger.webhooks.lease(webhook.id)
    assert lease
    problem = Problem("not_connected", host="1.1.1.1", port=443, reason="Connection refused")
    lease.failed(problem, next_at=house.clock() + timedelta(minutes=5), stopped=None)


@pytest.mark.seldom_on_postgresql("pages for which nothing is looked up")
@pytest.mark.parametrize("path", ["problems", "problems/idempotency_key_invalid"])
def test_the_pages_of_problems_are_clean(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.address}/{path}")
    page.evaluate(AXE)
    for scheme, width in APPEARANCES:
        appear(page, scheme, width)
        look_once(page, f"{path}, {scheme} at {width}")


@pytest.mark.seldom_on_postgresql("a tour of every screen for what it looks like")
def test_every_screen_is_clean(page: Page, site: Site) -> None:
    house = site.house
    for name in ("alice", "田中花子", "x" * 200, "gone"):
        house.add_user(name)
    house.do("delete_user", "gone")
    house.add_auditor()

    page.goto(site.address)
    look(page, "sign in")
    page.get_by_label("Login name").fill("nobody")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page, "sign in, refused")
    sign_in(page, site)
    look(page, "System Settings, no license")
    page.get_by_role("navigation", name="Your account").locator("summary").click()
    look(page, "menu of the login name")
    page.goto(f"{site.address}/license")
    look(page, "License, none yet")
    page.get_by_role("navigation", name="Global navigation").get_by_text("System Operation").click()
    look(page, "menu System Operation")
    page.keyboard.press("Escape")
    register(page, "not a key")
    look(page, "License, refused")
    register(page, wrapped(site.key(licenses=3)))
    page.get_by_text("What these numbers mean").click()
    look(page, "License, exceeded and about to end")
    register(page, wrapped(site.key(licenses=9, starts_in=26, ends_in=390)))
    look(page, "License, with a renewal")
    check_key(page, wrapped(site.key(licenses=4, starts_in=-2, ends_in=5)))
    look(page, "Check of a license key that shuts nobody out")
    page.go_back()
    register(page, wrapped(site.key(licenses=1, starts_in=-1, ends_in=5, optional_products=())))
    expect(page.get_by_role("button", name="Register it all the same", exact=True)).to_be_visible()
    look(page, "Check of a license key that makes something worse")
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_role("link", name="All license keys").click()
    expect(page.get_by_role("heading", name="License keys", exact=True)).to_be_visible()
    look(page, "License keys")
    page.goto(f"{site.address}/users")
    page.get_by_label("Login name", exact=True).fill("eve")
    page.get_by_role("button", name="Add user", exact=True).click()
    look(page, "Users, beyond the licenses?")
    add_user(page, "carol", administrator=True)
    look(page, "Users, one added")
    page.get_by_role("button", name="Undo", exact=True).click()
    look(page, "Users, undone")
    page.get_by_text("Add several users").click()
    page.get_by_label("Login names, one a line").fill("carol\ngone")
    page.get_by_role("button", name="Add these users").click()
    look(page, "Users, one of several refused")
    page.goto(f"{site.address}/users?show=deleted")
    page.get_by_role("checkbox", name="Select carol").check()
    page.get_by_role("button", name="Restore selected").click()
    page.get_by_role("button", name="Restore 1 user beyond the licenses").click()
    look(page, "Users, restored")
    house.do("grant_administrator", "carol")
    page.goto(f"{site.address}/users")
    page.get_by_role("checkbox", name="Select alice").check()
    page.get_by_role("button", name="Delete selected (1)").click()
    look(page, "Users, delete these?")
    page.goto(f"{site.address}/help")
    look(page, "help")
    add_user(page, "carol")
    look(page, "Users, refused")
    page.get_by_text("Delete carol").click()
    look(page, "Users, delete?")
    page.goto(f"{site.address}/users?show=all&search=o")
    look(page, "Users, all")
    page.goto(f"{site.address}/users?search=zoe")
    look(page, "Users, none found")
    page.goto(f"{site.address}/auditors")
    page.get_by_text("Remove auditor").first.click()
    look(page, "Auditors, remove?")
    make_token(page, "Login gateway", "login-check")
    look(page, "API tokens, one made")
    page.get_by_role("button", name="Replace").first.click()
    look(page, "API tokens, one replaced")
    licensing, carol = house.licensing, house.accounts.account(house.id, "carol")
    licensing.create_token(house.id, "x" * 200, ["audit"], expires_after=7, by=carol.by)
    page.goto(f"{site.address}/users?search=carol")
    page.get_by_text("Revoke administrator carol").click()
    page.get_by_role("button", name="Revoke administrator", exact=True).click()
    look(page, "Users, an administrator left tokens")
    page.goto(f"{site.address}/tokens")
    look(page, "API tokens, one of somebody who left")
    licensing.grant_administrator(house.id, "carol", by="cli:tester")
    page.goto(f"{site.address}/notifications")
    page.get_by_label("Address of the receiver").fill(f"https://1.1.1.1/{'x' * 200}")
    page.get_by_text("Only some of what happens").click()
    page.get_by_label("license.registered").check()
    page.get_by_role("button", name="Add webhook").click()
    look(page, "Notifications, a webhook added")
    fail_once(house)
    page.reload()
    page.get_by_text("Remove:").click()
    look(page, "Notifications, one that fails")
    page.get_by_label("Address of the receiver").fill("https://10.0.0.5/")
    page.get_by_role("button", name="Add webhook").click()
    look(page, "Notifications, refused")
    page.goto(f"{site.address}/own-password")
    look(page, "own password")
    page.goto(f"{site.address}/no-such-page")
    look(page, "page not found")
    page.goto(f"{site.address}/second-factor")
    look(page, "second factor, off")
    page.get_by_role("button", name="Turn on", exact=True).click()
    expect(page.get_by_role("heading", name="Set up your app")).to_be_visible()
    look(page, "second factor, being set up")
    page.goto(f"{site.address}/sign-ins")
    look(page, "Your sign-ins")
    page.goto(f"{site.address}/audit/sign-ins")
    look(page, "Audit, Sign-ins")
    page.goto(f"{site.address}/password")
    look(page, "one-time link, to be pasted")
    link = house.accounts.make_link(house.id, "carol", by=BY)
    page.goto(f"{site.address}/password#{link}")
    expect(page.get_by_text("For “carol”.")).to_be_visible()
    look(page, "one-time link")
    page.goto(f"{site.address}/password#over")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "one-time link, over")
    page.context.clear_cookies()
    sign_in(page, site, "auditor")
    page.goto(f"{site.address}/license")
    look(page, "License, for an auditor")


def test_the_whole_way_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(site.address)
    expect(page.get_by_label("Login name")).to_be_focused()
    page.keyboard.type(ADMINISTRATOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="System Settings")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Register a license key")).to_be_focused()

    menu = page.get_by_role("navigation", name="Global navigation").get_by_text("System Operation")
    _tab_to(page, "System Operation", backwards=True)
    assert menu.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Global navigation").get_by_role("link", name="License")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="License", exact=True)).to_be_visible()

    page.get_by_label("License Key", exact=True).focus()
    page.keyboard.insert_text("not a key")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("License Key", exact=True)).to_have_value("not a key")
    page.get_by_label("License Key", exact=True).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(wrapped(site.key(licenses=5, ends_in=200)))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_message(page, "The license key was registered and is in effect.")


def _tab_to(page: Page, text: str, *, backwards: bool = False) -> None:
    """Presses Tab until what bears this text has the focus."""
    for _ in range(20):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            return
    raise AssertionError(f"{text} cannot be reached by keyboard")
