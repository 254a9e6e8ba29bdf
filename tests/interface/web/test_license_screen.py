"""System Operation > License: what it shows, and what happens after the button."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from application.license_keys import Keyring, VerificationKey
from application.renewal.request import read_request
from tests.examples import KID, LAST_DAY, OTHER_INSTALLATION_ID, SIGNING_KEY, a_key, a_period, seconds
from tests.interface.web.house import House, Visitor, text_of


def counts(page: str) -> tuple[int, int, int]:
    """Valid, In use and Available as they stand side by side on the License screen."""
    words = page.replace("−", "-").split()
    at = words.index("Valid")
    number = [words.index(word, at) for word in ("Valid", "use", "Available")]
    valid, in_use, available = (int(words[place + 1]) for place in number)
    return valid, in_use, available


def fields_of(page: TestResponse) -> dict[str, str]:
    """The fields of the form that registers the key from the page of a check."""
    form = page.text[page.text.index('action="/license"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")]))


def confirmed(visitor: Visitor, page: TestResponse) -> TestResponse:
    """The button of that page is pressed."""
    return visitor.post("/license", **fields_of(page))


def test_before_any_license_it_says_what_to_do(house: House, administrator: Visitor) -> None:
    page = text_of(administrator.get("/license"))
    assert "No license key is registered yet. Paste the license key" in page
    assert counts(page) == (0, 1, -1)
    assert str(house.id) in page


def test_a_registered_key_is_shown_at_once_with_what_it_did(administrator: Visitor) -> None:
    text = a_key()
    wrapped = '"' + "\r\n".join(text[start : start + 60] for start in range(0, len(text), 60)) + '"'
    answer = administrator.post("/license", license_key=wrapped)
    page = text_of(administrator.follow(answer))
    assert "The license key was registered and is in effect." in page
    assert counts(page) == (3, 1, 2)
    for shown in ("Professional", "2026-04-01 to 2027-03-31 Active", "345 days left", "Analytics", "Example Customer"):
        assert shown in page
    assert "registered and is in effect" not in text_of(administrator.get("/license"))


def test_the_same_key_again_changes_nothing_and_names_the_license_in_force(administrator: Visitor) -> None:
    """K2."""
    administrator.post("/license", license_key=a_key())
    page = text_of(administrator.follow(administrator.post("/license", license_key=a_key())))
    assert "already registered; nothing was changed. In force: Professional, 3 licenses" in page


def test_an_early_renewal_is_shown_as_the_next_license_with_its_day(house: House, administrator: Visitor) -> None:
    house.register(a_key())
    renewal = a_key(licenses=9, license_period=a_period("2027-04-01", "2028-03-31"), maintenance_period=None)
    page = text_of(administrator.follow(administrator.post("/license", license_key=renewal)))
    assert "It takes effect on 2027-04-01; nothing changes until then." in page
    assert "Next license, from 2027-04-01" in page
    assert "Covered until 2028-03-31" in page
    assert counts(page)[0] == 3


def test_w2_a_renewal_that_will_shut_users_out_is_not_greeted_in_green(house: House, administrator: Visitor) -> None:
    """K13: every page warns of it, until it is mended; auditors are not warned."""
    house.register(a_key(licenses=3, optional_products=("Analytics", "Mobile")))
    house.add_user("alice")
    next_year = a_period("2027-04-01", "2028-03-31")
    small = a_key(licenses=1, license_period=next_year, maintenance_period=next_year)
    answer = administrator.follow(administrator.post("/license", license_key=small))
    assert "alert-success" not in answer.text
    too_few = "From 2027-04-01 on there will be more users than licenses: 2 users, 1 license."
    options = "From 2027-04-01 on these optional products cannot be used any more: Mobile."
    for path in ("/license", "/users", "/system-settings"):
        page = text_of(administrator.get(path))
        assert too_few in page
        assert options in page
    assert administrator.get("/users").text.count('class="alert-link"') == 1, "one link for both"
    assert "alert-link" not in administrator.get("/audit/license?position=4").text, "nothing there is current"
    house.add_auditor()
    assert too_few not in text_of(house.visitor("auditor").get("/license"))
    mended = a_key(
        licenses=2, license_period=next_year, maintenance_period=next_year, optional_products=("Analytics", "Mobile")
    )
    answer = administrator.follow(administrator.post("/license", license_key=mended))
    assert "alert-success" in answer.text
    assert "From 2027-04-01 on" not in text_of(answer)


def test_k12_a_key_that_shortens_cover_says_from_when_to_when_and_what_it_cancelled(
    house: House, administrator: Visitor
) -> None:
    house.register(a_key())
    next_year, short = a_period("2027-04-01", "2028-03-31"), a_period("2027-04-01", "2027-04-30")
    house.register(a_key(license_period=next_year, maintenance_period=next_year, key_id=OTHER_INSTALLATION_ID))
    text = a_key(license_period=short, maintenance_period=short)
    page = text_of(administrator.follow(confirmed(administrator, administrator.post("/license", license_key=text))))
    assert f"replaces 1 license key for good: number {OTHER_INSTALLATION_ID} (Professional, 3 licenses, 2027-04" in page
    assert "with its maintenance period 2027-04-01 to 2028-03-31)." in page
    assert "were covered until 2028-03-31; now they are covered until 2027-04-30 only." in page


def test_if_nobody_acts_lists_by_day_what_will_begin_and_end(house: House, administrator: Visitor) -> None:
    assert "If nobody acts" not in text_of(administrator.get("/license"))
    house.register(a_key(maintenance_period=a_period("2026-04-01", "2026-12-31")))
    page = text_of(administrator.get("/license"))
    coming = page[page.index("If nobody acts") : page.index("Over time")]
    assert " ".join(coming.split()) == (
        "If nobody acts What the calendar alone will begin and end, with the license keys and the users of now: "
        "2027-01-01 The maintenance period is over; 2026-12-31 is its last day. "
        "Optional products cannot be used any more: Analytics. "
        "2027-04-01 The license period is over; 2027-03-31 is its last day. Nobody but administrators can log in."
    )
    house.register(a_key(license_period=a_period("2026-04-01", None), maintenance_period=None))
    assert "Nothing changes: nothing that is registered begins or ends any more." in text_of(
        administrator.get("/license")
    )


@pytest.mark.parametrize(
    ("pasted", "code", "status"),
    [
        ("", "malformed", 422),
        ("not a key", "malformed", 422),
        (a_key()[:-3] + "AAA", "bad_signature", 422),
        (a_key(product="another-product"), "wrong_product", 422),
        (a_key(audience=OTHER_INSTALLATION_ID), "wrong_installation", 422),
        (a_key(license_period=a_period("2024-04-01", "2025-03-31")), "license_period_over", 422),
        (a_key(issued_at=seconds("2026-06-01T00:00:00+00:00")), "issued_in_future", 422),
        ("A" * 20_000, "too_long", 413),
        ("A" * 70_000, "too_long", 413),
    ],
)
def test_a_refused_key_is_answered_on_the_same_screen_with_its_code(
    shared_house: House, pasted: str, code: str, status: int
) -> None:
    """K7."""
    answer = shared_house.visitor("admin").post("/license", license_key=pasted)
    assert answer.status_code == status
    assert f"Code: {code}" in text_of(answer)
    assert "The license key was not registered. Nothing was changed." in text_of(answer)
    assert "No license key is registered yet" in answer.text


def test_the_refused_text_stays_in_the_field(administrator: Visitor) -> None:
    assert ">\nan almost whole key</textarea>" in administrator.post("/license", license_key="an almost whole key").text


def test_a_keyring_that_cannot_be_read_is_said_on_the_same_screen(house: House, administrator: Visitor) -> None:
    keyring = house.settings.keyring
    assert isinstance(keyring, Path)
    keyring.write_text("{")
    answer = administrator.post("/license", license_key=a_key())
    assert answer.status_code == 503
    assert a_key() in answer.text


def test_when_exceeded_every_page_says_what_to_do_and_leads_to_users(house: House, administrator: Visitor) -> None:
    """U4, K11."""
    house.register(a_key(licenses=1))
    house.add_user("alice")
    for path in ("/system-settings", "/license", "/auditors", "/no-such-page"):
        page = administrator.get(path)
        assert "The number of licenses has been exceeded: 2 users, 1 license" in text_of(page)
        assert '<a class="alert-link" href="/users">Go to Users</a>' in page.text
    assert counts(text_of(administrator.get("/license"))) == (1, 2, -1)


@pytest.mark.parametrize("days", [60, 30, 14, 7, 1, 0, -1])
def test_administrators_are_warned_before_and_after_the_end_and_auditors_are_not(house: House, days: int) -> None:
    """K11: administrators, and nobody else."""
    house.register(a_key())
    house.add_auditor()
    house.clock.go_on(days=(LAST_DAY - house.clock.now.date()).days - days)
    said = f"The license period {'ends' if days >= 0 else 'ended'} on {LAST_DAY}"
    assert said in text_of(house.visitor("admin").get("/users"))
    assert said not in text_of(house.visitor("auditor").get("/users"))


@pytest.mark.parametrize("days", [30, -1])
def test_both_periods_that_end_on_one_day_have_one_banner_that_names_both(house: House, days: int) -> None:
    house.register(a_key())
    house.clock.go_on(days=(LAST_DAY - house.clock.now.date()).days - days)
    page = text_of(house.visitor("admin").get("/users"))
    says = "ends" if days >= 0 else "ended"
    assert page.count(f"{says} on {LAST_DAY}") == 1
    assert f"and so {'does' if days >= 0 else 'did'} the maintenance period." in page


def test_periods_that_end_on_different_days_have_a_banner_each(house: House) -> None:
    house.register(a_key(maintenance_period=a_period("2026-04-01", "2027-03-30")))
    house.clock.go_on(days=(LAST_DAY - house.clock.now.date()).days - 10)
    page = text_of(house.visitor("admin").get("/users"))
    assert f"The license period ends on {LAST_DAY} (10 days left). Register" in page
    assert "The maintenance period ends on 2027-03-30 (9 days left)." in page


def test_numbers_have_their_thousands_apart(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=10_000_000))
    page = administrator.get("/license").text
    assert "10,000,000" in page
    assert "9,999,999" in page
    assert not re.search(r">[^<]*(10000000|9999999)", page)


def test_before_the_first_key_its_form_is_in_the_wide_column(house: House, administrator: Visitor) -> None:
    assert '<div class="col-lg-7 order-first' in administrator.get("/license").text
    house.register(a_key())
    assert "order-first" not in administrator.get("/license").text


def test_sixty_one_days_before_the_end_nobody_is_warned(house: House) -> None:
    house.register(a_key())
    house.clock.go_on(days=(LAST_DAY - house.clock.now.date()).days - 61)
    assert "The license period ends" not in house.visitor("admin").get("/license").text


def test_optional_products_are_shown_as_off_when_maintenance_is_over(house: House, administrator: Visitor) -> None:
    house.register(a_key(maintenance_period=a_period("2026-04-01", "2026-04-10")))
    page = text_of(administrator.get("/license"))
    assert "Optional products are not available: the maintenance period ended on 2026-04-10." in page
    assert "2026-04-01 to 2026-04-10 Expired Over for 10 days" in page


def test_a_perpetual_license_has_no_end_and_no_days_left(house: House, administrator: Visitor) -> None:
    house.register(a_key(license_period=a_period(end=None)))
    page = text_of(administrator.get("/license"))
    assert "2026-04-01 to no end (perpetual) Active" in page
    assert "Covered until No end" in page


def test_the_way_from_the_login_name_to_the_license(administrator: Visitor) -> None:
    """The customer's page: login name, System Settings, System Operation, License."""
    page = administrator.get("/license")
    own = "System Settings Your password Your second factor Your sign-ins Your language Your calendar Sign out"
    assert f"Menu of admin {own}" in text_of(page)
    assert "System Settings System Operation License Valid" not in text_of(page)
    assert "System Settings System Operation License" in text_of(page).partition("API tokens")[2]


