"""Deliveries: at least once from the log, in its order, one sender at a time, whatever the receiver does."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook as Verifier

from application.views.history import EVENTS
from application.webhooks import Failure, Webhook
from application.webhooks.delivery import PAUSES
from application.webhooks.endpoints import Lease
from application.webhooks.messages import TYPES, WARNING
from application.webhooks.posting import post
from application.words import languages
from application.words.language import ENGLISH
from domain.refusals import Problem
from tests.application.webhooks.conftest import deliver, subscribe
from tests.receiver import Delivery, Receiver
from tests.world import World


def state(world: World) -> Webhook:
    (webhook,) = world.seatledger.webhooks.all()
    return webhook


def is_signed(delivery: Delivery, public_key: str) -> bool:
    """Whether a `v1a` signature is right, as the specification says it; by nothing of ours."""
    version, _, encoded = delivery.headers["webhook-signature"].partition(",")
    assert version == "v1a"
    key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.removeprefix("whpk_"), validate=True))
    signed = f"{delivery.id}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    try:
        key.verify(b64decode(encoded, validate=True), signed)
    except InvalidSignature:
        return False
    return True


def test_every_event_of_the_log_has_a_type_of_its_own() -> None:
    assert sorted(TYPES) == sorted(EVENTS)
    assert len(set(TYPES.values())) == len(TYPES)


def test_events_arrive_in_the_order_of_the_log_signed_and_without_names(house: World, receiver: Receiver) -> None:
    position = house.licensing.now(house.id).position
    new = house.seatledger.webhooks.add(receiver.url, ["user.*", "license.registered"], position)
    house.register()
    house.add("Ann", "Ben")
    house.do("delete_user", "Ann")
    assert deliver(house) == []
    assert receiver.types == ["license.registered", "user.added", "user.added", "user.deleted"]
    first = receiver.deliveries[0]
    entry = next(entry for entry in house.entries if entry.kind == "LicenseRegistered")
    assert first.json["data"] == {
        "installation_id": str(house.id),
        "position": entry.position,
        "day": "2026-04-01",
        "event": "LicenseRegistered",
        "by": "operator",
    }
    assert first.json["timestamp"].startswith("2026-04-01T10:00:00")
    assert first.headers["content-type"] == "application/json"
    assert first.headers["webhook-timestamp"] == str(int(house.clock().timestamp()))
    assert not any(b"Ann" in delivery.body or b"Ben" in delivery.body for delivery in receiver.deliveries)
    assert all(is_signed(delivery, new.key) for delivery in receiver.deliveries)
    assert not is_signed(first._replace(body=first.body + b" "), new.key)
    assert len({delivery.id for delivery in receiver.deliveries}) == 4
    assert deliver(house) == []
    assert len(receiver.deliveries) == 4
    assert state(house).position == house.licensing.now(house.id).position


def test_a_secret_that_both_hold_is_what_the_library_of_standard_webhooks_takes(
    house: World, receiver: Receiver
) -> None:
    house.clock.now = house.clock.now.now(house.clock.now.tzinfo)  # the library asks the machine's own clock
    position = house.licensing.now(house.id).position
    new = house.seatledger.webhooks.add(receiver.url, ["user.added"], position, signature="v1")
    house.add("Ann")
    deliver(house)
    (delivery,) = receiver.deliveries
    assert Verifier(new.key).verify(delivery.body, delivery.headers)["type"] == "user.added"


def test_a_failure_is_tried_again_with_the_same_id_and_arrives_once_after_it(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [500]
    (failure,) = deliver(house)
    assert failure.problem == Problem("answered", status=500)
    failing = state(house)
    assert (failing.failures, failing.problem) == (1, failure.problem)
    assert failing.next_at == house.clock() + PAUSES[0]
    assert deliver(house) == [], "nobody asks before it is time"
    assert len(receiver.deliveries) == 1
    house.clock.go_on(seconds=5)
    assert deliver(house) == []
    first, again = receiver.deliveries
    assert (first.id, first.body) == (again.id, again.body)
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    well = state(house)
    assert (well.failures, well.problem, well.failing_since) == (0, None, None)
    assert well.delivered_at == house.clock()
    deliver(house)
    assert len(receiver.deliveries) == 2


def test_pauses_grow_and_after_five_days_it_is_turned_off_until_somebody_resumes_it(
    house: World, receiver: Receiver
) -> None:
    webhook = subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [503] * 100
    pauses, begun = [], house.clock()
    while state(house).stopped is None:
        (failure,) = deliver(house)
        pauses.append(failure.next_at - house.clock())
        house.clock.set(failure.next_at)
    assert tuple(pauses[: len(PAUSES)]) == PAUSES
    assert set(pauses[len(PAUSES) :]) == {timedelta(days=1)}
    assert state(house).stopped == "failed"
    assert timedelta(days=5) <= house.clock() - begun <= timedelta(days=7)
    house.add("Ben")
    assert deliver(house) == []
    number = len(receiver.deliveries)
    receiver.answers = []
    house.seatledger.webhooks.resume(webhook.id)
    deliver(house)
    assert receiver.types[number:] == ["user.added", "user.added"]
    assert state(house).stopped is None


def test_a_receiver_that_is_gone_is_asked_no_more(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [410]
    (failure,) = deliver(house)
    assert failure.stopped == state(house).stopped == "gone"
    house.clock.go_on(days=30)
    assert deliver(house) == []
    assert len(receiver.deliveries) == 1


def in_less_than(seconds: float) -> Callable[..., None]:
    """What sends, and waits for so long at most."""

    def send(*args: object, **options: object) -> None:
        post(*args, **{**options, "seconds": seconds})  # type: ignore[arg-type]

    return send


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_a_receiver_that_never_comes_to_an_end_holds_nobody_up(house: World, receiver: Receiver, answer: str) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [answer]
    (failure,) = deliver(house, send=in_less_than(0.6))
    assert ENGLISH.clause(failure.problem) == "no answer came within 1 seconds"


def test_whoever_says_200_has_it_whatever_comes_of_the_rest_of_the_answer(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = ["half"]
    assert deliver(house, send=in_less_than(0.6)) == []
    assert state(house).delivered_at == house.clock()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("close", ["the connection ended before an answer came (Remote end closed connection without response)"]),
        (302, ["the answer had the status 302, and no redirect is followed. Give the address it leads to"]),
        (404, ["the answer had the status 404, and only 200 to 299 say that it arrived"]),
        (204, []),
    ],
)
def test_what_a_receiver_may_answer(house: World, receiver: Receiver, answer: int | str, problem: list[str]) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [answer]
    assert [ENGLISH.clause(failure.problem) for failure in deliver(house)] == problem
    assert [delivery.path for delivery in receiver.deliveries] == ["/hook"]


def test_who_is_killed_after_sending_has_it_sent_again_with_the_same_id(
    house: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann", "Ben")

    def send_and_die(*args: object, **options: object) -> None:
        post(*args, **options)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lease, "end", lambda _: None)  # the dead end nothing
        with pytest.raises(KeyboardInterrupt):
            deliver(house, send=send_and_die)
    assert len(receiver.deliveries) == 1
    other = house.another_process()
    assert deliver(other) == []
    assert len(receiver.deliveries) == 1, "the dead one's lease is not over"
    house.clock.go_on(seconds=60)
    assert deliver(other) == []
    first, again, ben = receiver.deliveries
    assert first.id == again.id != ben.id
    assert receiver.types == ["user.added"] * 3


def test_of_two_workers_one_delivers(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann", "Ben", "Cleo")
    other, tried = house.another_process(), list[list[Failure]]()

    def send_while_another_tries(*args: object, **options: object) -> None:
        tried.append(deliver(other))
        post(*args, **options)  # type: ignore[arg-type]

    deliver(house, send=send_while_another_tries)
    assert tried == [[]] * 3
    assert len(receiver.deliveries) == len({delivery.id for delivery in receiver.deliveries}) == 3


def test_who_lost_the_lease_writes_nothing_down(house: World, receiver: Receiver) -> None:
    webhook = subscribe(house, receiver, "user.added")
    house.add("Ann", "Ben")
    slow = house.seatledger.webhooks.lease(webhook.id)
    assert slow is not None
    house.clock.go_on(seconds=61)
    deliver(house.another_process())
    position = state(house).position
    assert not slow.delivered(position=1)
    assert state(house).position == position


def test_what_was_removed_meanwhile_gets_no_more(house: World, receiver: Receiver) -> None:
    webhook = subscribe(house, receiver, "user.added")
    house.add("Ann", "Ben")

    def send_and_remove(*args: object, **options: object) -> None:
        post(*args, **options)  # type: ignore[arg-type]
        house.seatledger.webhooks.remove(webhook.id)

    assert deliver(house, send=send_and_remove) == []
    assert len(receiver.deliveries) == 1
    assert house.seatledger.webhooks.all() == []


@pytest.mark.parametrize("answer", [200, 503])
def test_what_was_turned_off_meanwhile_stays_so_and_gets_no_more(house: World, receiver: Receiver, answer: int) -> None:
    """Whoever sees a receiver hang turns it off in the very midst of a delivery."""
    webhook = subscribe(house, receiver, "user.added")
    house.add("Ann", "Ben", "Cleo")
    receiver.answers = [answer]

    def stop_and_send(*args: object, **options: object) -> None:
        house.seatledger.webhooks.stop(webhook.id)
        post(*args, **options)  # type: ignore[arg-type]

    deliver(house, send=stop_and_send)
    assert state(house).stopped == "by_hand"
    assert len(receiver.deliveries) == 1
    house.seatledger.webhooks.resume(webhook.id)
    deliver(house)
    assert len({delivery.id for delivery in receiver.deliveries}) == 3
    assert len(receiver.deliveries) == (3 if answer == 200 else 4), "what had arrived is not sent again"


def test_it_is_not_given_up_for_days_on_which_nobody_tried(house: World, receiver: Receiver) -> None:
    """The server may have been off, or its clock wrong for a moment."""
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    receiver.answers = [503, 503]
    deliver(house)
    house.clock.go_on(days=6)
    (failure,) = deliver(house)
    assert failure.stopped is None
    assert state(house).stopped is None


def test_nothing_waits_while_it_is_stopped_and_all_of_it_comes_after(house: World, receiver: Receiver) -> None:
    webhook = subscribe(house, receiver, "user.added")
    house.seatledger.webhooks.stop(webhook.id)
    house.add("Ann")
    deliver(house)
    assert receiver.deliveries == []
    house.seatledger.webhooks.resume(webhook.id)
    deliver(house)
    assert receiver.types == ["user.added"]


def test_more_than_a_turn_is_delivered_at_one_look(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, "user.added")
    house.do("add_users", [f"user{number}" for number in range(60)])
    deliver(house)
    assert len(receiver.deliveries) == 60
    positions = [delivery.json["data"]["position"] for delivery in receiver.deliveries]
    assert positions == sorted(positions)


def test_an_untrusted_certificate_gets_nothing(
    house: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    monkeypatch.delenv("SSL_CERT_FILE")
    (failure,) = deliver(house)
    assert ENGLISH.clause(failure.problem) == "its TLS cannot be trusted (self-signed certificate)"
    assert receiver.deliveries == []


def test_nobody_listens(house: World, receiver: Receiver) -> None:
    webhook = subscribe(house, receiver, "user.added")
    house.sql("UPDATE receivers SET url = ? WHERE receiver_id = ?", "https://127.0.0.1:1/", webhook.id)
    house.add("Ann")
    (failure,) = deliver(house)
    assert failure.problem == Problem("not_connected", host="127.0.0.1", port=1, reason="Connection refused")


def test_warnings_arrive_once_for_each_stage(house: World, receiver: Receiver) -> None:
    house.register(licenses=3)  # from 2026-04-01 to 2027-03-31
    subscribe(house, receiver, WARNING)
    assert deliver(house) == []
    before = len(receiver.deliveries)
    house.on("2027-03-01")
    deliver(house)
    deliver(house)
    deliver(house.another_process())
    told = [delivery.json["data"] for delivery in receiver.deliveries[before:]]
    (end,) = [each for each in told if each["code"] == "license_ends_soon"]
    assert end["stage"] == 30
    assert end["key"] == "license_ends_soon:2027-03-31:30"
    assert end["day"] == "2027-03-31"
    assert "2027-03-31" in end["message"]
    assert end["installation_id"] == str(house.id)
    assert len({each["key"] for each in told}) == len(told)
    house.on("2027-03-20")
    deliver(house)
    keys = [json.loads(delivery.body)["data"]["key"] for delivery in receiver.deliveries]
    assert "license_ends_soon:2027-03-31:14" in keys
    assert len(keys) == len(set(keys))


def test_a_warning_that_failed_is_told_when_it_is_time_with_the_same_id(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, WARNING)
    receiver.answers = [500]
    assert len(deliver(house)) == 1  # no license
    house.clock.go_on(seconds=5)
    assert deliver(house) == []
    first, again = receiver.deliveries
    assert first.id == again.id
    assert first.json["data"]["code"] == "no_license"


def test_after_a_restore_what_is_new_at_an_old_position_has_another_id(house: World, receiver: Receiver) -> None:
    restore = house.backup()
    subscribe(house, receiver, "user.added")
    house.add("Ann")
    deliver(house)
    restore_position = receiver.deliveries[0].json["data"]["position"]
    house.close()
    restore()
    for webhook in house.seatledger.webhooks.all():
        house.seatledger.webhooks.remove(webhook.id)
    subscribe(house, receiver, "user.added")
    house.add("Ben")
    deliver(house)
    first, other = receiver.events
    assert restore_position == other.json["data"]["position"]
    assert first.id != other.id


def test_the_sentence_of_a_warning_is_in_the_installations_language(house: World, receiver: Receiver) -> None:
    subscribe(house, receiver, WARNING)
    deliver(house, language=languages.language_of("ja"))  # there is no license
    data = receiver.deliveries[0].json["data"]
    assert data["code"] == "no_license"
    assert "ライセンスキー" in data["message"]
