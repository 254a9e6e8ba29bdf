"""Warnings by mail, to a real mail server: once for each stage, over TLS, and what fails is tried again."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import pytest

from application.mail import sending
from application.mail.accounts import MailAccount, MailUnusable
from application.mail.delivery import Mail, MailOff, MailTestFailed
from application.webhooks import Failure, UnknownWebhook
from application.webhooks.endpoints import LEASE
from application.words import languages
from application.words.language import ENGLISH
from domain.refusals import Problem
from interface.delivery_timer import DeliveryTimer
from tests.mail_server import PASSWORD, USER, MailServer, taking_mail
from tests.receiver import certificate
from tests.world import World

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # aiosmtpd's, of a server on this machine

SENDER, ANN, BEN = "seatledger@example.com", "ann@example.com", "ben@example.org"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """On this very machine, where no TLS is needed."""
    with taking_mail(tmp_path) as server:
        yield server


def account(server: MailServer, scheme: str = "smtp", login: str = "", file: Path | None = None) -> MailAccount:
    made = MailAccount.of(f"{scheme}://{login}127.0.0.1:{server.port}", file, SENDER, (ANN, BEN))
    assert made
    return made


def deliver(world: World, account: MailAccount) -> list[Failure]:
    """What a server's timer does at one look; gives what failed. Pauses are as long as they are on average."""
    failures = list[Failure]()
    mail = Mail(world.licensing, world.seatledger.webhooks, account, world.clock, jitter=lambda: 1.0)
    mail.deliver(world.id, tell=failures.append)
    return failures


def test_each_stage_of_a_warning_is_mailed_once(house: World, server: MailServer) -> None:
    house.register()  # until 2027-03-31
    house.on("2027-03-01")
    assert deliver(house, account(server)) == []
    number = len(server.mails)
    assert deliver(house, account(server)) == []
    assert deliver(house.another_process(), account(server)) == []
    assert len(server.mails) == number > 0
    (mail,) = [each for each in server.mails if "Code: license_ends_soon" in each.get_content()]
    assert mail["Subject"].startswith("Seatledger of Example Company: ")
    assert "2027-03-31" in mail.get_content()
    assert f"Installation: {house.id}" in mail.get_content()
    house.on("2027-03-20")
    deliver(house, account(server))
    assert len([each for each in server.mails if "Code: license_ends_soon" in each.get_content()]) == 2


def test_a_mail_has_what_programs_sort_it_by(house: World, server: MailServer) -> None:
    deliver(house, account(server))  # there is no license
    (mail,) = server.mails
    assert (mail["From"], mail["To"]) == (SENDER, f"{ANN}, {BEN}")
    assert mail["Date"].datetime == house.clock().replace(microsecond=0)
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["List-Id"].strip() == f"Seatledger <warnings.{house.id}.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "Code: no_license" in mail.get_content()
    assert server.envelopes[0].mail_from == SENDER
    assert server.envelopes[0].rcpt_tos == [ANN, BEN]


def test_what_the_server_does_not_take_is_mailed_later_with_the_same_id(house: World, server: MailServer) -> None:
    server.answers = ["451 later"]
    (failure,) = deliver(house, account(server))
    assert ENGLISH.clause(failure.problem) == "the mail server 127.0.0.1 does not take the mail (status 451)"
    state = house.seatledger.webhooks.mail()
    assert state is not None
    assert (state.problem, state.failures) == (failure.problem, 1)
    assert deliver(house, account(server)) == [], "nobody asks before it is time"
    assert server.mails == []
    house.clock.go_on(seconds=5)
    assert deliver(house, account(server)) == []
    assert len(server.mails) == 1
    state = house.seatledger.webhooks.mail()
    assert state is not None
    assert (state.problem, state.delivered_at) == (None, house.clock())


def test_mail_is_never_given_up(house: World, server: MailServer) -> None:
    server.answers = ["451 later"] * 30
    while server.answers:
        (failure,) = deliver(house, account(server))
        assert failure.next_at - house.clock() <= timedelta(days=1)
        house.clock.set(failure.next_at)
    deliver(house, account(server))
    assert len(server.mails) == 1


