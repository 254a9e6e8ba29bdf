"""On which day each API token was last used: noted in memory by whoever asks, written later by a timer."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, delete, or_, select

from application.credentials.tables import token_notices, token_uses
from application.log.beside import insert


class TokenUses:
    """The last day of use of each token, beside the log.

    A login check only notes: one entry of a dictionary, no lock and no database. What is noted and not yet written when
    the process ends is lost, which the next use mends. Threads may share it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted: dict[str, date] = {}
        self._written: dict[str, date] = {}

    def note(self, token_id: str, day: date) -> None:
        """A token was used on the installation's day."""
        self._noted[token_id] = day

    def write(self, today: date) -> None:
        """Write what was noted: at most once a day for each token, whatever the number of workers."""
        fresh = {token_id: day for token_id, day in self._noted.copy().items() if self._written.get(token_id) != day}
        if not fresh:
            return
        known = self.days()
        new = insert(self._engine, token_uses)
        # A day that has not come was written before the clock was corrected; it gives way to any other.
        is_later = or_(token_uses.c.day < new.excluded.day, token_uses.c.day > today)
        upsert = new.on_conflict_do_update(
            index_elements=[token_uses.c.token_id], set_={"day": new.excluded.day}, where=is_later
        )
        rows = [{"token_id": token_id, "day": day} for token_id, day in fresh.items() if known.get(token_id) != day]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(upsert, rows)
        self._written.update(fresh)

    def days(self) -> dict[str, date]:
        """The last day of use that was written, by the token's id."""
        with self._engine.connect() as connection:
            return {row.token_id: row.day for row in connection.execute(select(token_uses))}

    def is_first_to_tell(self, today: date) -> bool:
        """Whether nobody has told the server's log of tokens today: of all workers that ask, one is the first."""
        with self._engine.begin() as connection:
            claim = insert(self._engine, token_notices).values(day=today).on_conflict_do_nothing()
            is_first = connection.execute(claim.returning(token_notices.c.day)).first() is not None
            connection.execute(delete(token_notices).where(token_notices.c.day != today))
        return is_first
