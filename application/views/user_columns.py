"""The users of a snapshot, in columns: a third of the memory of one object for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from domain.state import User


class UserColumns(Mapping[str, User]):
    """Users by their id; each is made when somebody looks it up."""

    def __init__(
        self,
        ids: Sequence[str],
        names: Sequence[str],
        other_keys: Mapping[int, str],
        administrators: Mapping[int, int],
        deleted: Collection[int],
    ) -> None:
        """Every user's id and login name, and by their numbers in there: the login keys of those whose name is another
        text, since when the administrators among them are that, and who is deleted."""
        self._numbers = {id_: number for number, id_ in enumerate(ids)}
        self._names, self._other_keys = names, other_keys
        self._administrators, self._deleted = administrators, deleted

    def __getitem__(self, user_id: str) -> User:
        number = self._numbers[user_id]
        name = self._names[number]
        key = self._other_keys.get(number, name)
        return User(user_id, name, key, self._administrators.get(number), number in self._deleted)

    def __contains__(self, user_id: object) -> bool:  # object: as Mapping has it
        return user_id in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)
