"""Languages made for tests, of the messages of the catalog's template: what escapes it, or has no room, is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from gettext import GNUTranslations
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from application.words.language import CATALOGS, DOMAIN, Language

TEMPLATE = CATALOGS / f"{DOMAIN}.pot"


def shouted(text: str) -> str:
    """The text in capitals; placeholders and tags stay as they are."""
    parts = re.split(r"({[^{}]*}|<[^<>]*>)", text)
    return "".join(part if part.startswith(("{", "<")) else part.upper() for part in parts)


def stretched(text: str) -> str:
    """The text a third longer, as other languages are, its vowels with accents, in brackets that may be cut off."""
    parts = re.split(r"({[^{}]*}|<[^<>]*>|&\w+;)", text)
    longer = (part if part.startswith(("{", "<", "&")) else _VOWELS.sub(_twice, part) for part in parts)
    return f"[!! {''.join(longer)} !!]"


_VOWELS = re.compile("[AEIOUaeiou]")
_ACCENTS = str.maketrans("AEIOUaeiou", "ÅÉÎÕÜåéîõü")


def _twice(vowel: re.Match[str]) -> str:
    return vowel[0].translate(_ACCENTS) + vowel[0].lower().translate(_ACCENTS)


def catalog(changed: Callable[[str], str]) -> bytes:
    """The catalog of such a language, compiled as `msgfmt` does."""
    catalog, compiled = Catalog(locale="en"), BytesIO()
    for entry in read_po(BytesIO(TEMPLATE.read_bytes())):
        if isinstance(entry.id, tuple):
            catalog.add(entry.id, tuple(map(changed, entry.id)))
        elif entry.id:
            catalog.add(entry.id, changed(entry.id))
    write_mo(compiled, catalog)
    return compiled.getvalue()


LOUD = Language("en-x-loud", GNUTranslations(BytesIO(catalog(shouted))))
LONG = Language("en-x-long", GNUTranslations(BytesIO(catalog(stretched))))
