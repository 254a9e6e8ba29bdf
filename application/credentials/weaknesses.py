"""Which passwords are guessed first, long as they may be: common ones, runs, repetitions, words of this place."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from domain.invisible import is_overlooked
from domain.refusals import PasswordInvalid

COMMON = Path(__file__).with_name("common-passwords.txt.gz")

WORDS = (
    *("seatledger", "password", "passwort", "license", "licence", "licensing", "administrator", "admin", "auditor"),
    *("login", "account", "user", "secret", "welcome", "server", "product", "installation", "gateway"),
)
"""What anybody who knows Seatledger tries first, in every installation."""

LINES = (
    *("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1234567890-=", "!@#$%^&*()_+"),
    *("qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-", '!"§$%&/()=?'),
    *("azertyuiop", "qsdfghjklm", "wxcvbn,;:!", "&é\"'(-è_çà)="),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/", "2wsx3edc"),
    *("1qay", "2wsx", "6zhn", "7ujm", "!qaz", "@wsx", "#edc", "$rfv", "%tgb", "^yhn", "&ujm"),
)
"""Rows and columns of keyboards, which fingers follow in both directions."""

KEYPAD = (
    "147258369",
    "741852963",
    "369258147",
    "963852741",
    "159753",
    "753159",
    "951357",
    "357951",
    "159357",
    "258456",
)
"""How fingers go over the number keys: as a whole, since pairs of them stand in any number by chance."""

LEET = [str.maketrans("013457@$!|€", letters) for letters in ("oleastasiie", "oieastasile")]
"""Digits and signs that stand for letters; 1 for two."""

LEAST_OTHERS = 6
"""How many letters of one's own a password needs beside what is foreseen; a digit or a sign counts half."""

FEWEST_CHARACTERS = 5
LONGEST_PIECE = 11
"""A piece of more characters than this is a password by itself, so it may stand there twice."""

MOST_ADDED = 8
"""So many digits and signs, the length of a date, make no other password of a common one."""


class PasswordCommon(PasswordInvalid):
    """One of the most common passwords, or one with digits and signs around it."""

    code = "password_common"


class PasswordRepeats(PasswordInvalid):
    """Few characters, or one short piece again and again."""

    code = "password_repeats"


class PasswordIsRun(PasswordInvalid):
    """Characters as they follow one another on a keyboard, in an alphabet or in counting."""

    code = "password_is_run"


class PasswordOfContext(PasswordInvalid):
    """Little more than the names and words of this product, this installation and this account."""

    code = "password_of_context"


class Stretch(NamedTuple):
    """A part of a password that a guesser foresees, and what makes it so."""

    length: int
    weakness: type[PasswordInvalid]


def refuse_weak(password: str, context: Iterable[str] = ()) -> None:
    """Raises PasswordCommon, PasswordRepeats, PasswordIsRun or PasswordOfContext, if a guesser would try it early.

    `context` has the names of the product, the installation and the account. It is compared in the case-folded NFKC
    form, and without the characters that nobody sees.
    """
    text = _folded(password)
    words = _words_of((*WORDS, *context))
    if _repeats(text):
        raise PasswordRepeats
    weakness = _foreseen((*_forms(text), _without_doubles(text)), words)
    if weakness:
        raise weakness
    spellings = (text, *map(text.translate, LEET))
    if any(map(_is_common, spellings)):
        raise PasswordCommon
    if _foreseen(spellings[1:], words) is PasswordOfContext:
        raise PasswordOfContext
    if any(map(_are_runs_in_turns, (text, _without_doubles(text)))):
        raise PasswordIsRun


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(" " if character.isspace() else character for character in folded if not is_overlooked(character))


def _words_of(context: Iterable[str]) -> list[str]:
    """The names as a whole and word by word, the longest first; what is short stands in other words by chance."""
    names = [_folded(name) for name in context]
    words = {part for name in names for part in (name, _bare(name), *re.split(r"[\W_]+", name))}
    return sorted((word for word in words if len(word) >= 3), key=len, reverse=True)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _repeats(text: str) -> bool:
    return len(set(text)) < FEWEST_CHARACTERS or any(map(_has_short_period, _forms(text)))


def _forms(text: str) -> list[str]:
    """The text as it is, without its signs, and without what is added at its ends, if each is most of it."""
    return [form for form in (text, _bare(text), _core(text)) if 3 * len(form) >= 2 * len(text)]


