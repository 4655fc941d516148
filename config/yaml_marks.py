"""Read a YAML file into plain Python values beside a tree of places, so that every error can point at its line.

The values follow YAML 1.2, not 1.1: ``no`` and ``on`` are text (and read as booleans where one is wanted), ``1e3`` is a
number, ``1:30`` and dates are text.  Duplicate keys, tags, leading zeros, several documents, self-containing anchors
and anchors that explode are refused.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from .errors import Problem, describe, shown_path
from .places import Document
from .yaml_compose import Composer, Stop

BYTES_LIMIT = 8_000_000


def read(path: Path) -> Document:
    """Read one file; whatever is wrong with it is in ``problems``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Document(path, [], problems=[Problem(shown_path(path), 0, 0, f"cannot be read: {error.strerror}")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig", errors="replace")
        document = Document(path, good.splitlines() or [""])
        column = len(good.rsplit("\n", 1)[-1])
        byte = raw[error.start]
        document.add(good.count("\n"), column, f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8")
        return document
    return read_text(path, text)


def read_text(path: Path, text: str) -> Document:
    """Read the text of one file; whatever is wrong with it is in ``problems``."""
    document = Document(path, re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text))  # the line ends of YAML
    if len(text) > BYTES_LIMIT:
        document.add(0, 0, f"the file is larger than {BYTES_LIMIT // 1_000_000} MB; split it")
        return document
    try:
        Composer(document).compose(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        column = len(before.rsplit("\n", 1)[-1])
        document.add(before.count("\n"), column, "a character that YAML does not allow; remove it")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.add(mark.line if mark else 0, mark.column if mark else 0, _syntax(error, document))
    except yaml.YAMLError as error:
        document.add(0, 0, f"this is not YAML: {' '.join(str(error).split())}")
    except Stop:
        pass
    if document.problems:
        return document
    if not isinstance(document.data, dict):
        kind = "is empty" if document.data is None else f"is {describe(document.data)}"
        document.add(document.place.line, document.place.column, f"the file {kind}; it must be a mapping (key: value)")
    return document


def _syntax(error: yaml.MarkedYAMLError, document: Document) -> str:
    """Say what broke the syntax, and the usual mend."""
    mark = error.problem_mark
    line = document.lines[mark.line] if mark and mark.line < len(document.lines) else ""
    at = line[mark.column : mark.column + 1] if mark else ""
    if at in {"%", "@", "`"} and at:
        return f"a value cannot start with {at}; put it in quotes: '{at}'"
    if at == "\t":
        return "a tab cannot indent; use spaces"
    context = f" {error.context}" if error.context else ""
    began = ""
    if error.context_mark is not None and mark is not None and error.context_mark.line != mark.line:
        began = f" begun in line {error.context_mark.line + 1}"
    return (
        f"this is not YAML: {error.problem or 'syntax error'}{context}{began}; mend the line or put the value in quotes"
    )
