"""Erasing a name in sentences: what cannot be undone, what was done, and what is left to do (P2, P3, P5)."""

from __future__ import annotations

from application.erasing import Erased
from application.log.stored import Clearing
from application.words.language import Language
from application.words.messages import message
from application.words.sentences import Warned
from domain.login_name import erased_name

GONE = message(
    "The name “{name}” will be gone everywhere, of now and of then: on every screen, in every answer and in every "
    "export this person is called “{erased}”. That cannot be undone."
)

STAYS = message("The history, the counts and everybody else stay as they are.")

BACKUPS = message("Backups that were made before still hold the name: let them go as soon as you can.")

LEFT_TO_DO = {
    "erased_not_listed": message(
        "The list of erased people could not be written; the server's log says why. Mend that and start the server "
        "anew, which then writes the list: without it, a backup that is restored would bring the name back."
    ),
    "erasure_held_up": message(
        "Somebody was reading the database meanwhile, so that the name may still stand in its files. The server clears "
        "them within minutes after that; without a server, the next erasure does."
    ),
    "erasure_left_to_owner": message(
        "The name may still stand in the database's files, since the program's role may not write a table anew. Let "
        "the owner of the tables run “VACUUM FULL person_keys, view_snapshots” now. From PostgreSQL 17 on, “seatledger "
        "migrate” gives the program that right."
    ),
}

UNCLEARED = {Clearing.HELD_UP: "erasure_held_up", Clearing.OWNER_ALONE: "erasure_left_to_owner"}


def of_user(name: str, account_id: str, language: Language, *, frees_name: bool | None = None) -> list[str]:
    """What cannot be undone about a user; `frees_name` None says nothing of whether the name can be given again."""
    sentences = [*_gone(name, account_id, language), language.say(message("Nobody can restore this user any more."))]
    if frees_name is not None:
        sentences.append(
            language.say(message("The name can be given again, to anybody."))
            if frees_name
            else language.say(message("The name stays taken: nobody is ever given it again."))
        )
    return [*sentences, language.say(STAYS), language.say(BACKUPS)]


def of_auditor(name: str, account_id: str, language: Language) -> list[str]:
    taken = language.say(message("The name stays taken: nobody is ever given it again."))
    return [*_gone(name, account_id, language), taken, language.say(STAYS), language.say(BACKUPS)]


def of_operator(name: str, account_id: str, language: Language) -> list[str]:
    anew = language.say(
        message("The next command of this user of the operating system records the name anew, as that of somebody new.")
    )
    return [*_gone(name, account_id, language), anew, language.say(STAYS), language.say(BACKUPS)]


def of_erased(name: str, erased: Erased, language: Language) -> str:
    """What was done."""
    text = message("The name “{name}” was erased; this person is “{erased}” from now on, also in the history.")
    return language.say(text, name=name, erased=erased_name(erased.account_id))


def left_to_do(erased: Erased, language: Language) -> list[Warned]:
    """What whoever runs the machine still has to do; nothing as a rule."""
    codes = [] if erased.is_listed else ["erased_not_listed"]
    codes += [UNCLEARED[erased.clearing]] if erased.clearing in UNCLEARED else []
    return [Warned(code, language.say(LEFT_TO_DO[code]), is_urgent=True) for code in codes]


def _gone(name: str, account_id: str, language: Language) -> list[str]:
    return [language.say(GONE, name=name, erased=erased_name(account_id))]
