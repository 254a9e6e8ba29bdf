"""While an input method proposes words, Enter and Escape are its own: no form is sent, and nothing closes."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.screens import sign_in
from tests.browser.server import Site


def press(keyboard: CDPSession, key: str, number: int) -> None:
    """A key as the browser tells of it: 229 is the number of whatever an input method takes."""
    for kind in ("rawKeyDown", "keyUp"):
        keyboard.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number}
        )


def press_at_the_end(field: Locator) -> bool:
    """The Enter of Safari, which comes when the composition is over; gives whether it was stopped."""
    return bool(
        field.evaluate(
            """field => !field.dispatchEvent(new KeyboardEvent("keydown",
                { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
        )
    )


@pytest.mark.seldom_on_postgresql("what a browser does with keys")
def test_enter_and_escape_of_an_input_method_are_its_own(page: Page, site: Site) -> None:
    site.house.add_user("alice")
    sign_in(page, site)
    page.goto(f"{site.address}/users")
    keyboard = page.context.new_cdp_session(page)

    field = page.get_by_label("Login name", exact=True)
    field.focus()
    keyboard.send("Input.imeSetComposition", {"text": "たなか", "selectionStart": 3, "selectionEnd": 3})
    press(keyboard, "Enter", 229)
    expect(field).to_have_value("たなか")
    keyboard.send("Input.insertText", {"text": "田中"})
    assert press_at_the_end(field)
    expect(field).to_have_value("田中")
    assert site.house.view.user("田中") is None

    page.locator("summary").get_by_text("Rename alice").click()
    name = page.get_by_label("New login name").and_(page.locator(":visible"))
    name.fill("")
    keyboard.send("Input.imeSetComposition", {"text": "すずき", "selectionStart": 3, "selectionEnd": 3})
    press(keyboard, "Escape", 229)
    expect(name).to_be_visible()
    keyboard.send("Input.insertText", {"text": "鈴木"})
    name.press("Enter")
    expect(page.get_by_text("鈴木").first).to_be_visible()
    assert site.house.view.user("鈴木") is not None
