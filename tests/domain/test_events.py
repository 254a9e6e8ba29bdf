"""The events' names, topics and fields: they are for ever."""

from __future__ import annotations

from typing import get_type_hints

from eventsourcing.domain import Aggregate
from eventsourcing.utils import get_topic, resolve_topic

from application.log.mapper import TOPICS
from domain.installation import Installation

FROZEN = {
    "InstallationOpened": "name product time_zone",
    "LicenseRegistered": (
        "edition licenses license_start license_end maintenance_start maintenance_end optional_products customer "
        "issuer audience product key_id issued_at signing_key_id fingerprint key_text other_claims"
    ),
    "LicenseKeyRefused": "code fingerprint",
    "UserAdded": "user_id login_name login_key administrator",
    "UserDeleted": "user_id",
    "UserRestored": "user_id",
    "AdministratorGranted": "user_id",
    "AdministratorRevoked": "user_id",
    "AuditorAdded": "auditor_id name",
    "AuditorRemoved": "auditor_id",
    "PasswordChanged": "account_id",
    "TokenCreated": "token_id name scopes digest expires_on",
    "TokenRevoked": "token_id",
    "ClockCorrected": "",
    "LogAnchorContradicted": "size root",
}
"""Never edit a line; a new event is a new line, and a new golden history."""

STAMP = {"by", "command_id", "day"}


def event_classes() -> dict[str, type[Installation.Event]]:
    return {
        name: event
        for name, event in vars(Installation).items()
        if isinstance(event, type) and issubclass(event, Installation.Event) and name not in ("Event", "Created")
    }


def test_the_events_and_their_fields_are_exactly_the_frozen_ones() -> None:
    library = set(get_type_hints(Aggregate.Created)) | STAMP
    fields = {name: set(get_type_hints(event)) - library for name, event in event_classes().items()}
    assert fields == {name: set(names.split()) for name, names in FROZEN.items()}


def test_every_event_carries_the_stamp() -> None:
    for event in event_classes().values():
        assert set(get_type_hints(event)) >= STAMP


def test_every_event_has_a_topic_of_our_own_choosing() -> None:
    topics = {name: get_topic(event) for name, event in event_classes().items()}
    assert topics == {name: f"seatledger:{name}" for name in FROZEN}
    assert {name: resolve_topic(topic) for name, topic in topics.items()} == event_classes()
    assert get_topic(Installation) == "seatledger:Installation"


def test_only_these_topics_may_stand_in_a_log() -> None:
    assert {f"seatledger:{name}" for name in FROZEN} == TOPICS
