"""U1 to U8: users, administrators and auditors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.installation import Installation
from domain.login_name import login_key, valid_login_name
from domain.refusals import (
    LastAdministrator,
    LoginNameInvalid,
    LoginNameTaken,
    NameOfDeletedUser,
    Refused,
    RightLost,
    UnknownAccount,
    UnknownAuditor,
    UnknownUser,
    UserIsDeleted,
)
from tests.domain.installations import an_installation, answer, at, names_of, recorded, register, view_of
from tests.examples import PRODUCT, a_period
from tests.refused import refused

NOW = at("2026-04-01")
LATER = at("2031-04-01")


def do(installation: Installation, command: str, *args: object, **kwargs: object) -> list[str]:
    """The names of the events that a command recorded."""
    return names_of(recorded(installation, lambda: getattr(installation, command)(*args, stamp=NOW, **kwargs)))


def test_adding_a_user_records_the_name_as_given_and_as_compared() -> None:
    installation = an_installation()
    ((name, fields),) = recorded(installation, lambda: installation.add_user("  Ångström ", stamp=NOW))
    assert name == "UserAdded"
    assert fields.pop("user_id") in installation.users
    assert fields == {"login_name": "Ångström", "login_key": "ångström", "administrator": False}


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        (" alice\t", "alice"),
        ("\N{NO-BREAK SPACE}alice", "alice"),
        ("ﬁona", "fiona"),
        ("Ａｌｉｃｅ", "Alice"),
        ("A\N{COMBINING RING ABOVE}sa", "Åsa"),
        ("a b", "a b"),
        ("x" * 200, "x" * 200),
        ("…", "..."),
        ("a@b.example", "a@b.example"),
        ("山田", "山田"),
        ("😀", "😀"),
    ],
)
def test_u1_a_login_name_is_normalized(name: str, stored: str) -> None:
    assert valid_login_name(name) == stored


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "\u3000", ".", "..", "\N{ONE DOT LEADER}", "\N{TWO DOT LEADER}", "a/b", "a\N{FULLWIDTH SOLIDUS}b"),
        *("x" * 201, "\ufdfa" * 12, "a\x00b", "a\nb", "a\x7fb", "a\u200bb", "a\u202eb", "a\ud800b", "a\ue000b"),
        *("a\u0378b", "a\u2028b", "a\u2029b", "a\ufeffb", "a\u00adb"),
    ],
)
def test_u1_a_login_name_that_breaks_the_rule_is_refused(name: str) -> None:
    installation = an_installation()
    for command in ("add_user", "add_auditor"):
        with pytest.raises(LoginNameInvalid) as raised:
            do(installation, command, name)
        str(raised.value).encode()
    assert view_of(installation).in_use == 1


@pytest.mark.parametrize("name", ["ALICE", "alice ", "Ａｌｉｃｅ", "aLiCe"])
def test_u1_names_are_compared_without_regard_to_case_and_form(name: str) -> None:
    installation = an_installation("Alice")
    with pytest.raises(LoginNameTaken):
        do(installation, "add_user", name)
    assert do(installation, "delete_user", name) == ["UserDeleted"]


@pytest.mark.parametrize(("name", "capital"), [("\u0390", "\u03aa\u0301"), ("straße", "STRASSE"), ("ﬀ", "FF")])
def test_u1_a_name_and_its_capitals_are_one_name(name: str, capital: str) -> None:
    """Also where folding the case takes a letter apart that normalizing had put together."""
    with pytest.raises(LoginNameTaken):
        do(an_installation(name), "add_user", capital)


@given(st.text(max_size=20))
def test_u1_a_valid_name_stays_itself_and_a_key_stays_a_key(text: str) -> None:
    assert login_key(login_key(text)) == login_key(text)
    try:
        name = valid_login_name(text)
    except LoginNameInvalid:
        return
    assert valid_login_name(name) == name
    assert login_key(name) == login_key(text)
    assert 1 <= len(name) <= 200


def test_u2_a_login_name_is_never_registered_twice_not_even_after_deletion() -> None:
    installation = an_installation("ann")
    do(installation, "delete_user", "ann")
    with refused(LoginNameTaken, "“ann” was deleted. Restore the user") as caught:
        do(installation, "add_user", "Ann")
    assert (type(caught.value), caught.value.code) == (NameOfDeletedUser, "user_deleted")
    assert do(installation, "restore_user", "ann") == ["UserRestored"]
    with refused(LoginNameTaken, "“ann” is already registered, for a user or an auditor") as caught:
        do(installation, "add_user", "Ann")
    assert caught.value.code == "login_name_taken"


def test_u2_an_auditor_is_refused_a_deleted_users_name_as_any_that_is_taken() -> None:
    """To restore the user would not make the auditor."""
    installation = an_installation("ann")
    do(installation, "delete_user", "ann")
    with refused(LoginNameTaken, "“ann” is already registered, for a user or an auditor") as caught:
        do(installation, "add_auditor", "Ann")
    assert caught.value.code == "login_name_taken"


def test_u2_auditors_names_count_too_also_when_they_are_removed() -> None:
    installation = an_installation("ann")
    assert do(installation, "add_auditor", "Audrey") == ["AuditorAdded"]
    for command, name in (("add_user", "audrey"), ("add_auditor", "audrey"), ("add_auditor", "ANN")):
        with pytest.raises(LoginNameTaken):
            do(installation, command, name)
    assert do(installation, "remove_auditor", "audrey") == ["AuditorRemoved"]
    for command in ("add_user", "add_auditor"):
        with pytest.raises(LoginNameTaken):
            do(installation, command, "audrey")


def test_u3_the_last_administrator_can_be_neither_deleted_nor_demoted() -> None:
    installation = an_installation("ann")
    for command in ("delete_user", "revoke_administrator"):
        with pytest.raises(LastAdministrator) as raised:
            do(installation, command, "admin")
        assert raised.value.code == "last_administrator"


def test_u3_counts_neither_deleted_nor_demoted_administrators() -> None:
    installation = an_installation("ann", "ben")
    do(installation, "grant_administrator", "ann")
    do(installation, "grant_administrator", "ben")
    assert do(installation, "delete_user", "ann") == ["UserDeleted"]
    assert do(installation, "revoke_administrator", "ben") == ["AdministratorRevoked"]
    for command in ("delete_user", "revoke_administrator"):
        with pytest.raises(LastAdministrator):
            do(installation, command, "admin")
    do(installation, "restore_user", "ann")
    with pytest.raises(LastAdministrator):
        do(installation, "delete_user", "admin")


@pytest.mark.parametrize("command", ["record_password_link", "record_password_change"])
def test_u6_who_lost_the_right_meanwhile_gets_no_link_and_no_password(command: str) -> None:
    """It was asked before; but between the question and the record somebody else may have taken it."""
    installation = an_installation("ann")
    do(installation, "add_auditor", "vera")
    do(installation, "remove_auditor", "vera")
    how = ["machine"] if command == "record_password_change" else []
    before = installation.version
    for name in ("ann", "vera"):
        with pytest.raises(UnknownAccount):
            do(installation, command, installation.account_of(name), *how)
    assert installation.version == before
    do(installation, "grant_administrator", "ann")
    do(installation, command, installation.account_of("ann"), *how)


def give_password(installation: Installation, name: str) -> None:
    do(installation, "record_password_change", installation.account_of(name), "link")


@pytest.mark.parametrize("command", ["delete_user", "revoke_administrator"])
def test_u3_the_last_administrator_who_has_a_password_stays_while_others_have_none(command: str) -> None:
    installation = an_installation("ann")
    give_password(installation, "admin")
    do(installation, "grant_administrator", "ann")
    with pytest.raises(LastAdministrator) as raised:
        do(installation, command, "admin")
    assert raised.value.says == "last_administrator.with_password"
    give_password(installation, "ann")
    assert len(do(installation, command, "admin")) == 1


@pytest.mark.parametrize("command", ["delete_user", "revoke_administrator"])
def test_u3_an_administrator_without_a_password_can_go_while_somebody_has_one(command: str) -> None:
    installation = an_installation("ann")
    give_password(installation, "admin")
    do(installation, "grant_administrator", "ann")
    assert len(do(installation, command, "ann")) == 1


@pytest.mark.parametrize("how", ["revoked and granted again", "deleted, restored and granted"])
def test_u3_a_password_counts_since_the_right_was_given(how: str) -> None:
    """An old one is gone for good (U6); none is set in the moment of a demotion."""
    installation = an_installation("ann")
    give_password(installation, "admin")
    do(installation, "grant_administrator", "ann")
    give_password(installation, "ann")
    for command in ["revoke_administrator"] if how.startswith("revoked") else ["delete_user", "restore_user"]:
        do(installation, command, "ann")
    do(installation, "grant_administrator", "ann")
    with pytest.raises(LastAdministrator) as raised:
        do(installation, "delete_user", "admin")
    assert raised.value.says == "last_administrator.with_password"


def test_u3_an_auditor_who_has_a_password_is_no_administrator_who_has_one() -> None:
    installation = an_installation("ann")
    for name in ("admin", "audrey"):
        if name == "audrey":
            do(installation, "add_auditor", name)
        give_password(installation, name)
    do(installation, "grant_administrator", "ann")
    with pytest.raises(LastAdministrator):
        do(installation, "delete_user", "admin")


def test_u3_an_auditor_is_no_administrator() -> None:
    installation = an_installation()
    do(installation, "add_auditor", "audrey")
    with pytest.raises(LastAdministrator):
        do(installation, "delete_user", "admin")


def test_u4_adding_and_restoring_beyond_valid_is_recorded() -> None:
    installation = an_installation("ann")
    do(installation, "delete_user", "ann")
    register(installation, "2026-04-01", licenses=1)
    assert do(installation, "add_user", "ben") == ["UserAdded"]
    assert do(installation, "restore_user", "ann") == ["UserRestored"]
    assert view_of(installation).in_use == 3


def test_u5_deleting_demoting_and_registering_work_while_exceeded() -> None:
    installation = an_installation("ann", "ben")
    do(installation, "grant_administrator", "ann")
    register(installation, "2026-04-01", licenses=1)
    assert answer(installation, "ben", "2026-04-01") == ("refuse", "licenses_exceeded")
    assert do(installation, "revoke_administrator", "ann") == ["AdministratorRevoked"]
    assert do(installation, "delete_user", "ben") == ["UserDeleted"]
    assert names_of(register(installation, "2026-04-02", licenses=2)) == ["LicenseRegistered"]


def test_u5_deleting_demoting_and_registering_work_when_the_license_is_over() -> None:
    installation = an_installation("ann", "ben")
    do(installation, "grant_administrator", "ann")
    register(installation, "2026-04-01")
    assert answer(installation, "ben", "2031-04-01") == ("refuse", "license_expired")
    installation.revoke_administrator("ann", stamp=LATER)
    installation.delete_user("ben", stamp=LATER)
    assert view_of(installation).in_use == 2
    register(installation, "2031-04-01", license_period=a_period("2031-01-01", "2031-12-31"))
    assert answer(installation, "ann", "2031-04-01") == ("admit", "ok")


def test_u6_a_restored_administrator_is_an_ordinary_user() -> None:
    installation = an_installation("ann")
    do(installation, "grant_administrator", "ann")
    do(installation, "delete_user", "ann")
    assert do(installation, "restore_user", "ann") == ["UserRestored"]
    user = view_of(installation).user("ann")
    assert user is not None
    assert (user.is_administrator, user.is_deleted) == (False, False)
    assert installation.administrators == {view_of(installation).account_id("admin")}


def test_u6_a_right_given_again_is_another_right_than_the_one_taken_away() -> None:
    """Credentials are bound to the position that gave the right, so an old password never counts again."""
    installation = an_installation("ann")
    account_id = view_of(installation).account_id("ann")
    assert account_id is not None
    rights = []
    for command in ("grant_administrator", "revoke_administrator", "grant_administrator", "delete_user"):
        do(installation, command, "ann")
        rights.append(view_of(installation).right_since(account_id))
    first, demoted, second, deleted = rights
    assert (demoted, deleted) == (None, None)
    assert first != second
    assert second is not None


def test_u6_a_right_counts_from_the_event_that_gave_it() -> None:
    installation = an_installation("ann")
    do(installation, "add_user", "ben", administrator=True)
    do(installation, "grant_administrator", "ann")
    do(installation, "add_auditor", "audrey")
    view = view_of(installation)
    since = {name: view.right_since(view.account_id(name) or "") for name in ("admin", "ann", "ben", "audrey")}
    assert since == {"admin": 2, "ben": 4, "ann": 5, "audrey": 6}


def test_u7_what_is_so_already_records_nothing() -> None:
    installation = an_installation("ann", "ben")
    do(installation, "delete_user", "ben")
    do(installation, "add_auditor", "audrey")
    do(installation, "remove_auditor", "audrey")
    for command, name in (
        ("delete_user", "ben"),
        ("restore_user", "ann"),
        ("grant_administrator", "admin"),
        ("revoke_administrator", "ann"),
        ("remove_auditor", "audrey"),
    ):
        assert do(installation, command, name) == []


def test_u7_revoking_a_revoked_token_records_nothing() -> None:
    installation = an_installation()
    do(installation, "create_token", "abcdefgh", "Gateway", ["login-check"], "00" * 32, None)
    assert do(installation, "revoke_token", "abcdefgh") == ["TokenRevoked"]
    assert do(installation, "revoke_token", "abcdefgh") == []


@pytest.mark.parametrize("command", ["delete_user", "restore_user", "grant_administrator", "revoke_administrator"])
@pytest.mark.parametrize("name", ["nobody", "audrey", "", "a\ud800", "x" * 5000])
def test_a_command_about_an_unknown_user_is_refused(command: str, name: str) -> None:
    installation = an_installation()
    do(installation, "add_auditor", "audrey")
    with pytest.raises(UnknownUser) as raised:
        do(installation, command, name)
    sentence = str(raised.value)
    sentence.encode()
    assert len(sentence) < 300


@pytest.mark.parametrize("name", ["nobody", "ann"])
def test_removing_an_auditor_who_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownAuditor):
        do(an_installation("ann"), "remove_auditor", name)


@pytest.mark.parametrize("command", ["grant_administrator", "revoke_administrator"])
def test_a_deleted_users_rights_are_neither_granted_nor_revoked(command: str) -> None:
    installation = an_installation("ann")
    do(installation, "delete_user", "ann")
    with pytest.raises(UserIsDeleted):
        do(installation, command, "ann")


def test_a_token_keeps_its_scopes_in_our_order_and_no_other() -> None:
    installation = an_installation()
    create = lambda: installation.create_token(  # noqa: E731
        "abcdefgh", " Gateway ", ["audit", "login-check", "audit"], "00" * 32, None, stamp=NOW
    )
    ((_, fields),) = recorded(installation, create)
    assert fields == {
        "token_id": "abcdefgh",
        "name": "Gateway",
        "scopes": ["login-check", "audit"],
        "digest": "00" * 32,
        "expires_on": None,
    }


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("abcdefgh", "Gateway", [], "00", None), "unknown_scope"),
        (("abcdefgh", "Gateway", ["users", "root"], "00", None), "unknown_scope"),
        (("abcdefgh", " ", ["users"], "00", None), "text_invalid"),
        (("abcdefgh", "x" * 201, ["users"], "00", None), "text_invalid"),
        (("abcdefgh", "a\nb", ["users"], "00", None), "text_invalid"),
    ],
)
def test_a_token_without_a_right_name_or_scope_is_refused(args: tuple[object, ...], code: str) -> None:
    with pytest.raises(Refused) as raised:
        do(an_installation(), "create_token", *args)
    assert raised.value.code == code


@pytest.mark.parametrize("time_zone", ["", "Mars/Olympus", "localtime", "../etc/passwd", "europe/berlin", "CEST"])
def test_an_installation_is_opened_only_in_a_time_zone_that_there_is(time_zone: str) -> None:
    with pytest.raises(Refused) as raised:
        Installation.open("Acme", PRODUCT, time_zone, stamp=NOW)
    assert raised.value.code == "unknown_time_zone"


def test_every_event_says_who_did_it_by_which_command_when_and_on_which_day() -> None:
    installation = an_installation()
    do(installation, "add_user", "ann")
    event = installation.pending_events[-1]
    assert (event.by, event.command_id, event.day) == (NOW.by, str(NOW.command_id), "2026-04-01")
    assert event.timestamp == NOW.moment
    assert event.originator_version == installation.version == 3


def test_u8_a_user_is_renamed_and_the_old_name_stays_taken() -> None:
    installation = an_installation("ann", "bob")
    assert do(installation, "rename_user", "ANN", " Anna ") == ["UserRenamed"]
    view = view_of(installation)
    anna = view.user("anna")
    assert anna is not None
    assert (view.user("ann"), anna.login_name, view.account_id("ann")) == (None, "Anna", anna.user_id)
    for name in ("ann", "Anna", "bob"):
        with pytest.raises(LoginNameTaken):
            installation.add_user(name, stamp=NOW)
    with refused(UnknownUser, "“ann”"):
        installation.delete_user("ann", stamp=NOW)
    assert do(installation, "rename_user", "anna", "Ann") == ["UserRenamed"], "a name of their own"
    assert view_of(installation).user("ann") is not None


def test_u8_another_spelling_of_the_own_name_is_allowed_and_the_same_changes_nothing() -> None:
    installation = an_installation("ann")
    assert do(installation, "rename_user", "ann", "ANN") == ["UserRenamed"]
    assert do(installation, "rename_user", "ann", " ANN") == []
    assert view_of(installation).former_names[installation.users[installation.account_of("ann") or ""].user_id]


@pytest.mark.parametrize(
    ("new_name", "kind"),
    [
        ("bob", LoginNameTaken),
        ("BOB", LoginNameTaken),
        ("audrey", LoginNameTaken),
        ("gone", NameOfDeletedUser),
        ("once", LoginNameTaken),
        ("", LoginNameInvalid),
        ("a/b", LoginNameInvalid),
        ("..", LoginNameInvalid),
        ("x" * 201, LoginNameInvalid),
    ],
)
def test_u8_a_refused_renaming_changes_nothing(new_name: str, kind: type[Refused]) -> None:
    installation = an_installation("ann", "bob", "gone", "once")
    installation.add_auditor("audrey", stamp=NOW)
    installation.delete_user("gone", stamp=NOW)
    installation.rename_user("once", "now", stamp=NOW)
    before = len(installation.pending_events)
    with pytest.raises(kind):
        installation.rename_user("ann", new_name, stamp=NOW)
    with pytest.raises(UnknownUser):
        installation.rename_user("nobody", "somebody", stamp=NOW)
    with pytest.raises(UserIsDeleted):
        installation.rename_user("gone", "back", stamp=NOW)
    assert len(installation.pending_events) == before


def test_u8_every_moment_has_the_name_of_that_moment() -> None:
    installation = an_installation("ann")
    for name in ("beth", "Beth", "cora"):
        installation.rename_user(installation.users[installation.account_of("ann") or ""].login_name, name, stamp=NOW)
    view = view_of(installation)
    account_id = view.account_id("ann")
    assert account_id is not None
    assert [view.name_at(account_id, position) for position in range(3, 7)] == ["ann", "beth", "Beth", "cora"]
    assert all(view.account_id(name) == account_id for name in ("ann", "beth", "cora"))


@pytest.mark.parametrize(
    "by", ["user:nobody", "user:{ann}", "auditor:nobody", "auditor:{audrey}", "token:nothing", "token:t"]
)
def test_whoever_lost_the_right_meanwhile_records_nothing(by: str) -> None:
    installation = an_installation("ann")
    installation.add_auditor("audrey", stamp=NOW)
    installation.remove_auditor("audrey", stamp=NOW)
    installation.create_token("t", "Gate", ["users"], "digest", None, stamp=NOW)
    installation.revoke_token("t", stamp=NOW)
    by = by.format(**{name: installation.account_of(name) for name in ("ann", "audrey")})
    with pytest.raises(RightLost):
        installation.ask_right(replace(NOW, by=by))
    admin = installation.account_of("admin")
    for rightful in (f"user:{admin}", "operator:x", "server"):
        installation.ask_right(replace(NOW, by=rightful))
