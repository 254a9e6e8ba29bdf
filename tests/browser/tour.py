"""A tour of every screen at its fullest: names as long as they may be, and what opens is open."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from application.words.messages import plural
from tests.browser.screens import IN_ENGLISH, Reading, check_key, give_password_again, register, sign_in
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
    "own-language",
    "second-factor",
    "notifications",
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

Y = "y" + LONG
DELETE = 'Delete<span class="visually-hidden"> {name}</span>'
RENAME = 'Rename<span class="visually-hidden"> {name}</span>'
DELETE_USERS = plural("Delete {number} user", "Delete {number} users")

Look = Callable[[Page, str], None]
"""Is given the page and what it shows."""


def tour(page: Page, site: Site, look: Look, said: Reading = IN_ENGLISH) -> None:
    """Goes to every screen, as an administrator and then as an auditor; `look` is given the page and what it shows."""
    house = site.house
    page.goto(site.address)
    look(page, "sign-in")
    page.get_by_label(said("Login name")).fill("x" * 60)
    page.get_by_label(said("Password")).fill(PASSWORD)
    page.get_by_role("button", name=said("Sign in"), exact=True).click()
    look(page, "sign-in-refused")
    sign_in(page, site, said=said)
    page.goto(f"{site.address}/license")
    look(page, "license-none")
    register(page, "not a key", said)
    look(page, "license-refused")
    _furnish(site)
    page.goto(f"{site.address}/license")
    register(page, wrapped(_key(site, licenses=7)), said)
    look(page, "license-registered")
    for path in PATHS:
        page.goto(f"{site.address}/{path}")
        for details in page.locator("main details:not(.popup)").all():
            details.evaluate("element => { element.open = true }")
        look(page, path.replace("?", "-").replace("/", "-")[:40])
    _acts(page, site, look, said)
    page.context.clear_cookies()
    house.add_auditor("vera." + LONG)
    sign_in(page, site, "vera." + LONG, said)
    page.goto(f"{site.address}/license")
    look(page, "license-for-an-auditor")


def _acts(page: Page, site: Site, look: Look, said: Reading = IN_ENGLISH) -> None:
    """What is asked, told and refused on the way."""
    page.goto(f"{site.address}/license")
    check_key(page, wrapped(_key(site, licenses=1, starts_in=0, ends_in=9, products=())), said)
    page.locator("main summary").click()
    look(page, "license-preview")
    page.goto(f"{site.address}/users")
    page.locator("summary").get_by_text(said(DELETE, name=Y), exact=True).click()
    look(page, "users-delete-one")
    page.keyboard.press("Escape")
    page.locator("summary").get_by_text(said(RENAME, name=Y), exact=True).click()
    look(page, "users-rename-one")
    page.get_by_label(said("New login name")).and_(page.locator(":visible")).fill("admin")
    page.locator("details[open] form button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "users-rename-refused")
    page.goto(f"{site.address}/users?show=deleted")
    page.locator("form[action$='/users/erase'] button").first.click()
    expect(page.get_by_role("heading", name=said("Erase this name for ever?"))).to_be_visible()
    look(page, "erase-this-name")
    page.goto(f"{site.address}/users")
    boxes = page.locator("input[type=checkbox][name=login_name]")
    boxes.nth(1).check()
    boxes.nth(2).check()
    page.get_by_role("button", name=said("Delete selected")).click()
    expect(page.get_by_role("heading", name=said("Delete these users?"))).to_be_visible()
    look(page, "delete-these-users")
    page.get_by_role("button", name=said(DELETE_USERS, number=2)).click()
    expect(page.get_by_role("button", name=said("Undo"))).to_be_visible()
    look(page, "users-undo")
    page.get_by_text(said("Add several users")).click()
    page.get_by_label(said("Login names, one a line")).fill("\n".join(f"{number}-{LONG}" for number in range(5)))
    page.get_by_role("button", name=said("Add these users")).click()
    expect(page.get_by_role("heading", name=said("Go beyond the licenses?"))).to_be_visible()
    look(page, "go-beyond-the-licenses")
    _import(page, site, look, said)
    page.goto(f"{site.address}/users")
    page.get_by_label(said("Login name"), exact=True).fill("z" + LONG)
    page.get_by_label(said("Administrator"), exact=True).check()
    page.get_by_role("button", name=said("Add user"), exact=True).click()
    give_password_again(page, said)
    if page.get_by_role("heading", name=said("Go beyond the licenses?")).is_visible():
        page.locator("main button").click()
    look(page, "users-link-shown-once")
    page.goto(f"{site.address}/tokens")
    page.get_by_label(said("Name"), exact=True).fill(LONG)
    page.get_by_label("login-check").check()
    page.get_by_role("button", name=said("Make token"), exact=True).click()
    look(page, "token-shown-once")
    page.goto(f"{site.address}/users")
    site.house.clock.go_on(minutes=31)
    page.get_by_label(said("Login name"), exact=True).fill("w" + LONG)
    page.get_by_role("button", name=said("Add user"), exact=True).click()
    look(page, "sign-in-keeps-a-form")
    page.get_by_label(said("Login name")).fill(ADMINISTRATOR)
    page.get_by_label(said("Password")).fill(PASSWORD)
    page.get_by_role("button", name=said("Sign in"), exact=True).click()
    expect(page.get_by_role("heading", name=said("You are signed in again"))).to_be_visible()
    look(page, "form-carried")


def _import(page: Page, site: Site, look: Look, said: Reading = IN_ENGLISH) -> None:
    page.goto(f"{site.address}/users/import")
    new = [f"{number}-{LONG},{number == 0}" for number in range(5)]
    _check(page, said, f"gone{LONG},", *new)
    look(page, "import-refused")
    page.get_by_role("button", name=said("Check the list again, restoring deleted users")).click()
    for details in page.locator("main details").all():
        details.evaluate("element => { element.open = true }")
    look(page, "import-checked")


def _check(page: Page, said: Reading, *lines: str) -> None:
    data = "\n".join(("login_name,administrator", *lines)).encode()
    page.get_by_label(said("CSV file")).set_input_files({"name": "users.csv", "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name=said("Check the list"), exact=True).click()


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
