"""Requests that bring a list of users: they may be larger than others, and what they bring touches no disk."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Request

from interface.front.bodies import LARGEST_LIST, LISTS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class ListRequest(Request):
    """Flask's request, but as large as a list where one is taken, and with files in memory.

    Werkzeug would write what is larger than half a megabyte to a temporary file: names that nobody erases there (P5).
    """

    def __init__(self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False) -> None:
        super().__init__(environ, populate_request, shallow)
        if self.path == LISTS:
            self.max_content_length = self.max_form_memory_size = LARGEST_LIST

    def _get_file_stream(self, *_: object, **__: object) -> BytesIO:  # object: sizes and types, which do not matter
        return BytesIO()