def test_an_auditor_sees_the_license_and_no_field_for_a_key(house: House) -> None:
    house.register(a_key())
    house.add_auditor()
    page = house.visitor("auditor").get("/license")
    assert "Professional" in page.text
    assert "License Key" not in text_of(page)


def test_w21_an_expired_license_says_so_beside_its_numbers_not_by_color_alone(
    house: House, administrator: Visitor
) -> None:
    house.register(a_key())
    assert "Expired" not in text_of(administrator.get("/license"))
    house.on("2027-04-01")
    page = text_of(house.visitor("admin").get("/license"))
    assert "Valid 3 Expired licenses that you had contracted until 2027-03-31 In use 1" in page
    assert "Available 2 Expired Valid minus In use, of a license that is over: nobody but administrators" in page


def test_w21_the_screen_says_when_the_license_was_registered_and_by_whom(house: House, administrator: Visitor) -> None:
    house.register(a_key())
    assert "Registered 2026-04-20 by tester (command line)" in text_of(administrator.get("/license"))
    house.clock.go_on(hours=20)
    administrator = house.visitor("admin")
    administrator.post("/license", license_key=a_key(licenses=9, issued_at=seconds("2026-04-20T10:00:00+00:00")))
    assert "Registered 2026-04-21 by admin" in text_of(administrator.get("/license"))


