"""A language made for tests: the messages of the catalog's template in capitals, so that what escapes it is seen."""

from __future__ import annotations

import re
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


def loud_catalog() -> bytes:
    """The catalog of that language, compiled as `msgfmt` does."""
    catalog, compiled = Catalog(locale="en"), BytesIO()
    for entry in read_po(BytesIO(TEMPLATE.read_bytes())):
        if isinstance(entry.id, tuple):
            catalog.add(entry.id, tuple(map(shouted, entry.id)))
        elif entry.id:
            catalog.add(entry.id, shouted(entry.id))
    write_mo(compiled, catalog)
    return compiled.getvalue()


LOUD = Language("en-x-loud", GNUTranslations(BytesIO(loud_catalog())))