def test_of_two_workers_one_mails(house: World, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    other, send = house.another_process(), sending.send

    def send_while_another_tries(*args: object) -> object:
        assert deliver(other, account(server)) == []
        return send(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("application.mail.delivery.send", send_while_another_tries)
    deliver(house, account(server))
    assert len(server.mails) == 1


def test_a_server_that_is_slow_at_every_step_holds_nobody_up_for_longer_than_a_lease() -> None:
    """No step takes too long; all of them together would, and another worker would send the same, and so for ever."""
    assert sending.MOST_SECONDS + sending.SECONDS < LEASE
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                while True:
                    connection.sendall(b"2")
                    ended.wait(0.02)

        ended, dripping = Event(), Thread(target=drip)
        dripping.start()
        slow = MailAccount.of(f"smtp://127.0.0.1:{listening.getsockname()[1]}", None, SENDER, (ANN,))
        assert slow is not None
        with pytest.raises(sending.NotSent) as late:
            sending.send(slow, EmailMessage(), seconds=30, most_seconds=0.2)
        ended.set()
        dripping.join()
    assert late.value.problem == Problem("answer_late", seconds=0)


def test_who_is_refused_while_others_are_taken_is_said(house: World, server: MailServer) -> None:
    server.refused = {BEN}
    assert deliver(house, account(server)) == []
    assert len(server.mails) == 1
    state = house.seatledger.webhooks.mail()
    assert state is not None
    assert state.problem is not None
    assert ENGLISH.clause(state.problem) == f"the mail server refuses to write to {BEN}"
    assert deliver(house, account(server)) == []
    assert len(server.mails) == 1
    server.refused = {ANN, BEN}
    house.on("2026-04-02").register()
    house.on("2027-03-01")
    (failure, *_) = deliver(house, account(server))
    assert failure.problem == Problem("mail_recipients_refused", addresses=[ANN, BEN])


LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


def over(kind: str, tmp_path: Path) -> AbstractContextManager[MailServer]:
    return taking_mail(tmp_path, starttls=kind == "smtp", tls=kind == "smtps", auth=True)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail servers here are taken for some on other machines."""
    monkeypatch.setattr(MailAccount, "is_here", False)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.usefixtures("elsewhere")
def test_a_server_elsewhere_is_told_user_and_password_over_tls(
    house: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with over(scheme, tmp_path) as server:
        assert deliver(house, account(server, scheme, LOGIN)) == []
        assert len(server.mails) == 1


@pytest.mark.usefixtures("elsewhere")
def test_a_server_elsewhere_without_tls_is_told_nothing(house: World, server: MailServer) -> None:
    (failure,) = deliver(house, account(server))
    assert ENGLISH.clause(failure.problem).startswith(
        "the mail server 127.0.0.1 offers no STARTTLS, and nothing is sent"
    )
    assert server.mails == []


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_trusts_is_told_nothing(house: World, tmp_path: Path, scheme: str) -> None:
    with over(scheme, tmp_path) as server:
        (failure,) = deliver(house, account(server, scheme, LOGIN))
        clause = "the certificate of the mail server 127.0.0.1 cannot be trusted (self-signed certificate)"
        assert ENGLISH.clause(failure.problem) == clause
        assert server.mails == []


def test_the_password_may_lie_in_a_file_which_is_read_anew(house: World, tmp_path: Path) -> None:
    file = tmp_path / "smtp-password"
    file.write_text("wrong\n")
    with taking_mail(tmp_path, auth=True) as server:
        (failure,) = deliver(house, account(server, login=f"{USER}@", file=file))
        assert ENGLISH.clause(failure.problem) == (
            "the mail server 127.0.0.1 refuses the user or the password (status 535)"
        )
        file.write_text(f"{PASSWORD}\n")
        house.clock.go_on(seconds=5)
        assert deliver(house, account(server, login=f"{USER}@", file=file)) == []
        assert len(server.mails) == 1
        file.unlink()
        with pytest.raises(MailUnusable) as unusable:
            account(server, login=f"{USER}@", file=file).secret()
        assert ENGLISH.clause(unusable.value.problem) == (
            f"the password's file {file} (SEATLEDGER_SMTP_PASSWORD_FILE) cannot be read: No such file or directory"
        )


def test_no_password_stands_in_a_log_or_in_what_is_stored(
    house: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with taking_mail(tmp_path, auth=True) as server:
        wrong = account(server, login=f"{USER}:sesame@")
        assert "sesame" not in repr(wrong)
        seatledger = replace(house.seatledger, settings=replace(house.settings, mail=wrong))
        DeliveryTimer(seatledger).look()
        seatledger.close()
    assert "A warning could not be mailed: the mail server 127.0.0.1 refuses the user or the password" in caplog.text
    assert "sesame" not in caplog.text
    assert "sesame" not in str(house.sql("SELECT * FROM receivers"))


def test_a_test_is_mailed_and_what_had_failed_is_tried_again_at_once(house: World, server: MailServer) -> None:
    server.answers = ["451 later"] * 2
    assert len(deliver(house, account(server))) == 1
    mail = Mail(house.licensing, house.seatledger.webhooks, account(server), house.clock)
    with pytest.raises(MailTestFailed):
        mail.test(house.id)
    assert mail.test(house.id) == [ANN, BEN]
    assert server.mails[0]["Subject"] == "Seatledger of Example Company: a test"
    assert deliver(house, account(server)) == []
    assert len(server.mails) == 2


def test_the_mail_is_no_webhook_that_somebody_could_turn_off_or_remove(house: World, server: MailServer) -> None:
    deliver(house, account(server))
    webhooks, number = house.seatledger.webhooks, len(server.mails)
    assert webhooks.mail() is not None
    for change in (webhooks.stop, webhooks.remove, webhooks.resume):
        with pytest.raises(UnknownWebhook):
            change("mail")
    deliver(house, account(server))
    assert len(server.mails) == number, "what was told is still known"
    state = webhooks.mail()
    assert state is not None
    assert state.stopped is None


def test_without_settings_nothing_is_mailed(house: World) -> None:
    mail = house.seatledger.mail
    assert mail.state() is None
    mail.deliver(house.id)
    assert house.sql("SELECT * FROM receivers") == []
    with pytest.raises(MailOff):
        mail.test(house.id)


def test_nobody_listens(house: World, server: MailServer) -> None:
    (failure,) = deliver(house, replace(account(server), port=1))
    assert failure.problem == Problem("mail_not_connected", host="127.0.0.1", port=1, reason="Connection refused")


def test_a_mail_is_in_the_installations_language_and_its_subject_is_one_sentence(
    house: World, server: MailServer
) -> None:
    mail = Mail(
        house.licensing, house.seatledger.webhooks, account(server), house.clock, language=languages.language_of("ja")
    )
    mail.deliver(house.id)  # there is no license
    (letter,) = server.mails
    assert letter["Subject"].startswith("Example CompanyのSeatledger：")
    assert "。" not in letter["Subject"]
    assert "コード：no_license" in letter.get_content()
    assert letter.get_content_charset() == "utf-8"
    mail.test(house.id)
    assert server.mails[-1]["Subject"] == "Example CompanyのSeatledger：テスト"
