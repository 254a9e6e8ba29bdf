"""The copy that a command works on: cheap, and of no consequence for the one it was made from."""

from __future__ import annotations

from copy import deepcopy

from tests.domain.installations import an_installation, at, register


def test_what_a_copy_records_is_not_seen_in_the_original() -> None:
    original = an_installation("ann")
    before = list(original.pending_events)
    copy = deepcopy(original)
    copy.add_user("ben", administrator=True, stamp=at("2026-04-01"))
    copy.delete_user("ann", stamp=at("2026-04-01"))
    register(copy, "2026-04-02")
    assert list(original.pending_events) == before
    assert (original.version, len(original.users), len(original.administrators)) == (3, 2, 1)
    assert original.registered_keys == ()
    assert (copy.version, len(copy.users), len(copy.administrators)) == (6, 3, 2)
    original.add_user("cem", stamp=at("2026-04-01"))
    assert copy.account_of("cem") is None


def test_a_copy_shares_what_cannot_change() -> None:
    """So that it costs the same with 100 users and with 100,000."""
    original = an_installation("ann")
    copy = deepcopy(original)
    assert copy.users is original.users
    assert copy.names is original.names
