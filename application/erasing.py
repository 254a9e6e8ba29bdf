"""The use case of forgetting people: their names are gone, of now and of then, and nothing else is (P2, P3, P5)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from application.erased_names import ErasedNames
from application.files import read_small, reason_of, replaced
from application.log.acting import Acting, CommandId
from application.log.failures import UNSTORED
from application.log.stored import Clearing
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.installation import SERVER, Installation, Stamp
from domain.refusals import Problem, Refused

logger = logging.getLogger("seatledger.licensing")

FREE = "free"
"""What stands behind the id of an erased person whose name may be given again."""


class ErasedListUnusable(Refused):
    """The list of erased people cannot be read or written."""

    code = "erased_list_unusable"


class Erased(NamedTuple):
    """Whom an erasure forgot, by their id, and what is left to do."""

    account_id: str
    is_listed: bool
    """False if the list of erased people could not be written; it is caught up when the server starts."""
    clearing: Clearing
    """Whether the database's own files were cleared of the name's key; else the server's timer tries it (`clear`)."""


@dataclass(frozen=True)
class ErasedList:
    """The ids of all erased people, in a file beside the secret key: a backup that is restored knows their names."""

    path: Path

    def read(self) -> dict[str, bool]:
        """Every id, and whether its name may be given again. Raises ErasedListUnusable."""
        try:
            return self._listed(read_small(self.path, most=1 << 26) if self.path.exists() else b"")
        except OSError as error:
            reason = reason_of(error, self.path)
            raise ErasedListUnusable(path=str(self.path), reason=reason) from None

    def add_listed(self, content: bytes) -> None:
        """Add those of another such list, as a backup holds it. Raises ErasedListUnusable."""
        self.add(self._listed(content).items())

    def _listed(self, content: bytes) -> dict[str, bool]:
        try:
            lines = [line.split() for line in content.decode().splitlines() if line.strip()]
            return {str(UUID(id_)): rest == [FREE] for id_, *rest in lines}
        except ValueError:
            raise ErasedListUnusable(path=str(self.path), reason=Problem("list_damaged")) from None

    def add(self, erased: Iterable[tuple[str, bool]]) -> None:
        """Add people who are not in it yet. Raises ErasedListUnusable."""
        known = self.read()
        new = {id_: is_free for id_, is_free in erased if id_ not in known}
        if not new:
            return
        lines = [f"{id_} {FREE}" if is_free else id_ for id_, is_free in (known | new).items()]
        try:
            replaced(self.path, "".join(f"{line}\n" for line in lines).encode())
        except OSError as error:
            reason = reason_of(error, self.path, writing=True)
            raise ErasedListUnusable(path=str(self.path), reason=reason) from None


Eraser = Callable[[Installation, Stamp], str]
"""Records that somebody was erased, and gives their id."""


