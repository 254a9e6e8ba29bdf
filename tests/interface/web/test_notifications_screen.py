"""The Notifications screen: webhooks are added, tried, turned off and on, and removed; what fails is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from application.mail.accounts import MailAccount
from tests.interface.web.house import House, Visitor, text_of
from tests.mail_server import MailServer, taking_mail
from tests.receiver import Receiver, certificate, receiving


@pytest.fixture
def receiver(tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, to which webhooks may go; the house itself is known by another name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    house.set(webhook_networks=(ip_network("127.0.0.0/8"),), trusted_hosts=("seatledger.example",))
    with receiving(tmp_path) as receiver:
        yield receiver


def add(visitor: Visitor, receiver: Receiver, **fields: object) -> str:
    """What the page says after a webhook was added."""
    answer = visitor.follow(visitor.post("/notifications/webhooks", url=receiver.url, **fields))
    return answer.text


def only_id(house: House) -> str:
    (webhook,) = house.seatledger.webhooks.all()
    return webhook.id


def deliver(house: House) -> None:
    house.seatledger.deliveries.deliver(house.id)


def test_a_webhook_is_added_and_its_public_key_is_shown_once(
    house: House, administrator: Visitor, receiver: Receiver
) -> None:
    page = add(administrator, receiver, type=["user.added", "license.warning"])
    (key,) = re.findall(r'value="(whpk_[^"]+)"', page)
    assert "Give the receiver this public key" in page
    assert key not in administrator.get("/notifications").text
    (webhook,) = house.seatledger.webhooks.all()
    assert webhook.types == ("license.warning", "user.added")
    assert webhook.position == house.licensing.now(house.id).position
    shown = text_of(administrator.get("/notifications"))
    assert f"{receiver.url} Active {webhook.id} · v1a · license.warning, user.added" in shown
    assert "nothing delivered yet · 0 events wait" in shown


def test_the_password_is_asked_again_before_it(house: House, administrator: Visitor, receiver: Receiver) -> None:
    administrator.forget_password()
    page = administrator.post("/notifications/webhooks", url=receiver.url)
    assert page.status_code == 401
    assert 'name="password_again"' in page.text
    assert house.seatledger.webhooks.all() == []


def test_a_secret_that_both_hold_at_choice(house: House, administrator: Visitor, receiver: Receiver) -> None:
    page = add(administrator, receiver, signature="v1")
    assert len(re.findall(r'value="(whsec_[^"]+)"', page)) == 1
    assert house.seatledger.webhooks.all()[0].signature == "v1"
    assert "· v1 · everything" in text_of(administrator.get("/notifications"))


def test_a_form_that_is_sent_twice_adds_one(house: House, administrator: Visitor, receiver: Receiver) -> None:
    (form_id,) = set(re.findall(r'name="form_id" value="([^"]+)"', administrator.get("/notifications").text))
    for _ in range(2):
        answer = administrator.post("/notifications/webhooks", url=receiver.url, form_id=form_id)
        assert answer.status_code == 303
    assert len(house.seatledger.webhooks.all()) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://10.0.0.5/hook", "10.0.0.5 is at 10.0.0.5, which is no address of the Internet"),
        ("https://localhost/hook", "localhost is this Seatledger itself"),
        ("http://receiver.example/", "it is not https"),
        ("", "it is no URL"),
    ],
)
def test_an_address_where_no_webhook_may_go_is_refused_and_what_was_typed_stays(
    house: House, administrator: Visitor, url: str, words: str
) -> None:
    page = administrator.post("/notifications/webhooks", url=url, type="user.added")
    assert page.status_code == 400
    assert words in text_of(page)
    assert "webhook_url_refused" in page.text
    assert f'value="{url}"' in page.text
    assert re.search(r'value="user.added" checked', page.text)
    assert house.seatledger.webhooks.all() == []


def test_a_failure_is_seen_with_its_reason_and_is_tried_again_at_once_if_somebody_says_so(
    house: House, administrator: Visitor, receiver: Receiver
) -> None:
    add(administrator, receiver, type="user.added")
    house.add("Ann")
    receiver.answers = [500]
    deliver(house)
    shown = text_of(administrator.get("/notifications"))
    assert "Failing" in shown
    assert "1 event waits" in shown
    assert "The last delivery failed: the answer had the status 500, and only 200 to 299 say that it arrived." in shown
    assert "It is tried again on 2026-04-20 11:00:0" in shown
    administrator.follow(administrator.post("/notifications/webhooks/resume", webhook_id=only_id(house)))
    deliver(house)
    shown = text_of(administrator.get("/notifications"))
    assert "Active" in shown
    assert "last delivered 2026-04-20 11:00:00" in shown
    assert "failed" not in shown
    assert receiver.types == ["user.added"] * 2


def test_one_that_was_turned_off_says_why(house: House, administrator: Visitor, receiver: Receiver) -> None:
    add(administrator, receiver, type="user.added")
    house.add("Ann")
    receiver.answers = [410]
    deliver(house)
    shown = text_of(administrator.get("/notifications"))
    assert "Turned off" in shown
    assert "This webhook is turned off: the receiver says that it is gone for good (410). Mend the receiver" in shown
    banner = (
        f"The webhook {only_id(house)} was turned off, since its receiver took nothing: the answer had the status 410"
    )
    shown = text_of(administrator.get("/users"))
    assert banner in shown
    assert "Go to Notifications" in shown
    house.add_auditor()
    assert banner not in text_of(house.visitor("auditor").get("/users"))
    administrator.follow(administrator.post("/notifications/webhooks/stop", webhook_id=only_id(house)))
    assert banner not in text_of(administrator.get("/users"))


def test_it_is_turned_off_and_on_and_removed(house: House, administrator: Visitor, receiver: Receiver) -> None:
    add(administrator, receiver, type="user.added")
    id_ = only_id(house)
    page = administrator.follow(administrator.post("/notifications/webhooks/stop", webhook_id=id_))
    assert f"The webhook {id_} is turned off; what happens waits." in text_of(page)
    assert "Mend the receiver" not in text_of(page)
    house.add("Ann")
    deliver(house)
    assert receiver.deliveries == []
    administrator.follow(administrator.post("/notifications/webhooks/resume", webhook_id=id_))
    deliver(house)
    assert receiver.types == ["user.added"]
    page = administrator.follow(administrator.post("/notifications/webhooks/remove", webhook_id=id_))
    assert f"The webhook {id_} was removed." in text_of(page)
    answer = administrator.post("/notifications/webhooks/remove", webhook_id=id_)
    assert (answer.status_code, "unknown_webhook" in answer.text) == (404, True)


def test_a_test_is_sent_and_says_what_came_of_it(house: House, administrator: Visitor, receiver: Receiver) -> None:
    add(administrator, receiver)
    id_ = only_id(house)
    page = administrator.follow(administrator.post("/notifications/webhooks/test", webhook_id=id_))
    assert f"The test of the webhook {id_} arrived." in text_of(page)
    receiver.answers = [401]
    answer = administrator.post("/notifications/webhooks/test", webhook_id=id_)
    assert answer.status_code == 409
    assert "The test did not arrive: the answer had the status 401" in text_of(answer)
    assert receiver.types == ["seatledger.test"] * 2


def test_an_auditor_sees_where_they_go_but_not_the_path_which_may_be_a_secret(
    house: House, administrator: Visitor, receiver: Receiver
) -> None:
    add(administrator, receiver)
    house.add_auditor()
    page = house.visitor("auditor").get("/notifications")
    assert f"https://127.0.0.1:{receiver.port}/…" in page.text
    assert "/hook" not in page.text
    assert "<form" not in page.text[page.text.index("<main") : page.text.index("</main")]


@pytest.mark.parametrize("rest", ["?token=secret", "?token=secret/x", "/?token=secret"])
def test_an_auditor_does_not_see_a_secret_in_the_query_either(
    house: House, administrator: Visitor, receiver: Receiver, rest: str
) -> None:
    host = receiver.url.removesuffix("/hook")
    house.seatledger.webhooks.add(host + rest, [], 0)
    house.add_auditor()
    page = house.visitor("auditor").get("/notifications").text
    assert f"{host}/…" in page
    assert "secret" not in page[page.index("<main") : page.index("</main")]
    assert f"{host}{rest}" in administrator.get("/notifications").text


@pytest.fixture
def mail_server(tmp_path: Path, house: House) -> Iterator[MailServer]:
    """A mail server on this machine, as the settings of the house name it."""
    with taking_mail(tmp_path) as server:
        house.set(mail=MailAccount.of(f"smtp://127.0.0.1:{server.port}", None, "from@example.com", ["to@example.com"]))
        yield server


def test_without_mail_the_screen_says_how_there_is_some(house: House, administrator: Visitor) -> None:
    assert "No mail is sent. Whoever runs the machine can name a mail server" in text_of(
        administrator.get("/notifications")
    )
    answer = administrator.post("/notifications/mail/test")
    assert (answer.status_code, "mail_off" in answer.text) == (409, True)


def test_a_test_mail_is_sent_and_what_fails_is_seen(
    house: House, administrator: Visitor, mail_server: MailServer
) -> None:
    shown = text_of(administrator.get("/notifications"))
    assert "To to@example.com From from@example.com Mail server 127.0.0.1 Last sent nothing yet" in shown
    page = administrator.follow(administrator.post("/notifications/mail/test"))
    assert "The mail server took the test. Look whether it arrives: to@example.com" in text_of(page)
    assert len(mail_server.mails) == 1
    mail_server.answers = ["451 later"] * 2
    answer = administrator.post("/notifications/mail/test")
    assert answer.status_code == 409
    assert "The test was not sent: the mail server 127.0.0.1 does not take the mail (status 451)" in text_of(answer)
    house.seatledger.mail.deliver(house.id)  # there is no license, of which somebody must be warned
    shown = text_of(administrator.get("/notifications"))
    assert "The last mail was not sent: the mail server 127.0.0.1 does not take the mail (status 451)." in shown
    assert "It is tried again on 2026-04-20 11:00:0" in shown
    house.clock.go_on(seconds=10)
    house.seatledger.mail.deliver(house.id)
    shown = text_of(administrator.get("/notifications"))
    assert "Last sent 2026-04-20 11:00:10" in shown
    assert "was not sent" not in shown


def test_a_mail_that_not_all_recipients_get_is_said(
    house: House, administrator: Visitor, mail_server: MailServer
) -> None:
    house.set(mail=replace(house.seatledger.settings.mail, recipients=("to@example.com", "gone@example.com")))
    mail_server.refused = {"gone@example.com"}
    house.seatledger.mail.deliver(house.id)
    shown = text_of(administrator.get("/notifications"))
    assert "Of the last mail: the mail server refuses to write to gone@example.com." in shown
