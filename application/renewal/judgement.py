"""The vendor's judgement of a renewal file: each of its statements worked out anew, and whether it agrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from application.license_keys import Keyring, UnverifiedKey, is_signed_by, read_unverified
from application.proof.anchor import Anchor
from application.proof.consistency import is_consistent
from application.proof.verify_export import read_vkey, to_base64
from application.renewal.request import LICENSE_KEY, RenewalRequest, month_ends
from domain.refusals import KeyRefused


class Check(NamedTuple):
    """One thing that was looked at: what, how it turned out, and the facts of its sentence.

    `agrees` is None for what could not be checked with what was given, and for what only a person can judge.
    """

    name: str
    outcome: str
    agrees: bool | None
    facts: dict[str, str | int]


class Judgement(NamedTuple):
    """A renewal file and what was found of it; `key` is the last license key, as far as it can be read."""

    request: RenewalRequest
    key: UnverifiedKey | None
    checks: tuple[Check, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing in it is known to be wrong."""
        return all(check.agrees is not False for check in self.checks)


def judge(request: RenewalRequest, keyring: Keyring | None, *, is_log_key_given: bool) -> Judgement:
    """Judge a request that `read_request` gave, by the vendor's keyring, if there is one."""
    key = _readable(request.last_license_key)
    checks = (
        Check("signature", "good" if is_log_key_given else "own_log_key", True if is_log_key_given else None, {}),
        *_of_keys(request, keyring),
        *_of_log(request, key),
        *_of_in_use(request, key),
        *(
            Check(
                "restored_backup", "accepted", None, {"day": str(each.day), "size": each.size, "lost": each.lost_size}
            )
            for each in request.losses
        ),
    )
    return Judgement(request, key, checks)


def _readable(text: str | None) -> UnverifiedKey | None:
    try:
        key = read_unverified(text) if text is not None else None
    except KeyRefused:
        return None
    return key if key and key.text == text else None


def _of_keys(request: RenewalRequest, keyring: Keyring | None) -> Iterator[Check]:
    if request.last_license_key is None:
        is_without = request.license_key_in_force is None
        yield Check("last_license_key", "none" if is_without else "only_in_force", None if is_without else False, {})
    for name in ("last_license_key", "license_key_in_force"):
        text: str | None = getattr(request, name)
        if text is None or (name == "license_key_in_force" and text == request.last_license_key):
            continue
        outcome = _of_key(request, text, keyring)
        facts = {"kid": key.signing_key_id} if (key := _readable(text)) else {}
        agrees = None if outcome in ("not_checked", "revoked_signer") else outcome == "good"
        yield Check(name, outcome, agrees, {**facts})


def _of_key(request: RenewalRequest, text: str, keyring: Keyring | None) -> str:
    key = _readable(text)
    if key is None:
        return "unreadable"
    if key.license.audience not in ("*", str(request.installation_id)) or key.license.product != request.product:
        return "of_another"
    if keyring is None:
        return "not_checked"
    signer = keyring.get(key.signing_key_id)
    if signer is None:
        return "unknown_signer"
    if not is_signed_by(text, signer):
        return "bad_signature"
    return "revoked_signer" if signer.revoked else "good"


def _of_log(request: RenewalRequest, key: UnverifiedKey | None) -> Iterator[Check]:
    newest = request.signed_checkpoint([read_vkey(request.log_key)])
    earlier = request.earlier
    anchor = Anchor.of(key.license) if key else None
    facts: dict[str, str | int] = {"size": earlier.size, "newest": newest.size}
    is_from_key = earlier.source == LICENSE_KEY
    if (anchor is not None and anchor.size > 0) != is_from_key or (
        is_from_key and anchor != Anchor(earlier.size, to_base64(earlier.root))
    ):
        yield Check("log", "other_anchor", False, facts)
    elif earlier.size > newest.size:
        yield Check("log", "shorter", False, facts)
    elif request.proof is None:
        yield Check("log", "not_extended", False, facts)
    elif not is_consistent((earlier.size, earlier.root), (newest.size, newest.root), request.proof):
        yield Check("log", "bad_proof", False, facts)
    else:
        yield Check("log", "extends" if is_from_key else "extends_first", True if is_from_key else None, facts)


def _of_in_use(request: RenewalRequest, key: UnverifiedKey | None) -> Iterator[Check]:
    is_in_order = [each.day for each in request.month_ends] == month_ends(request.since, request.made_on)
    numbers = [request.in_use, *(each.number for each in request.month_ends)]
    facts: dict[str, str | int] = {"highest": request.highest, "since": str(request.since), "now": request.in_use}
    if not is_in_order or request.since > request.made_on:
        yield Check("in_use", "months_missing", False, facts)
    elif max(numbers) > request.highest:
        yield Check("in_use", "above_highest", False, facts)
    elif key and request.highest > key.license.licenses:
        yield Check("in_use", "above_licenses", None, {**facts, "licenses": key.license.licenses})
    else:
        yield Check("in_use", "coherent", True, facts)
