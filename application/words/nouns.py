"""The nouns that are counted in many sentences."""

from __future__ import annotations

from application.words.language import Language
from application.words.messages import plural
from domain.license import License

USERS = plural("{number} user", "{number} users")
LICENSES = plural("{number} license", "{number} licenses")
DAYS_LEFT = plural("{number} day left", "{number} days left")


def of_licenses(license_: License, language: Language) -> str:
    """The number of licenses, in words."""
    return language.count(license_.licenses, LICENSES)
