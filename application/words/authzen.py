"""What is said of questions in the form of OpenID AuthZEN that a login check has no answer to."""

from __future__ import annotations

from application.words.language import Language
from application.words.messages import Message, message
from domain.login_name import shown

NOT_SUPPORTED: dict[str, Message] = {
    "subject_not_supported": message("Seatledger decides about subjects of the type “user”, and not “{what}”."),
    "action_not_supported": message("Seatledger decides about the action “login”, and not “{what}”."),
    "resource_not_supported": message(
        "Seatledger decides about resources of the type “product” or “admin-screen”, and not “{what}”."
    ),
    "not_administrator": message("The Admin screen is for administrators alone. Ask one of them to make you one."),
    "product_not_included": message(
        "“{what}” is neither the product of this installation nor an optional product that can be used now."
    ),
}
"""By the code in the answer's context; these codes are none of a login check's."""


def of_product(product: str, language: Language) -> str:
    """That a product cannot be used, whoever asks."""
    return language.say(NOT_SUPPORTED["product_not_included"], what=shown(product))
