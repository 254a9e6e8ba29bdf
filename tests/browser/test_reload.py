"""A page that answers a form is reloaded: the browser sends the form once more."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.screens import go_to_audit, go_to_license, register, sign_in
from tests.browser.server import Site


def test_c19_a_refusal_that_is_reloaded_is_recorded_once(page: Page, site: Site) -> None:
    sign_in(page, site)
    go_to_license(page)
    register(page, "This is not a license key")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The license key was not registered.")
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.is_navigation_request() else None)
    for _ in range(2):
        page.reload()
        expect(alert).to_contain_text("The license key was not registered.")
    assert sent == ["POST", "POST"], "the form went to the server again"
    go_to_audit(page, "History")
    expect(page.get_by_text("tried to register a license key")).to_have_count(1)