def test_w20_the_picture_says_what_its_periods_are(house: House, administrator: Visitor) -> None:
    house.register(a_key())
    page = text_of(administrator.get("/license"))
    assert page.count("On which days each was, is or will be in force") == 1
    assert "Maintenance period 2026-04-01 to 2027-03-31 Active" in page
    assert "2026-04-20 to 2027-03-31 Maintenance" in page


def form_id(page: TestResponse) -> str:
    """What tells the form of this page from that of any other."""
    (found,) = set(re.findall(r'name="form_id" value="([^"]+)"', page.text))
    return str(found)


def refusals(house: House) -> int:
    return house.events().count("LicenseKeyRefused")


def test_c19_a_form_that_is_sent_again_is_recorded_once(house: House, administrator: Visitor) -> None:
    form = {"license_key": "not a key", "form_id": form_id(administrator.get("/license"))}
    first = administrator.post("/license", **form)
    assert refusals(house) == 1
    again = administrator.post("/license", **form)
    assert (again.status_code, refusals(house)) == (first.status_code, 1)
    assert "There is no whole license key in this text" in text_of(again)
    house.add("ann")
    administrator.post("/license", **form)
    assert refusals(house) == 1, "whatever was recorded since"


def test_c19_another_page_another_text_or_another_reason_is_another_attempt(
    house: House, administrator: Visitor
) -> None:
    """K7: each is recorded, also when somebody goes back and corrects the text in the form of before."""
    first = form_id(administrator.get("/license"))
    refused = administrator.post("/license", license_key="not a key", form_id=first)
    assert form_id(refused) != first
    administrator.post("/license", license_key="not a key", form_id=form_id(refused))
    assert refusals(house) == 2
    administrator.post("/license", license_key="no key either", form_id=first)
    assert refusals(house) == 3
    key = a_key(issued_at=seconds("2026-06-01T00:00:00+00:00"))
    administrator.post("/license", license_key=key, form_id=first)
    house.trust(Keyring([VerificationKey(KID, SIGNING_KEY.public_key(), revoked=True)]))
    administrator.post("/license", license_key=key, form_id=first)
    assert refusals(house) == 5