class Erasing:
    """Forgets deleted users, removed auditors and operators.

    A command raises the Refused of a broken rule, PepperUnusable, ErasedListUnusable, Busy and StorageFailed; then
    nobody was erased.
    """

    def __init__(self, acting: Acting, names: ErasedNames, erased: ErasedList) -> None:
        self._acting, self._people, self._names, self._list = acting, acting.people, names, erased
        self._cleared_upto = 0

    def user(
        self, id_: UUID, login_name: str, *, frees_name: bool = False, by: str, command_id: CommandId | None = None
    ) -> Erased:
        """Forget a deleted user. Raises UnknownUser, UserNotDeleted."""
        return self._erase(id_, lambda one, stamp: one.erase_user(login_name, stamp=stamp), frees_name, by, command_id)

    def auditor(self, id_: UUID, name: str, *, by: str, command_id: CommandId | None = None) -> Erased:
        """Forget a removed auditor, whose name stays taken. Raises UnknownAuditor, AuditorNotRemoved."""
        return self._erase(id_, lambda one, stamp: one.erase_auditor(name, stamp=stamp), False, by, command_id)

    def operator(self, id_: UUID, name: str, *, by: str, command_id: CommandId | None = None) -> Erased:
        """Forget an operator; the next command by that name makes a new one. Raises UnknownOperator."""
        return self._erase(id_, lambda one, stamp: one.erase_operator(name, stamp=stamp), True, by, command_id)

    # What `user`, `auditor` and `operator` would refuse, for whoever asks before harm; nothing is changed.

    def ask_user(self, id_: UUID, login_name: str) -> str:
        """The id of whom it would forget. Raises UnknownUser, UserNotDeleted."""
        return self._acting.load(id_).erasable_user(login_name)

    def ask_auditor(self, id_: UUID, name: str) -> str:
        """The id of whom it would forget. Raises UnknownAuditor, AuditorNotRemoved."""
        return self._acting.load(id_).erasable_auditor(name)

    def ask_operator(self, id_: UUID, name: str) -> str:
        """The id of whom it would forget. Raises UnknownOperator."""
        return self._acting.load(id_).erasable_operator(name)

    def ask_usable(self) -> None:
        """Raises PepperUnusable, ErasedListUnusable."""
        self._names.ask_usable()
        self._list.read()

    def again(self, id_: UUID, *, staying: Collection[str] = ()) -> list[str]:
        """Erase again whom a restored backup knows anew, and note whom the list does not have; gives those erased.

        Also whose key alone was put back beside a log that says them to be erased. `staying` are erased people who are
        present, since one of them was the last administrator then. Raises ErasedListUnusable, PepperUnusable, Busy,
        StorageFailed.
        """
        listed = self._list.read()
        erased = self._people.erased_in(id_)
        known = self._people.keys_of([*listed, *erased])
        again = [account_id for account_id in listed if account_id in known]

        def erase(installation: Installation, stamp: Stamp) -> None:
            self._names.keep(key for each in again if not listed[each] for key in installation.login_keys(each))
            for account_id in (*again, *(each for each in staying if each in installation.erased)):
                installation.erase_again(account_id, stamp=stamp)

        if again or staying:
            self._acting.act(id_, erase, by=SERVER)
            erased = self._people.erased_in(id_)
        if known:
            self._people.drop_keys(erased)
            self._people.clear_files()
        self._list.add((account_id, False) for account_id in erased)
        return again

    def clear(self, id_: UUID) -> None:
        """Clear the database's files of whoever was erased since the last time, if that was not done yet.

        Somebody who read, or a crash, may have kept an erasure from it; and who was erased by another machine's server
        must be in this one's list as well, which may be the only one left. Raises ErasedListUnusable, Busy,
        StorageFailed.
        """
        newest, is_erased = self._people.erased_after(id_, self._cleared_upto)
        if is_erased:
            self._list.add((account_id, False) for account_id in self._people.erased_in(id_))
        if not is_erased or self._people.clear_files() is Clearing.CLEAR:
            self._cleared_upto = newest

    def _erase(self, id_: UUID, erase: Eraser, frees_name: bool, by: str, command_id: CommandId | None) -> Erased:
        self._list.read()  # if it cannot be read, that is said while nobody is erased

        def command(installation: Installation, stamp: Stamp) -> None:
            before = copy(installation)
            account_id = erase(installation, stamp)
            (self._names.free if frees_name else self._names.keep)(before.login_keys(account_id))

        events = self._acting.act(id_, command, by=by, command_id=command_id)
        [account_id] = [event.account_id for event in events if isinstance(event, Installation.PersonErased)]
        return Erased(account_id, is_listed=self._listed(account_id, frees_name), clearing=self._cleared())

    def _cleared(self) -> Clearing:
        try:
            return self._people.clear_files()
        except UNSTORED:  # the name is erased already, and that must be said
            return Clearing.HELD_UP

    def _listed(self, account_id: str, frees_name: bool) -> bool:
        try:
            self._list.add([(account_id, frees_name)])
        except ErasedListUnusable as refusal:
            logger.error("%s", sentence(refusal, ENGLISH))  # noqa: TRY400  the sentence says all of it
            return False
        return True
