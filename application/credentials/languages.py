"""The language in which each account wants to be spoken to."""

from __future__ import annotations

from sqlalchemy import Engine, delete, select

from application.credentials.tables import account_languages
from application.log.beside import insert


class AccountLanguages:
    """A choice of one's own, which outlives sessions; no right hangs on it, so it is bound to none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, account_id: str) -> str | None:
        """The tag of the language (BCP 47); None if the account has chosen none."""
        with self._engine.connect() as connection:
            query = select(account_languages.c.tag).where(account_languages.c.account_id == account_id)
            return connection.execute(query).scalar()

    def choose(self, account_id: str, tag: str | None) -> None:
        """None: the account has chosen none any more."""
        row = account_languages.c
        with self._engine.begin() as connection:
            if tag is None:
                connection.execute(delete(account_languages).where(row.account_id == account_id))
                return
            new = insert(self._engine, account_languages).values(account_id=account_id, tag=tag)
            connection.execute(
                new.on_conflict_do_update(index_elements=[row.account_id], set_={"tag": new.excluded.tag})
            )
