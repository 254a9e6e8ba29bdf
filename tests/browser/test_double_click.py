"""Somebody clicks twice where one click does it, as on an icon: the browser sends the form twice."""

from __future__ import annotations

from threading import Barrier, Event

from flask import Flask, request, request_started
from playwright.sync_api import Locator, Page, expect

from tests.browser.screens import sign_in
from tests.browser.server import Site
from tests.examples import PASSWORD

PATIENCE = 10.0
"""Seconds, after which a click that sends no form fails."""


def click_twice(page: Page, button: Locator, site: Site) -> None:
    """Two clicks of a mouse, the second before the server carries the first one out: it begins with both at once."""
    came, both = Event(), Barrier(2, timeout=PATIENCE)

    def wait_for_both(_: Flask, **__: object) -> None:  # object: a signal may say whatever it likes
        if request.method == "POST":
            came.set()
            both.wait()

    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with request_started.connected_to(wait_for_both, site.house.app):
        page.mouse.click(*place)
        assert came.wait(PATIENCE), "the first click sent the form"
        page.mouse.click(*place)
        expect(page.get_by_role("status").or_(page.get_by_role("alert")).first).to_be_visible()


def test_a_double_click_does_it_once_and_shows_what_it_did(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/users")
    page.get_by_label("Login name", exact=True).fill("alice")
    click_twice(page, page.get_by_role("button", name="Add user", exact=True), site)
    expect(page.get_by_role("status").get_by_text("“alice” was added.")).to_be_visible()
    page.goto(f"{site.address}/tokens")
    page.get_by_label("Name", exact=True).fill("Gateway")
    page.get_by_label("login-check").check()
    page.get_by_role("button", name="Make token", exact=True).click()
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    click_twice(page, page.get_by_role("button", name="Go on", exact=True), site)
    token = page.get_by_label("Token", exact=True).input_value()
    assert site.house.events()[-2:] == ["UserAdded", "TokenCreated"]
    assert site.check("alice", token)[1] == "no_license", "the token that is shown is the one that was made"
