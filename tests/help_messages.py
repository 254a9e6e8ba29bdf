"""Lets Babel find what `--help` says: the docstrings of commands and the `help=` of their options."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

from interface.cli.output import message_of

COMMANDS = ("command", "group")


def extract(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[int, str, Any, Any]]:
    """Babel's own Python messages and, besides, every text of help: line, function, text, comments."""
    source = file.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, options)
    for line, text in helps(ast.parse(source)):
        yield line, "say", text, []


def helps(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts of help in a module, as the command line looks them up."""
    for node in ast.walk(tree):
        is_command = isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list))
        if is_command and (docstring := ast.get_docstring(node)):
            yield node.lineno, message_of(docstring)
        if isinstance(node, ast.keyword) and node.arg == "help" and isinstance(node.value, ast.Constant):
            yield node.value.lineno, message_of(str(node.value.value))


def _is_command(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in COMMANDS
    )
