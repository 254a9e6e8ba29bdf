"""A tour of every screen at its fullest: names as long as they may be, and what opens is open."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screens import check_key, give_password_again, register, sign_in
from tests.browser.server import Site, wrapped
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.world import BY

LONG = "x" * 150
"""A word that no line holds."""

LONG_NAME = "Gesellschaft für nachhaltige Zusammenarbeit und Bürogemeinschaftsverwaltung mbH & Co. KG " + "x" * 60

PATHS = (
    "system-settings",
    "license",
    "license/keys",
    "help",
    "users",
    "users/import",
    "users?unused=30",
    "users?show=deleted",
    "users?show=all&search=x",
    "users?search=nobody-has-this-name",
    "auditors",
    "tokens",
    "own-password",
    "second-factor",
    "sign-ins",
    "calendar",
    "audit/overview",
    "audit/history",
    "audit/license",
    "audit/license?position=10&login_name=" + LONG,
    "audit/users",
    "audit/users?position=10",
    "audit/sign-ins",
    "no-such-page",
)


def tour(page: Page, site: Site, look: Callable[[Page, str], None]) -> None:
    """Goes to every screen, as an administrator and then as an auditor; `look` is given the page and what it shows."""
    house = site.house
    page.goto(site.address)
    look(page, "sign-in")
    page.get_by_label("Login name").fill("x" * 60)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page, "sign-in-refused")
    sign_in(page, site)
    page.goto(f"{site.address}/license")
    look(page, "license-none")
    register(page, "not a key")
    look(page, "license-refused")
    _furnish(site)
    page.goto(f"{site.address}/license")
    register(page, wrapped(_key(site, licenses=7)))
    look(page, "license-registered")
    for path in PATHS:
        page.goto(f"{site.address}/{path}")
        for details in page.locator("main details:not(.popup)").all():
            details.evaluate("element => { element.open = true }")
        look(page, path.replace("?", "-").replace("/", "-")[:40])
    _acts(page, site, look)
    page.context.clear_cookies()
    house.add_auditor("vera." + LONG)
    sign_in(page, site, "vera." + LONG)
    page.goto(f"{site.address}/license")
    look(page, "license-for-an-auditor")


def _acts(page: Page, site: Site, look: Callable[[Page, str], None]) -> None:
    """What is asked, told and refused on the way."""
    page.goto(f"{site.address}/license")
    check_key(page, wrapped(_key(site, licenses=1, starts_in=0, ends_in=9, products=())))
    page.locator("main summary").click()
    look(page, "license-preview")
    page.goto(f"{site.address}/users")
    page.get_by_text(f"Delete y{LONG}", exact=True).click()
    look(page, "users-delete-one")
    page.keyboard.press("Escape")
    page.locator("summary").get_by_text(f"Rename y{LONG}", exact=True).click()
    look(page, "users-rename-one")
    page.get_by_label("New login name").and_(page.locator(":visible")).fill("admin")
    page.get_by_role("button", name=f"Rename y{LONG}", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "users-rename-refused")
    page.goto(f"{site.address}/users?show=deleted")
    page.get_by_role("button", name="Erase name…").click()
    expect(page.get_by_role("heading", name="Erase this name for ever?")).to_be_visible()
    look(page, "erase-this-name")
    page.goto(f"{site.address}/users")
    page.get_by_label("Select", exact=False).nth(1).check()
    page.get_by_label("Select", exact=False).nth(2).check()
    page.get_by_role("button", name="Delete selected").click()
    expect(page.get_by_role("heading", name="Delete these users?")).to_be_visible()
    look(page, "delete-these-users")
    page.get_by_role("button", name="Delete 2 users").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    look(page, "users-undo")
    page.get_by_text("Add several users").click()
    page.get_by_label("Login names, one a line").fill("\n".join(f"{number}-{LONG}" for number in range(5)))
    page.get_by_role("button", name="Add these users").click()
    expect(page.get_by_role("heading", name="Go beyond the licenses?")).to_be_visible()
    look(page, "go-beyond-the-licenses")
    _import(page, site, look)
    page.goto(f"{site.address}/users")
    page.get_by_label("Login name", exact=True).fill("z" + LONG)
    page.get_by_label("Administrator", exact=True).check()
    page.get_by_role("button", name="Add user", exact=True).click()
    give_password_again(page)
    if page.get_by_role("heading", name="Go beyond the licenses?").is_visible():
        page.locator("main button").click()
    look(page, "users-link-shown-once")
    page.goto(f"{site.address}/tokens")
    page.get_by_label("Name", exact=True).fill(LONG)
    page.get_by_label("login-check").check()
    page.get_by_role("button", name="Make token", exact=True).click()
    look(page, "token-shown-once")
    page.goto(f"{site.address}/users")
    site.house.clock.go_on(minutes=31)
    page.get_by_label("Login name", exact=True).fill("w" + LONG)
    page.get_by_role("button", name="Add user", exact=True).click()
    look(page, "sign-in-keeps-a-form")
    page.get_by_label("Login name").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed in again")).to_be_visible()
    look(page, "form-carried")


def _import(page: Page, site: Site, look: Callable[[Page, str], None]) -> None:
    page.goto(f"{site.address}/users/import")
    new = [f"{number}-{LONG},{number == 0}" for number in range(5)]
    _check(page, f"gone{LONG},", *new)
    look(page, "import-refused")
    page.get_by_role("button", name="Check the list again, restoring deleted users").click()
    for details in page.locator("main details").all():
        details.evaluate("element => { element.open = true }")
    look(page, "import-checked")


def _check(page: Page, *lines: str) -> None:
    data = "\n".join(("login_name,administrator", *lines)).encode()
    page.get_by_label("CSV file").set_input_files({"name": "users.csv", "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="Check the list", exact=True).click()


def _furnish(site: Site) -> None:
    house = site.house
    for name in (f"x{LONG}", f"y{LONG}", "anna.lindqvist@consulting.example.com", "田中花子", "gone" + LONG, "bea"):
        house.add_user(name)
    house.add_user("forgotten" + LONG)
    house.do("delete_users", ["gone" + LONG, "forgotten" + LONG])
    house.licensing.erasing.user(house.id, "forgotten" + LONG, by=BY)
    house.add_user("administratrix." + LONG, administrator=True)
    for name in ("auditor.", "removed.", "erased."):
        house.add_auditor(name + LONG)
    for name in ("removed.", "erased."):
        house.do("remove_auditor", name + LONG)
    house.licensing.erasing.auditor(house.id, "erased." + LONG, by=BY)
    house.token("login-check", "license", "users", "administrators", "audit")
    house.register(_key(site, licenses=10_000_000, starts_in=30, ends_in=390, products=("Planning Board",)))


PRODUCTS = (LONG, "Planning Board", "Ressourceneinsatzplanungswerkzeug")


def _key(
    site: Site, *, licenses: int, starts_in: int = -340, ends_in: int = 25, products: tuple[str, ...] = PRODUCTS
) -> str:
    return site.key(
        licenses=licenses,
        starts_in=starts_in,
        ends_in=ends_in,
        edition=LONG,
        customer=LONG_NAME,
        optional_products=products,
    )
