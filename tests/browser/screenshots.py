"""Makes the pictures of the README: `python -m tests.browser.screenshots`, from the top of the repository."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.screens import go_to_audit, go_to_license, register, sign_in
from tests.browser.server import Site, chromium, serving, wrapped
from tests.browser.year import DAYS, tell

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as directory, serving(Path(directory)) as site, sync_playwright() as playwright:
        _furnish(site)
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1120, "height": 1010})
        sign_in(page, site)
        go_to_license(page)
        products = ("Analytics", "Planning Board")
        register(page, wrapped(site.key(licenses=8, ends_in=25, optional_products=products)))
        register(page, wrapped(site.key(licenses=10, starts_in=26, ends_in=390, optional_products=products)))
        page.screenshot(path=PICTURES / "license.png")
        page.set_viewport_size({"width": 1280, "height": 990})
        page.goto(f"{site.address}/users")
        page.get_by_text("Delete ben.okafor").click()
        page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / "users.png", animations="disabled")
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(f"{site.address}/license")
        page.screenshot(path=PICTURES / "license-narrow.png")
        browser.close()
    with TemporaryDirectory() as directory, serving(Path(directory), opened_days_ago=DAYS) as site:
        _picture_of_the_history(site)


def _picture_of_the_history(site: Site) -> None:
    tell(site.house)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1100, "height": 770})
        sign_in(page, site, "vera")
        go_to_audit(page, "History")
        page.screenshot(path=PICTURES / "history.png")
        browser.close()


def _furnish(site: Site) -> None:
    """Some people; one of them was deleted."""
    house = site.house
    for name in ("anna.lindqvist", "ben.okafor", "carla.rossi", "田中花子", "emil.novak"):
        house.add_user(name)
    house.add_user("dana.petit", administrator=True)
    house.do("delete_user", "emil.novak", by="cli:vera")


if __name__ == "__main__":
    main()