def _has_short_period(text: str) -> bool:
    """Whether it is one short piece at least twice, the last time perhaps cut off."""
    longest = min(LONGEST_PIECE, len(text) // 2)
    return any(text[period:] == text[:-period] for period in range(1, longest + 1))


def _core(text: str) -> str:
    """The text without the digits and signs at its ends, if they are few."""
    letters = [index for index, character in enumerate(text) if character.isalpha()]
    if not letters:
        return text
    core = text[letters[0] : letters[-1] + 1]
    added = text[: letters[0]] + text[letters[-1] + 1 :]
    others = len(added) - sum(stretch.length - 1 for stretch in _stretches(added, ()))
    return core if others <= MOST_ADDED else text


def _is_common(text: str) -> bool:
    tail = len(text) - len(text.rstrip("".join(character for character in text if not character.isalpha())))
    cut = {text[: len(text) - added] for added in range(min(tail, MOST_ADDED) + 1)}
    return not {*cut, _core(text), text.replace(" ", ""), _bare(text)}.isdisjoint(common_passwords())


@cache
def common_passwords() -> frozenset[str]:
    """Common passwords in their folded form: those of 12 characters and more, and words that digits are added to."""
    return frozenset(gzip.decompress(COMMON.read_bytes()).decode().split("\n")) - {""}


def _foreseen(forms: Iterable[str], words: Iterable[str]) -> type[PasswordInvalid] | None:
    """What the password is little more than, in one of its forms; None if it has enough beside what is foreseen."""
    for form in dict.fromkeys(forms):
        stretches = list(_stretches(form, words))
        lengths = {kind: sum(each.length for each in stretches if each.weakness is kind) for kind in KINDS}
        length = len(form.replace(" ", ""))
        is_most = 2 * lengths[PasswordOfContext] >= length or 3 * sum(lengths.values()) >= 2 * length
        if is_most and _others(form, words) < LEAST_OTHERS:
            return max(KINDS, key=lambda kind: lengths[kind])
    return None


def _are_runs_in_turns(text: str) -> bool:
    """Whether it is two runs, a character of each in turn: q1w2e3r4t5y6."""
    return all(_run_at(each, 0) >= min(4, len(each)) for each in (text[::2], text[1::2]))


KINDS: tuple[type[PasswordInvalid], ...] = (PasswordOfContext, PasswordIsRun, PasswordRepeats)
"""The first of them, if two are foreseen in as many characters."""


def _without_doubles(text: str) -> str:
    return "".join(character for character, _ in groupby(text))


def _others(text: str, words: Iterable[str]) -> float:
    """What stands beside the foreseen stretches, counted as LEAST_OTHERS does."""
    others, place = 0.0, 0
    while place < len(text):
        stretch = _stretch_at(text, place, words)
        if stretch is None and text[place] != " ":
            others += 1 if text[place].isalpha() else 0.5
        place += stretch.length if stretch else 1
    return others


def _stretches(text: str, words: Iterable[str]) -> Iterator[Stretch]:
    place = 0
    while place < len(text):
        stretch = _stretch_at(text, place, words)
        if stretch:
            yield stretch
        place += stretch.length if stretch else 1


def _stretch_at(text: str, place: int, words: Iterable[str]) -> Stretch | None:
    """The longest stretch that begins here and is foreseen."""
    word = next((each for each in words if text.startswith(each, place)), "")
    longest = max(
        Stretch(len(word), PasswordOfContext),
        Stretch(_run_at(text, place), PasswordIsRun),
        Stretch(len(text) - place - len(text[place:].lstrip(text[place])), PasswordRepeats),
        key=lambda stretch: stretch.length,
    )
    return longest if longest.length >= 3 else None


def _run_at(text: str, place: int) -> int:
    """How many characters from here on follow one another, forwards or backwards, on a line or as code points."""
    longest = max(len(path) if text.startswith(path, place) else 1 for path in KEYPAD)
    for line in _LINES_OF.get(text[place : place + 2], ()):
        end = place + 1
        while end < len(text) and text[place : end + 1] in line:
            end += 1
        longest = max(longest, end - place)
    for step in (1, -1):
        end = place + 1
        while end < len(text) and _follows(text[end - 1], text[end], step):
            end += 1
        longest = max(longest, end - place)
    return longest


def _follows(before: str, after: str, step: int) -> bool:
    """Whether it is the next letter or digit; after 9 comes 0."""
    return (ord(after) == ord(before) + step and after.isalnum()) or before + after == ("90" if step > 0 else "09")


_BOTH_WAYS = [way for line in LINES for way in (line, line[::-1])]

_LINES_OF = {
    pair: [way for way in _BOTH_WAYS if pair in way] for line in _BOTH_WAYS for pair in map("".join, pairwise(line))
}
"""The lines that have these two characters side by side, which is all that most places of a password need be asked."""
