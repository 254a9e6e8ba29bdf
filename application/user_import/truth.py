"""True and false as spreadsheets write them, in the language of whoever uses one, and as people do."""

from __future__ import annotations

import unicodedata

# fmt: off
_TRUE = (
    "true", "yes", "y", "t", "1", "-1", "on", "x", "✓", "✔", "☑", "✅", "wahr", "ja", "j", "vrai", "oui",
    "verdadero", "sí", "s", "vero", "sì", "waar", "真", "はい", "是", "对", "對", "verdadeiro", "sim", "prawda",
    "tak", "pravda", "ano", "áno", "sant", "sand", "sann", "tosi", "kyllä", "igaz", "igen", "истина", "да",
    "істина", "так", "doğru", "evet", "참", "예", "adevărat", "da", "αληθές", "αληθής", "ναι", "tõene", "jah",
    "patiess", "jā", "tiesa", "taip", "istina", "benar", "ya", "đúng", "cert", "אמת", "כן", "صواب", "صحيح",
    "نعم",
)
_FALSE = (
    "false", "no", "n", "f", "0", "off", "✗", "✘", "☐", "❌", "falsch", "nein", "faux", "non", "falso", "onwaar",
    "nee", "偽", "いいえ", "否", "假", "错", "錯", "não", "fałsz", "nie", "nepravda", "ne", "falskt", "nej", "falsk",
    "nei", "usann", "epätosi", "ei", "hamis", "nem", "ложь", "нет", "хибність", "ні", "yanlış", "hayır", "거짓",
    "아니요", "fals", "nu", "ψευδές", "ψευδής", "όχι", "väär", "aplams", "nē", "melas", "лъжа", "не", "salah",
    "tidak", "sai", "không", "שקר", "לא", "خطأ", "لا",
)
# fmt: on


def _folded(text: str) -> str:
    """Without case, width and accents: capitals often lack these, and Turkish has two letters i."""
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").replace("ı", "i")


_TRUTH = {_folded(word): True for word in _TRUE} | {_folded(word): False for word in _FALSE}


def truth(text: str) -> bool | None:
    """What a field says; None if nobody knows."""
    return _TRUTH.get(_folded(text))