def test_c19_no_form_is_the_command_of_somebody_else(house: House, administrator: Visitor) -> None:
    house.add_user("bea", administrator=True)
    page = administrator.get("/license")
    house.visitor("bea").post("/license", license_key="not a key", form_id=form_id(page))
    administrator.post("/license", license_key="not a key", form_id=form_id(page))
    assert len({entry.command_id for entry in house.entries if entry.kind == "LicenseKeyRefused"}) == 2
    of_bea = next(entry.command_id for entry in house.entries if entry.kind == "UserAdded")
    before = [entry.command_id for entry in house.entries].count(of_bea)
    administrator.post("/license", license_key="not a key", form_id=of_bea)
    assert [entry.command_id for entry in house.entries].count(of_bea) == before


def test_c19_a_form_without_an_id_is_recorded_each_time(house: House, administrator: Visitor) -> None:
    for number in (1, 2):
        administrator.post("/license", license_key="not a key")
        assert refusals(house) == number


def test_all_license_keys_are_listed_and_led_to(house: House, administrator: Visitor) -> None:
    assert "/license/keys" not in administrator.get("/license").text
    assert "No license key is registered yet." in text_of(administrator.get("/license/keys"))
    house.register(a_key())
    house.clock.go_on(days=1)
    house.register(a_key(licenses=9, maintenance_period=None))
    later = house.visitor("admin")
    assert 'href="/license/keys"' in later.get("/license").text
    page = later.get("/license/keys")
    rows = page.text.split('<tr role="row" id="key-')[1:]
    assert len(rows) == 2
    read = text_of(page)
    assert "replaced on 2026-04-21 by no. 2" in read
    assert "in force since 2026-04-21" in read
    assert "by tester (command line)" in read
    assert "example-2026" in read
    assert "eyJ" not in page.text


