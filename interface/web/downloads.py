"""Answers that a browser saves as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

SHEET = "text/csv; charset=utf-8"


def attached(body: Iterator[bytes], content_type: str, name: str) -> Response:
    """A file of that name, sent piece by piece."""
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
