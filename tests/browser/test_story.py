"""The whole story, from the first sign-in over a wrapped key to a refused login, with JavaScript on and off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from tests.browser.screens import add_user, expect_counts, expect_message, go_to_license, make_token, register, sign_in
from tests.browser.server import Site, wrapped
from tests.examples import ADMINISTRATOR


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1280), (False, 360)], ids=["with JavaScript", "without, on a telephone"]
)
def test_from_the_first_sign_in_to_a_refused_login_and_back(
    browser: Browser, site: Site, javascript: bool, width: int
) -> None:
    context = browser.new_context(java_script_enabled=javascript, viewport={"width": width, "height": 740})
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)

    sign_in(page, site)
    go_to_license(page)
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_have_text(
        re.compile(r"System Settings\s+System Operation\s+License")
    )
    expect(page.get_by_text("No license key is registered yet. Paste the license key")).to_be_visible()

    register(page, "This is not a license key")
    expect(page.get_by_role("alert")).to_contain_text("malformed")
    register(page, wrapped(site.key(licenses=2, ends_in=200)))
    expect_message(page, "The license key was registered and is in effect.")
    expect_counts(page, "2", "1", "1")

    add_user(page, "alice")
    expect_message(page, "“alice” was added.")
    token = make_token(page, "Login gateway", "login-check")
    assert site.check("alice", token) == ("admit", "ok")

    add_user(page, "bob")
    warning = page.get_by_role("region", name="Warnings")
    expect(warning).to_contain_text("The number of licenses has been exceeded: 3 users, 2 licenses.")
    assert site.check("alice", token) == ("refuse", "licenses_exceeded")
    assert site.check(ADMINISTRATOR, token) == ("admin_only", "licenses_exceeded")

    go_to_license(page)
    expect_counts(page, "2", "3", "−1")
    warning.get_by_role("link", name="Go to Users").click()
    row = page.get_by_role("listitem").filter(has_text="bob")
    row.get_by_text("Delete bob").click()
    expect(row.get_by_text("A deleted user can be restored.")).to_be_in_viewport()
    row.get_by_role("button", name="Delete user").click()
    expect_message(page, "“bob” was deleted, which frees a license.")
    expect(warning).to_contain_text("No license is available any more: 2 users, 2 licenses.")
    expect(warning).not_to_contain_text("exceeded")
    assert site.check("alice", token) == ("admit", "ok")
    assert site.check("bob", token) == ("refuse", "user_deleted")

    page.get_by_role("navigation", name="Your account").locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect_message(page, "You are signed out.")
    page.goto(f"{site.address}/license")
    expect(page).to_have_url(f"{site.address}/sign-in?next=/license")
    assert complaints == []
    context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_new_administrator_comes_in_by_the_one_time_link(browser: Browser, site: Site, script: bool) -> None:
    """What stands behind the # of an address is sent to nobody: a script posts it, or one pastes the link."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    add_user(page, "carol", administrator=True)
    link = page.get_by_label("One-time link to set the password").input_value()
    page.reload()
    expect(page.get_by_label("One-time link to set the password")).to_have_count(0)
    context.close()

    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    if not script:
        page.get_by_label("One-time link").fill(link)
        page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("For “carol”.")).to_be_visible()
    expect(page).to_have_url(f"{site.address}/password")
    assert not [url for url in asked if link.rpartition("#")[2] in url.partition("#")[0]]
    page.get_by_label("New password", exact=True).fill("a password of her own")
    page.get_by_label("New password again").fill("a password of her own")
    page.get_by_role("button", name="Set password").click()
    expect_message(page, "Your password is set, and you are signed in.")
    expect(page.get_by_role("navigation", name="Your account")).to_contain_text("carol")
    context.close()


def test_what_is_shown_once_is_copied_by_a_button(browser: Browser, site: Site) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sign_in(page, site)
    token = make_token(page, "Login gateway", "login-check")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == token
    context.close()


def _is_complaint(message: ConsoleMessage) -> bool:
    """An error of ours; that a refusal is answered with its status is none."""
    return message.type == "error" and "Failed to load resource" not in message.text
