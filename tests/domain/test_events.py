"""The events' names, topics and fields: they are for ever."""

from __future__ import annotations

from typing import get_type_hints

from eventsourcing.domain import Aggregate
from eventsourcing.utils import get_topic, resolve_topic

from application.log.mapper import TOPICS
from domain.installation import Installation

FROZEN = {
    "2026-11-version-1": {
        "InstallationOpened": "name product time_zone",
        "LicenseRegistered": (
            "edition licenses license_start license_end maintenance_start maintenance_end optional_products customer "
            "issuer audience product key_id issued_at signing_key_id fingerprint key_text other_claims"
        ),
        "LicenseKeyRefused": "code fingerprint",
        "UserAdded": "user_id login_name login_key administrator",
        "UserDeleted": "user_id",
        "UserRestored": "user_id",
        "UserRenamed": "user_id login_name login_key",
        "AdministratorGranted": "user_id",
        "AdministratorRevoked": "user_id",
        "AuditorAdded": "auditor_id name login_key",
        "AuditorRemoved": "auditor_id",
        "PasswordLinkMade": "account_id",
        "PasswordChanged": "account_id how",
        "TokenCreated": "token_id name scopes digest expires_on",
        "TokenRevoked": "token_id",
        "ClockCorrected": "",
        "DayReached": "",
        "OperatorSeen": "operator_id name login_key",
        "PersonErased": "account_id",
        "RestoreAccepted": "size root lost_size lost_root",
        "LogAnchorContradicted": "size root",
    },
}
"""The events and fields that each version added.

Never edit a list: a new event, or a new field of an old one, stands in a new list, named like the golden history that
has it. Such a field has a default, since old events lack it."""

STAMP = {"by", "command_id", "day"}


def event_classes() -> dict[str, type[Installation.Event]]:
    return {
        name: event
        for name, event in vars(Installation).items()
        if isinstance(event, type) and issubclass(event, Installation.Event) and name not in ("Event", "Created")
    }


def every_field() -> dict[str, set[str]]:
    """All events with all of their fields, whichever version added them."""
    fields: dict[str, set[str]] = {}
    for added in FROZEN.values():
        for event, names in added.items():
            fields.setdefault(event, set()).update(names.split())
    return fields


def test_the_events_and_their_fields_are_exactly_the_frozen_ones() -> None:
    library = set(get_type_hints(Aggregate.Created)) | STAMP
    fields = {name: set(get_type_hints(event)) - library for name, event in event_classes().items()}
    assert fields == every_field()


def test_a_field_that_an_event_got_later_has_a_default() -> None:
    first, *later = FROZEN.values()
    known = set(first)
    for added in later:
        for event in known & set(added):
            assert all(hasattr(event_classes()[event], name) for name in added[event].split()), event
        known |= set(added)


def test_every_event_carries_the_stamp() -> None:
    for event in event_classes().values():
        assert set(get_type_hints(event)) >= STAMP


def test_every_event_has_a_topic_of_our_own_choosing() -> None:
    topics = {name: get_topic(event) for name, event in event_classes().items()}
    assert topics == {name: f"seatledger:{name}" for name in every_field()}
    assert {name: resolve_topic(topic) for name, topic in topics.items()} == event_classes()
    assert get_topic(Installation) == "seatledger:Installation"


def test_only_these_topics_may_stand_in_a_log() -> None:
    assert {f"seatledger:{name}" for name in every_field()} == TOPICS
