"""Makes the pictures of docs/administrator.md: `python -m tests.browser.guide_pictures`, from the top of the tree."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from interface import demo
from tests.browser.screens import give_password_again, register, sign_in
from tests.browser.server import Site, chromium, serving, wrapped
from tests.examples import ADMINISTRATOR, PASSWORD

PICTURES = Path(__file__).parents[2] / "docs" / "images"
WIDTH = 1280


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as directory,
        serving(Path(directory), name=demo.NAME) as site,
        sync_playwright() as playwright,
    ):
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": WIDTH, "height": 720})
        sign_in(page, site)
        _license(page, site)
        _users(page, site)
        _programs(page, site)
        browser.close()


def _license(page: Page, site: Site) -> None:
    for name in (*demo.USERS, demo.DELETED):
        site.house.add_user(name)
    site.house.do("delete_user", demo.DELETED)
    key = wrapped(_key(site, demo.LICENSES))
    page.goto(f"{site.address}/license")
    page.get_by_label("License Key", exact=True).fill(f"Dear customer, your license key is:\n{key}\nYours, Demo Vendor")
    page.get_by_label("License Key", exact=True).evaluate("field => { field.blur(); field.scrollTop = 0 }")
    _picture(page, "license-first", 800)
    page.get_by_role("button", name="Register License", exact=True).click()
    _picture(page, "license", 850)
    register(page, key[:200])
    _picture(page, "refused", 560)


def _users(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/users")
    page.get_by_label("Login name", exact=True).fill("leonie")
    page.get_by_role("button", name="Add user", exact=True).click()
    _picture(page, "users", 800)
    for name in ("Select emma", "Select grace"):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Delete selected").click()
    _picture(page, "delete", 440)
    page.goto(f"{site.address}/users?show=deleted")
    page.get_by_role("button", name="Erase name…").click()
    _picture(page, "erase", 640)
    page.goto(f"{site.address}/users")
    page.get_by_text("Add several users").click()
    page.get_by_label("Login names, one a line").fill("mario\nnadia\nolga\npavel\nquentin")
    page.get_by_role("button", name="Add these users").click()
    _picture(page, "beyond", 560)
    page.goto(f"{site.address}/users")
    page.get_by_label("Login name", exact=True).fill("mario")
    page.get_by_label("Administrator", exact=True).check()
    page.get_by_role("button", name="Add user", exact=True).click()
    give_password_again(page)
    _picture(page, "link", 460)


def _programs(page: Page, site: Site) -> None:
    site.house.do("create_token", demo.GATEWAY, ["login-check"])
    page.goto(f"{site.address}/tokens")
    _picture(page, "tokens", 830)
    page.goto(f"{site.address}/license")
    site.house.clock.go_on(minutes=31)
    register(page, wrapped(_key(site, 20)))
    page.get_by_label("Login name").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    _picture(page, "carried", 650)


def _key(site: Site, licenses: int) -> str:
    return site.key(licenses=licenses, starts_in=0, ends_in=364, customer=demo.NAME, issuer="Demo Vendor")


def _picture(page: Page, name: str, height: int) -> None:
    """The upper part of the page, once its messages have come."""
    page.wait_for_load_state()
    page.wait_for_timeout(400)
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
