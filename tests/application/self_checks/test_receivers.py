"""Webhooks that were turned off, and deliveries that fail for more than an hour, are findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from application.mail.accounts import MailAccount
from application.self_checks import Finding
from application.webhooks import MAIL
from application.words.findings import in_words
from application.words.language import ENGLISH
from domain.refusals import Problem
from interface.composition import Seatledger
from tests.world import World

PROBLEM = Problem("answered", status=500)


def findings(seatledger: Seatledger) -> list[Finding]:
    return [
        each for each in seatledger.self_checks.findings(seatledger.installation_id) if each.about == "notifications"
    ]


def fail(house: World, receiver_id: str, stopped: str | None = None) -> None:
    lease = house.seatledger.webhooks.lease(receiver_id)
    assert lease
    lease.failed(PROBLEM, next_at=house.clock() + timedelta(seconds=5), stopped=stopped)
    lease.end()


def test_a_webhook_that_fails_for_an_hour_and_one_that_was_turned_off(house: World) -> None:
    webhooks = house.seatledger.webhooks
    id_ = webhooks.add("https://1.1.1.1/", [], 0).webhook.id
    assert findings(house.seatledger) == []
    fail(house, id_)
    house.clock.go_on(minutes=59)
    fail(house, id_)
    assert findings(house.seatledger) == []
    house.clock.go_on(minutes=1)
    (finding,) = findings(house.seatledger)
    assert finding.code == "webhook_failing"
    said = in_words(finding, ENGLISH)
    assert said.wrong.startswith(f"Nothing is delivered to the webhook {id_} since 2026-04-01T12:00:00+02:00:")
    assert "the answer had the status 500" in said.wrong
    fail(house, id_, "failed")
    (finding,) = findings(house.seatledger)
    assert finding.code == "webhook_off"
    assert f"seatledger webhook resume {id_}" in in_words(finding, ENGLISH).mend
    webhooks.stop(id_)
    assert findings(house.seatledger) == [], "somebody knows of it"
    webhooks.resume(id_)
    assert findings(house.seatledger) == []


def test_mail_that_fails_for_an_hour_as_long_as_there_is_mail(house: World) -> None:
    house.seatledger.webhooks.begin_mail()
    fail(house, MAIL)
    house.clock.go_on(hours=2)
    assert findings(house.seatledger) == [], "the settings name no mail"
    mail = MailAccount.of("smtp://localhost", None, "from@example.com", ["to@example.com"])
    with_mail = replace(house.seatledger, settings=replace(house.settings, mail=mail))
    (finding,) = findings(with_mail)
    with_mail.close()
    assert finding.code == "mail_failing"
    assert "seatledger mail test" in in_words(finding, ENGLISH).mend
