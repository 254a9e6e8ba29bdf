"""Makes the pictures of the administrators' guides: `python -m tests.browser.guide_pictures`, from the top of the tree.

With tags of languages (`... ja`), those of these guides alone.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from application.words.languages import language_of
from interface import demo
from tests.browser.screens import Reading, give_password_again, read, register, sign_in
from tests.browser.server import Site, chromium, serving, wrapped
from tests.examples import ADMINISTRATOR, PASSWORD

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = {"en": DOCS / "images", "ja": DOCS / "ja" / "images"}
LOCALES = {"en": "en-US", "ja": "ja-JP"}
LETTERS = {
    "en": "Dear customer, your license key is:\n{key}\nYours, Demo Vendor",
    "ja": "お客様のライセンスキーは次のとおりです。\n{key}\nDemo Vendor",
}
WIDTH = 1280


def main() -> None:
    with sync_playwright() as playwright:
        for tag in sys.argv[1:] or PICTURES:
            PICTURES[tag].mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory() as directory, serving(Path(directory), name=demo.NAME, language=tag) as site:
                browser = chromium(playwright)
                page = browser.new_page(viewport={"width": WIDTH, "height": 720}, locale=LOCALES[tag])
                Guide(page, site, tag).make()
                browser.close()


class Guide:
    """The guide in a language, whose screens are gone through in its order."""

    def __init__(self, page: Page, site: Site, tag: str) -> None:
        self._page, self._site, self._tag = page, site, tag
        self._said: Reading = partial(read, language_of(tag))

    def make(self) -> None:
        sign_in(self._page, self._site, said=self._said)
        self._license()
        self._users()
        self._programs()

    def _license(self) -> None:
        page, site, said = self._page, self._site, self._said
        for name in (*demo.USERS, demo.DELETED):
            site.house.add_user(name)
        site.house.do("delete_user", demo.DELETED)
        key = wrapped(self._key(demo.LICENSES))
        page.goto(f"{site.address}/license")
        page.get_by_label(said("License Key"), exact=True).fill(LETTERS[self._tag].format(key=key))
        page.get_by_label(said("License Key"), exact=True).evaluate("field => { field.blur(); field.scrollTop = 0 }")
        self._picture("license-first", 800)
        page.get_by_role("button", name=said("Register License"), exact=True).click()
        self._picture("license", 850)
        register(page, key[:200], said)
        self._picture("refused", 560)

    def _users(self) -> None:
        page, site, said = self._page, self._site, self._said
        page.goto(f"{site.address}/users")
        page.get_by_label(said("Login name"), exact=True).fill("leonie")
        page.get_by_role("button", name=said("Add user"), exact=True).click()
        self._picture("users", 800)
        for name in ("emma", "grace"):
            page.get_by_label(said("Select {name}", name=name), exact=True).check()
        page.get_by_role("button", name=said("Delete selected")).click()
        self._picture("delete", 440)
        page.goto(f"{site.address}/users?show=deleted")
        page.get_by_role("button", name=said("Erase name…")).click()
        self._picture("erase", 640)
        page.goto(f"{site.address}/users")
        page.get_by_text(said("Add several users")).click()
        page.get_by_label(said("Login names, one a line")).fill("mario\nnadia\nolga\npavel\nquentin")
        page.get_by_role("button", name=said("Add these users")).click()
        self._picture("beyond", 560)
        page.goto(f"{site.address}/users")
        page.get_by_label(said("Login name"), exact=True).fill("mario")
        page.get_by_label(said("Administrator"), exact=True).check()
        page.get_by_role("button", name=said("Add user"), exact=True).click()
        give_password_again(page, said)
        self._picture("link", 460)

    def _programs(self) -> None:
        page, site, said = self._page, self._site, self._said
        site.house.do("create_token", demo.GATEWAY, ["login-check"])
        page.goto(f"{site.address}/tokens")
        self._picture("tokens", 830)
        page.goto(f"{site.address}/license")
        site.house.clock.go_on(minutes=31)
        register(page, wrapped(self._key(20)), said)
        page.get_by_label(said("Login name")).fill(ADMINISTRATOR)
        page.get_by_label(said("Password")).fill(PASSWORD)
        page.get_by_role("button", name=said("Sign in"), exact=True).click()
        self._picture("carried", 650)

    def _key(self, licenses: int) -> str:
        return self._site.key(licenses=licenses, starts_in=0, ends_in=364, customer=demo.NAME, issuer="Demo Vendor")

    def _picture(self, name: str, height: int) -> None:
        """The upper part of the page, once its messages have come."""
        self._page.wait_for_load_state()
        self._page.wait_for_timeout(400)
        self._page.set_viewport_size({"width": WIDTH, "height": height})
        self._page.screenshot(path=PICTURES[self._tag] / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
