"""What a license key may say and a vendor seldom means: each doubt is a Problem, and nothing is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from application.license_keys.keyring import VerificationKey
from domain.invisible import is_overlooked
from domain.license import License
from domain.login_name import shown
from domain.refusals import Problem

ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
"""Of which one word has letters of one: many look like those of another."""

_LOOK_ALIKES = frozenset("‐‑‒–—―−‘’‚‛“”„‟")
"""Dashes and quotes that word processors put for those of the keyboard."""

_TAGS = ("<wide>", "<narrow>", "<compat>", "<font>")
"""Forms of ordinary letters (Unicode's decompositions), such as full-width ones and ligatures."""

_IN_QUOTES = re.compile(r"""(["'“”„«»‘’]).*["'“”«»‘’]""")


def doubts(license_: License, now: datetime, signer: VerificationKey | None, kid: str) -> Iterator[Problem]:
    """What is doubtful of a license that is signed now with the key `kid`; `signer` is what the keyring says of it."""
    if signer is None:
        yield Problem("key_in_no_keyring", kid=kid)
    elif signer.revoked:
        yield Problem("key_is_revoked", kid=kid)
    yield from _about_days(license_, now)
    yield from _about_texts(license_, signer)


def _about_days(license_: License, now: datetime) -> Iterator[Problem]:
    today, period, maintenance = now.date(), license_.license_period, license_.maintenance_period
    if period.last_day < today:
        yield Problem("license_period_ended", end=period.end)
    if license_.issued_at > now.timestamp():
        yield Problem("issued_later")
    if maintenance is None and license_.optional_products:
        yield Problem("products_never_used")
    if maintenance and maintenance.last_day < today:
        yield Problem("maintenance_ended", end=maintenance.end)
    if maintenance and maintenance.last_day > period.last_day:
        yield Problem("maintenance_goes_on", until=maintenance.end, end=period.end)
    if maintenance and maintenance.start < period.start:
        yield Problem("maintenance_starts_before", start=maintenance.start, license_start=period.start)


def _about_texts(license_: License, signer: VerificationKey | None) -> Iterator[Problem]:
    """Texts are compared as they stand, by installations and by products, and a blank more is not seen."""
    for option, text, is_compared in (
        ("--customer", license_.customer, False),
        ("--product", license_.product, True),
        ("--edition", license_.edition, True),
        ("--issuer", license_.issuer, False),
        *(("--optional-product", name, True) for name in license_.optional_products),
    ):
        yield from _about_text(option, text, is_compared=is_compared)
    names: dict[str, str] = {}
    for name in license_.optional_products:
        if (other := names.setdefault(_folded(name), name)) != name:
            yield Problem("text_like_another", option="--optional-product", text=shown(name), other=shown(other))
    issuer = signer and signer.issuer
    if issuer and issuer != license_.issuer and _folded(issuer) == _folded(license_.issuer):
        yield Problem("issuer_like_keyring", text=shown(license_.issuer), other=shown(issuer))


def _about_text(option: str, text: str, *, is_compared: bool) -> Iterator[Problem]:
    facts = {"option": option, "text": shown(text)}
    if text != text.strip():
        no_such = option == "--product"  # an installation's name is trimmed when it is opened
        yield Problem("product_blank_around" if no_such else "text_blank_around", **facts)
    if "  " in text.strip():
        yield Problem("text_blanks_within", **facts)
    if _IN_QUOTES.fullmatch(text.strip()):
        yield Problem("text_in_quotes", **facts)
    if (character := next((each for each in text if _is_odd(each, is_compared=is_compared)), None)) is not None:
        facts |= {"character": shown(character), "number": f"{ord(character):04X}"}
        yield Problem("text_odd_character", **facts)
    elif unicodedata.normalize("NFC", text) != text:
        yield Problem("text_accents_apart", **facts)
    if word := next((each for each in text.split() if len(_alphabets(each)) > 1), None):
        yield Problem("text_mixes_alphabets", option=option, word=shown(word))


def _is_odd(character: str, *, is_compared: bool) -> bool:
    """Whether nobody sees it or, in a text that programs compare, it looks like another character."""
    if is_overlooked(character):
        return True
    is_form = unicodedata.decomposition(character).startswith(_TAGS)
    return is_compared and (character in _LOOK_ALIKES or is_form)


def _alphabets(word: str) -> set[str]:
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    return names.intersection(ALPHABETS)


def _folded(text: str) -> str:
    """By what two texts are probably meant to be one: without regard to case, form and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
