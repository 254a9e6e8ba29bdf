"""Every screen looked at by axe, light and wide, dark and narrow; and the whole way by keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from application.words.languages import NAMES
from domain.refusals import Problem
from tests.browser.accessible import AXE, IN_FORCED_COLORS, OF_APPEARANCE, focus, structure, violations
from tests.browser.screens import add_user, check_key, expect_message, make_token, register, sign_in
from tests.browser.server import Site, serving, wrapped
from tests.browser.verifier_page import FILE
from tests.browser.year import DAYS, tell
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


def fail_once(house: House) -> None:
    """A delivery to the one webhook fails, and it is tried again in a while."""
    (webhook,) = house.seatledger.webhooks.all()
    lease = house.seatledger.webhooks.lease(webhook.id)
    assert lease
    problem = Problem("not_connected", host="1.1.1.1", port=443, reason="Connection refused")
    lease.failed(problem, next_at=house.clock() + timedelta(minutes=5), stopped=None)


@pytest.mark.seldom_on_postgresql("pages for which nothing is looked up")
@pytest.mark.parametrize("tag", NAMES)
def test_pages_that_are_read_alone_are_clean(page: Page, site: Site, tag: str) -> None:
    """What stands at the door, of problems and of the API."""
    sign_in(page, site)
    for path in ("denied?code=licenses_exceeded", "problems", "problems/idempotency_key_invalid", "api-reference"):
        page.goto(f"{site.address}/{path}{'&' if '?' in path else '?'}lang={tag}")
        page.evaluate(AXE)
        for scheme, width in APPEARANCES:
            appear(page, scheme, width)
            look_once(page, f"{path}, {scheme} at {width}, {tag}", () if scheme == "light" else OF_APPEARANCE)
        assert structure(page, tag) == [], path


@pytest.mark.seldom_on_postgresql("a file that a browser opens")
def test_the_verifier_is_clean(page: Page) -> None:
    page.goto(FILE.as_uri())
    page.evaluate(AXE)
    for scheme, width in (*APPEARANCES, ("light", 320)):
        appear(page, scheme, width)
        look_once(page, f"verifier, {scheme} at {width}")
    page.emulate_media(forced_colors="active")
    assert violations(page, IN_FORCED_COLORS) == []
    assert focus(page) == []
    for tag, name in NAMES.items():
        page.get_by_role("button", name=name, exact=True).click()
        assert violations(page) == [], tag
        assert structure(page, tag) == [], tag


@pytest.mark.seldom_on_postgresql("what pictures look like")
@pytest.mark.parametrize("tag", NAMES)
def test_dates_of_pictures_do_not_collide_at_400_percent(page: Page, tmp_path: Path, tag: str) -> None:
    with serving(tmp_path, opened_days_ago=DAYS) as site:
        tell(site.house)
        sign_in(page, site)
        appear(page, "light", 320)
        page.goto(f"{site.address}/license?lang={tag}")
        expect(page.locator("footer")).to_be_visible()
        boxes = page.locator("figure.picture > svg").evaluate_all(
            """(pictures) => pictures.map((picture) => [...picture.querySelectorAll(".tick:not([x='0'])")]
                .filter((tick) => tick.checkVisibility())
                .map((tick) => tick.getBoundingClientRect()).map((box) => [box.left, box.right]))"""
        )
        assert len(boxes) == 2
        for ticks in boxes:
            assert len(ticks) >= 2
            assert all(right <= left for (_, right), (left, _) in pairwise(sorted(ticks)))


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


@pytest.mark.seldom_on_postgresql("what is read of screens, and by which keys they are used")
def test_import_and_deletion_by_keyboard_alone_are_read_in_order(page: Page, site: Site) -> None:
    site.house.register(site.key(licenses=9))
    for name in ("alice", "bob", "carol"):
        site.house.add_user(name)
    sign_in(page, site)
    page.goto(f"{site.address}/users/import")
    _tab_to(page, "Paste the list instead")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("login_name\ndora")
    _tab_to(page, "Check the list")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="What the list would do")).to_be_visible()
    page.wait_for_load_state()
    _expect_read(
        page,
        "link", "Skip to the content",
        "banner",
        "navigation", "Your account",
        "navigation", "Global navigation",
        "main",
        "navigation", "Breadcrumb",
        "heading", "Import users",
        "region", "What the list would do",
        "table",
        "button", "Import 1 user",
        "heading", "Another list",
        "contentinfo",
    )  # fmt: skip
    _tab_to(page, "Import 1 user")
    page.keyboard.press("Enter")
    expect_message(page, "Added: 1.")

    page.goto(f"{site.address}/users")
    for name in ("alice", "bob"):
        _tab_to_box(page, name)
        page.keyboard.press("Space")
    _tab_to(page, "Delete selected (2)", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delete these users?", level=1)).to_be_visible()
    _expect_read(page, "main", "heading", "Delete these users?", "group", "alice", "bob", "button", "Delete 2 users")
    page.get_by_role("group", name="Delete these users?").focus()  # it scrolls by the arrow keys
    _tab_to(page, "Delete 2 users")
    page.keyboard.press("Enter")
    expect_message(page, "2 users were deleted")
    _expect_read(page, "main", "status", "2 users were deleted", "button", "Undo", "heading", "Users", "contentinfo")
    _tab_to(page, "Undo")
    page.keyboard.press("Enter")
    expect_message(page, "Undone")
    expect(page.locator(".rows > li")).to_have_count(5)  # admin and the four


def _expect_read(page: Page, *words: str) -> None:
    """Roles and names as a screen reader comes to them, one after the other."""
    snapshot, place = page.locator("body").aria_snapshot(), 0
    for word in words:
        found = snapshot.find(word, place)
        assert found >= 0, f"{word} does not follow in:\n{snapshot}"
        place = found + len(word)


def _tab_to_box(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == name:
            return
    raise AssertionError(f"the box of {name} cannot be reached by keyboard")


def _tab_to(page: Page, text: str, *, backwards: bool = False) -> None:
    """Presses Tab until what bears this text has the focus."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            return
    raise AssertionError(f"{text} cannot be reached by keyboard")
