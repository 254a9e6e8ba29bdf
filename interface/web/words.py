"""Messages of the catalog as the templates put them: inline HTML of ours, with the facts escaped."""

from __future__ import annotations

from markupsafe import Markup

from application.words.messages import Message
from interface.web import caller


def say(source: Message, /, **facts: object) -> Markup:  # object: whatever a template knows
    """The message in the page's language.

    It is ours, so it is taken as markup and may hold inline HTML; a fact is escaped unless it is Markup itself.
    """
    language = caller.language()
    texts = language.texts(facts) | {name: fact for name, fact in facts.items() if isinstance(fact, Markup)}
    return Markup(language.text(source, facts)).format_map(texts)  # noqa: S704  the catalog's text is ours