NUMBER = "5d1f7c3a-9b1e-4a57-8a0b-1c2d3e4f5a01"
SMALL = a_key(licenses=1, maintenance_period=None)
"""For one user, without maintenance."""


@pytest.fixture
def crowded(house: House) -> House:
    """Two users and two licenses."""
    house.register(a_key(licenses=2, key_id=NUMBER))
    house.add_user("alice")
    house.set(vendor_contact="keys@vendor.example")
    return house


def test_check_key_shows_day_by_day_what_a_key_would_change_and_registers_nothing(
    crowded: House, administrator: Visitor
) -> None:
    assert 'formaction="/license/preview"' in administrator.get("/license").text
    size = crowded.size()
    page = administrator.post("/license/preview", license_key=f"> {SMALL}")
    shown = text_of(page)
    assert (page.status_code, crowded.size()) == (200, size)
    assert "The license key can be registered, but it makes something worse." in shown
    assert "From 2026-04-20 to 2027-03-31 nobody but administrators can log in. Shut out: 1 user" in shown
    assert "Who would be shut out: 1 user alice" in shown
    assert "these optional products cannot be used: Analytics." in shown
    assert "There would be no maintenance any more; without this key it is covered until 2027-03-31." in shown
    assert "Day Without the key With the key 2026-04-20 In force: Professional, 2 licenses" in shown
    assert "2027-04-01 Over: Professional, 2 licenses" in shown
    assert "registered yet" not in shown, "nobody has asked for that"


def test_the_page_says_whom_to_ask_for_which_key_where_there_is_no_way_back(
    crowded: House, administrator: Visitor
) -> None:
    page = administrator.post("/license/preview", license_key=SMALL)
    assert f"number {NUMBER} (Professional, 2 licenses, 2026-04-01 to 2027-03-31) cannot be used again." in text_of(
        page
    )
    assert "ask the vendor for a new license key that says what that one says. Vendor: keys@vendor.ex" in text_of(page)
    assert '<a href="mailto:keys@vendor.example">' in page.text[: page.text.index("</main>")]


def test_a_key_that_makes_something_worse_is_asked_about_before_it_is_registered(
    crowded: House, administrator: Visitor
) -> None:
    size = crowded.size()
    asked = administrator.post("/license", license_key=SMALL)
    assert (asked.status_code, crowded.size()) == (409, size)
    assert "The license key was not registered yet. Nothing was changed." in text_of(asked)
    assert "Shut out: 1 user" in text_of(asked)
    assert "Register it all the same" in text_of(asked)
    page = text_of(administrator.follow(confirmed(administrator, asked)))
    assert "The license key was registered and is in effect." in page
    assert crowded.check("alice") == ("refuse", "licenses_exceeded")


