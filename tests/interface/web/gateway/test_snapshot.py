"""GET /api/v1/snapshot, and the lines of docs/gateway.md that answer from it in two languages, read out of the page."""

from __future__ import annotations

import json
import re
import shutil
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.words.language import ENGLISH
from domain.installation import local_day
from domain.refusals import Refused
from interface.settings import Settings, SettingsInvalid
from tests.clock import SetClock
from tests.examples import ADMINISTRATOR, a_key, a_period
from tests.interface.web.gateway.lua_client import LuaClient
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import FIRST_MOMENT, House
from tests.world import BY

PATH = "/api/v1/snapshot"
PAGE = (Path(__file__).parents[4] / "docs" / "gateway.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## A gateway that goes on without us") :]
CODE = {
    language: re.search(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    for language in ("python", "lua")
}

NAMES = ("alice", "bob", "山田 太郎", "Straße", "Ünal", "ﬁona", "dora@example.com")
SPELLINGS = (str, str.upper, str.casefold, lambda name: f"  {name} ", lambda name: name.replace("a", "ａ"))
"""What makes of a name another spelling of the same one."""


@pytest.fixture(scope="module", params=CODE)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The functions that the page has, as whoever copies them has them."""
    code = CODE[request.param]
    assert code
    if request.param == "python":
        functions: dict[str, Any] = {}
        exec(compile(code[1], "docs/gateway.md", "exec"), functions)  # noqa: S102  it is our own page
        yield functions
        return
    if shutil.which("luajit") is None:
        pytest.skip("LuaJIT is not installed; make lua installs it")
    lua = LuaClient(tmp_path_factory.mktemp("lua"), code[1])
    yield {"load": lua.load, "decide": lua.decide}
    lua.close()


@pytest.fixture
def place(tmp_path: Path, database: str) -> Iterator[House]:
    with House(tmp_path, snapshot_hours=72) as house:
        yield house


def fetch(house: House) -> dict[str, str]:
    response = Program(house.app, house.token("snapshot")).get(PATH)
    assert response.status_code == 200, response.text
    jws: dict[str, str] = response.get_json()
    return jws


def loaded(client: dict[str, Any], house: House, jws: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    snapshot: dict[str, Any] = client["load"](json.dumps(jws or fetch(house)), house.vkey, **more)
    return snapshot


def payload_of(jws: dict[str, str]) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(urlsafe_b64decode(jws["payload"] + "=="))
    return payload


def encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def erase(house: House, name: str) -> None:
    house.licensing.erasing.user(house.id, name, frees_name=False, by=BY)


def live(house: House, random: Random) -> None:
    """Something that an installation does, now; what is refused changes nothing."""
    name, start = random.choice(NAMES), house.clock().date() + timedelta(days=random.randint(-3, 4))
    period = a_period(start.isoformat(), (start + timedelta(days=random.choice((1, 2, 3, 40)))).isoformat())
    key: dict[str, Any] = {
        "licenses": random.choice((1, 2, 3, 50)),
        "license_period": period,
        "maintenance_period": random.choice((None, period)),
        "issued_at": int(house.clock().timestamp()),
    }
    try:
        match random.choice(
            ("add", "add", "delete", "restore", "grant", "revoke", "rename", "erase", "key", "key", "day")
        ):
            case "add":
                house.add(name)
            case "rename":
                house.do("rename_user", name, f"{name}-{random.randint(1, 3)}")
            case "grant" | "revoke" as how:
                house.do(f"{how}_administrator", name)
            case "erase":
                erase(house, name)
            case "delete" | "restore" as how:
                house.do(f"{how}_user", name)
            case "key":
                house.register(a_key(**key))
            case "day":
                house.clock.go_on(hours=random.randint(1, 40))
    except Refused:
        pass


SEEDS = [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 120))]
"""Of all of them come some 5,000 questions."""


@pytest.mark.parametrize("seed", SEEDS)
def test_it_answers_as_the_installation_does_at_its_position_for_every_user_on_every_day(
    client: dict[str, Any], place: House, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  the same in every run
    if seed:
        place.register(
            a_key(license_period=a_period("2026-04-01", "2026-04-22"), issued_at=int(FIRST_MOMENT.timestamp()))
        )
    for _ in range(25):
        live(place, random)
    snapshot = loaded(client, place)
    auditing = Program(place.app, place.token("audit"))
    moment = datetime.fromisoformat(snapshot["made_at"])
    end = datetime.fromisoformat(snapshot["good_until"])
    names = [*NAMES, *(f"{name}-{number}" for name in NAMES for number in (1, 2)), ADMINISTRATOR, "nobody", ""]
    codes = set()
    while moment < end:
        name, spelled = random.choice(names), random.choice(SPELLINGS)
        release = random.choice((None, None, date(2026, 4, 1), moment.date(), date(2030, 1, 1)))
        told = client["decide"](snapshot, spelled(name), moment, release)
        on = max(local_day(moment, "Europe/Berlin"), place.view.day)
        query = {} if release is None else {"release_date": release.isoformat()}
        check = auditing.check(spelled(name), position=str(snapshot["position"]), on=on.isoformat(), **query)
        for member in ("decision", "code", "optional_products"):
            assert told[member] == check[member], (name, moment, release)
        if told["code"] != "release_not_covered":
            assert told["message"] == check["message"]
        codes.add(told["code"])
        moment += timedelta(minutes=random.randint(1, 200))
    assert len(codes) > 1


def test_it_answers_with_each_code(client: dict[str, Any], place: House) -> None:
    """What is generated may leave one out."""
    now = place.clock()

    def code(name: str, after_days: int = 0, release: date | None = None) -> tuple[str, str]:
        told = client["decide"](loaded(client, place), name, now + timedelta(days=after_days), release)
        return told["decision"], told["code"]

    place.add("alice", "bob")
    place.do("delete_user", "bob")
    assert code("alice") == ("refuse", "no_license")
    assert code(ADMINISTRATOR) == ("admin_only", "no_license")
    place.register(a_key(license_period=a_period("2026-04-21", "2026-04-21"), maintenance_period=None, licenses=2))
    assert code("alice") == ("refuse", "license_not_started")
    assert code("alice", 1) == ("admit", "ok")
    assert code("alice", 1, date(2026, 4, 15)) == ("refuse", "release_not_covered")
    assert code(ADMINISTRATOR, 1, date(2026, 4, 15)) == ("admin_only", "release_not_covered")
    assert code("alice", 1, date(2026, 3, 15)) == ("admit", "ok")
    assert code("alice", 2, date(2026, 4, 15)) == ("refuse", "license_expired")
    assert code("bob", 1) == ("refuse", "user_deleted")
    assert code("carol", 1) == ("refuse", "unknown_user")
    place.add("carol")
    assert code("carol", 1) == ("refuse", "licenses_exceeded")
    assert code("carol", 1, date(2026, 4, 15)) == ("refuse", "release_not_covered")


BLANKS = "\t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
ODD = [
    *("ﬁona", "FIONA", "ﬀ", "STRASSE", "straẞe", "ünal", "u\u0308nal", "U\u0308NAL", "山田\u3000太郎"),
    *("ＤＯＲＡ＠example.com", "a" * 800, "a" * 801, "\ufdfa" * 45, "\u200balice", "al\xadice", "alice\0"),
    *("İ", "ı", "ς", "Σ", "Ǆ", "ŉ", "%", "/"),
]


def test_names_in_whatever_spelling_are_known_as_the_installation_knows_them(
    client: dict[str, Any], place: House
) -> None:
    place.register(a_key(licenses=50))
    place.add(*NAMES, "İstanbul", "Ὀδυσσεύς", "ǆ", "ŉ", "a" * 200)
    snapshot = loaded(client, place)
    spellings = [*NAMES, *ODD, *(f"{blank}alice{blank}{blank}" for blank in BLANKS), BLANKS + "bob" + BLANKS]
    known = 0
    for name in spellings:
        code = "ok" if place.view.user(name) else "unknown_user"
        assert client["decide"](snapshot, name, place.clock())["code"] == code, ascii(name)
        known += code == "ok"
    assert known > len(BLANKS) + len(NAMES)


def test_nobody_is_admitted_who_was_deleted_before_it(client: dict[str, Any], place: House) -> None:
    place.register(a_key(licenses=50))
    place.add(*NAMES)
    before = fetch(place)
    for name in NAMES:
        place.do("delete_user", name)
    erase(place, "bob")
    after = loaded(client, place)
    for name in NAMES:
        told = client["decide"](after, name, place.clock())
        assert (told["decision"], told["code"]) == (
            "refuse", "unknown_user" if name == "bob" else "user_deleted",
        )  # fmt: skip
        assert client["decide"](loaded(client, place, before), name, place.clock())["decision"] == "admit", "the price"
    assert client["decide"](after, "", place.clock())["code"] == "unknown_user"
    assert len(after["users"]) == len(NAMES), "all but the erased one, and the administrator"
    with pytest.raises(ValueError, match="older than one that was there before"):
        loaded(client, place, before, newest_position=after["position"])


def test_what_was_not_signed_by_this_installation_as_a_snapshot_is_refused(
    client: dict[str, Any], place: House
) -> None:
    place.register(a_key())
    jws = fetch(place)
    payload, header = payload_of(jws), json.loads(urlsafe_b64decode(jws["protected"] + "=="))
    assert loaded(client, place, jws) == payload
    longer = encoded({**payload, "good_until": "2099-01-01T00:00:00Z"})
    none = encoded({**header, "alg": "none"})
    for altered in (
        {**jws, "payload": longer},
        {**jws, "protected": none},
        {**jws, "signature": ""},
        {**jws, "protected": none, "signature": ""},
        {**jws, "signature": fetch(place)["signature"]},
    ):
        with pytest.raises((InvalidSignature, ValueError)):
            loaded(client, place, altered)
    for other in ({"typ": "another+json"}, {"kid": header["kid"].replace("seatledger/", "seatledger/0")}):
        protected = encoded({**header, **other})
        signature = place.log_key.sign(f"{protected}.{jws['payload']}".encode())
        signed = {**jws, "protected": protected, "signature": urlsafe_b64encode(signature).rstrip(b"=").decode()}
        with pytest.raises(ValueError, match="no snapshot of this installation"):
            loaded(client, place, signed)
    stranger = Ed25519PrivateKey.generate().sign(f"{jws['protected']}.{jws['payload']}".encode())
    with pytest.raises(InvalidSignature):
        loaded(client, place, {**jws, "signature": urlsafe_b64encode(stranger).rstrip(b"=").decode()})


def test_it_ends_and_is_not_good_before_it_was_made(client: dict[str, Any], place: House) -> None:
    place.register(a_key())
    snapshot = loaded(client, place)
    made_at = place.clock()
    for moment in (made_at - timedelta(minutes=4), made_at, made_at + timedelta(hours=72, microseconds=-1)):
        assert client["decide"](snapshot, ADMINISTRATOR, moment)["decision"] == "admit"
    for moment in (made_at - timedelta(minutes=6), made_at + timedelta(hours=72), made_at + timedelta(days=400)):
        with pytest.raises(ValueError, match="has ended, or the clock is wrong"):
            client["decide"](snapshot, ADMINISTRATOR, moment)


def test_no_name_stands_in_it_and_no_two_have_the_same_salt(place: House) -> None:
    place.add(*NAMES)
    one, other = (payload_of(fetch(place)) for _ in range(2))
    assert one["salt"] != other["salt"]
    assert not one["users"].keys() & other["users"].keys()
    assert len(one["users"]) == len(NAMES) + 1
    assert not any(name in json.dumps(one, ensure_ascii=False) for name in NAMES)


@pytest.mark.parametrize(
    ("time_zone", "made_at"),
    [("Europe/Berlin", "2026-10-24T21:00:00+00:00"), ("America/Santiago", "2026-09-05T12:00:00+00:00"),
     ("Pacific/Apia", "2011-12-29T12:00:00+00:00"), ("Pacific/Kiritimati", "2026-12-30T09:59:59+00:00")],
)  # fmt: skip
def test_every_moment_has_the_day_of_the_time_zone(
    tmp_path: Path, client: dict[str, Any], time_zone: str, made_at: str
) -> None:
    with House(tmp_path, SetClock(datetime.fromisoformat(made_at)), time_zone=time_zone, snapshot_hours=72) as house:
        days = payload_of(fetch(house))["days"]
        for day in days:
            until = datetime.fromisoformat(day["until"])
            last = until - timedelta(microseconds=1)
            assert local_day(last, time_zone).isoformat() == day["day"] < local_day(until, time_zone).isoformat()
        moment, end = house.clock(), house.clock() + timedelta(hours=72)
        while moment < end:
            day = next(day for day in days if moment < datetime.fromisoformat(day["until"]))
            assert day["day"] == local_day(moment, time_zone).isoformat()
            moment += timedelta(minutes=10)


def test_a_clock_that_is_behind_the_newest_event_begins_with_that_day(client: dict[str, Any], place: House) -> None:
    place.register(a_key())
    place.on("2026-04-25").add("alice")
    place.on("2026-04-20")
    days = payload_of(fetch(place))["days"]
    assert [day["day"] for day in days] == ["2026-04-25"]
    assert client["decide"](loaded(client, place), "alice", place.clock())["decision"] == "admit"


def test_it_takes_a_token_of_its_own(place: House) -> None:
    for scope in ("login-check", "audit", "users"):
        assert_problem(Program(place.app, place.token(scope)).get(PATH), 403, "scope_missing")


def test_it_is_off_until_somebody_turns_it_on(house: House) -> None:
    detail = assert_problem(Program(house.app, house.token("snapshot")).get(PATH), 404, "snapshots_off")
    assert "SEATLEDGER_SNAPSHOT_HOURS" in detail


def test_without_the_log_key_there_is_none(place: House) -> None:
    place.settings.log_key_path.unlink()
    assert_problem(Program(place.app, place.token("snapshot")).get(PATH), 503, "log_key_unusable")


@pytest.mark.parametrize("hours", ["169", "-1", "3.5", "day"])
def test_a_number_of_hours_that_is_none_is_refused(hours: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_environment({"SEATLEDGER_SNAPSHOT_HOURS": hours})
    assert "SEATLEDGER_SNAPSHOT_HOURS" in refused.value.sentence(ENGLISH)
    assert "168" in refused.value.sentence(ENGLISH)
