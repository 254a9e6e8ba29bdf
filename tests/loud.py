"""A language made for tests: the messages of the catalog's template in capitals, so that what escapes it is seen."""

from __future__ import annotations

import re
from gettext import NullTranslations
from io import BytesIO

from babel.messages.pofile import read_po

from application.words.language import CATALOGS, DOMAIN, Language


class Shouting(NullTranslations):
    """What the template knows, in capitals; placeholders and tags stay as they are, and so does everything else."""

    def __init__(self) -> None:
        super().__init__()
        template = read_po(BytesIO((CATALOGS / f"{DOMAIN}.pot").read_bytes()))
        self._known = {
            text
            for entry in template
            if entry.id
            for text in (entry.id if isinstance(entry.id, tuple) else (entry.id,))
        }

    def gettext(self, message: str) -> str:
        if message not in self._known:
            return message
        return "".join(
            part if part.startswith(("{", "<")) else part.upper() for part in re.split(r"({[^{}]*}|<[^<>]*>)", message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(super().ngettext(msgid1, msgid2, n))


LOUD = Language("en-x-loud", Shouting())