def test_from_a_check_it_is_registered_without_being_asked_about_again(crowded: House, administrator: Visitor) -> None:
    done = confirmed(administrator, administrator.post("/license/preview", license_key=SMALL))
    assert done.status_code == 303
    assert crowded.view.schedule.turns[-1].license.licenses == 1


def test_what_has_changed_since_the_page_was_shown_is_asked_about_again(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=3))
    house.add_user("alice")
    asked = administrator.post("/license", license_key=SMALL)
    house.add_user("bob")
    again = confirmed(administrator, asked)
    assert again.status_code == 409
    assert "What it would do has changed since you confirmed it: look again." in text_of(again)
    assert "Who would be shut out: 2 users alice bob" in text_of(again)
    assert confirmed(administrator, again).status_code == 303


def test_a_confirmation_is_for_the_key_that_was_shown(crowded: House, administrator: Visitor) -> None:
    shown = fields_of(administrator.post("/license", license_key=SMALL))["confirmation"]
    other = a_key(licenses=1, maintenance_period=None, edition="Another")
    assert administrator.post("/license", license_key=other, confirmation=shown).status_code == 409


def test_a_good_key_is_checked_without_alarm_and_registered_by_one_more_click(
    house: House, administrator: Visitor
) -> None:
    page = administrator.post("/license/preview", license_key=a_key())
    assert "The license key can be registered. It makes nothing worse on any day." in text_of(page)
    assert "btn-danger" not in page.text
    assert "confirmation" not in fields_of(page)
    assert administrator.post("/license", **fields_of(page)).status_code == 303
    known = text_of(administrator.post("/license/preview", license_key=a_key()))
    assert "This license key is already registered; registering it again changes nothing." in known
    assert "Day by day" not in known


def test_a_key_that_is_refused_is_told_by_the_check_and_not_recorded(house: House, administrator: Visitor) -> None:
    size = house.size()
    answer = administrator.post("/license/preview", license_key="not a key")
    assert (answer.status_code, house.size()) == (422, size)
    assert "Code: malformed" in text_of(answer)
    assert ">\nnot a key</textarea>" in answer.text
    assert administrator.get("/license/preview").headers["Location"] == "/license"


def test_a_check_that_is_sent_again_is_answered_anew(crowded: House, administrator: Visitor) -> None:
    """It is kept for nobody: the page carries the key, and may be true no longer."""
    form = {"license_key": SMALL, "form_id": form_id(administrator.get("/license"))}
    assert "Who would be shut out: 1 user" in text_of(administrator.post("/license/preview", **form))
    crowded.do("delete_user", "alice")
    assert "Who would be shut out" not in text_of(administrator.post("/license/preview", **form))


def test_of_many_users_the_page_names_a_hundred_and_counts_the_others(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=200))
    house.do("add_users", [f"user {number:03}" for number in range(120)])
    page = text_of(administrator.post("/license/preview", license_key=SMALL))
    assert "Who would be shut out: 120 users user 000" in page
    assert "user 099 and 20 more" in page
    assert "user 100" not in page


def test_the_renewal_file_is_downloaded_by_a_button(house: House, administrator: Visitor) -> None:
    house.register(a_key())
    assert 'href="/license/renewal-request"' in administrator.get("/license").text
    answer = administrator.get("/license/renewal-request")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="renewal-2026-04-20.txt"'
    request = read_request(answer.data, [house.vkey])
    assert (request.installation_id, request.last_license_key) == (house.id, request.license_key_in_force)


def test_a_renewal_file_that_cannot_be_signed_is_refused_and_no_license_key_spoken_of(
    house: House, administrator: Visitor
) -> None:
    house.settings.log_key_path.unlink()
    answer = administrator.get("/license/renewal-request")
    assert answer.status_code == 503
    assert "log-key.pem is missing" in text_of(answer)
    assert "was not registered" not in text_of(answer)
