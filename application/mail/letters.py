"""What is written: a warning as a mail in plain text, with the headers by which programs sort and thread it."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from uuid import UUID

from application.mail.accounts import MailAccount
from application.views.day_view import DayView
from application.views.warnings import DayWarning
from application.words.language import Language
from application.words.messages import message
from application.words.sentences import of_warning

SUBJECT = message("Seatledger of {installation}: {sentence}")

LONGEST_SUBJECT = 200

BODY = message(
    "{sentence}\n\n"
    "This is what Seatledger warns of, the license service of {installation}, on {day}. Each stage of a warning is "
    "told once; what stands now, administrators see at the top of every page there.\n\n"
    "Code: {code}\nInstallation: {id}\n"
)

TEST_SUBJECT = message("Seatledger of {installation}: a test")

TEST_BODY = message(
    "This is a test, which somebody asked for. Warnings of Seatledger, the license service of {installation}, come to "
    "this address.\n\nInstallation: {id}\n"
)


def of_day_warning(
    account: MailAccount, id_: UUID, warning: DayWarning, now: DayView, moment: datetime, language: Language
) -> EmailMessage:
    """A warning, the same Message-ID each time that it is sent."""
    warned = of_warning(warning, now, language)
    first = language.first_sentence(warned.message)
    facts = {"installation": now.view.name, "day": now.day, "code": warned.code, "id": str(id_)}
    return _letter(
        account,
        id_,
        warning.key,
        moment,
        subject=language.say(SUBJECT, sentence=first, **facts)[:LONGEST_SUBJECT],
        body=language.say(BODY, sentence=warned.message, **facts),
    )


def of_test(account: MailAccount, id_: UUID, name: str, moment: datetime, language: Language) -> EmailMessage:
    facts = {"installation": name, "id": str(id_)}
    return _letter(
        account,
        id_,
        moment.isoformat(),
        moment,
        subject=language.say(TEST_SUBJECT, **facts),
        body=language.say(TEST_BODY, **facts),
    )


def _letter(account: MailAccount, id_: UUID, key: str, moment: datetime, *, subject: str, body: str) -> EmailMessage:
    domain = account.sender.rpartition("@")[2]
    letter = EmailMessage(policy=SMTP)
    letter["From"] = account.sender
    letter["To"] = ", ".join(account.recipients)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(moment)
    letter["Message-ID"] = f"<{sha256(f'{id_}:{key}'.encode()).hexdigest()[:32]}@{domain}>"
    letter["List-Id"] = f"Seatledger <warnings.{id_}.{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body, cte="quoted-printable")
    return letter
