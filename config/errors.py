"""How a configuration error is shown: file, line, column, what is wrong, what would be right, and the line itself."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

LINE_LIMIT = 140


@dataclass(frozen=True, order=True)
class Problem:
    """One error in one file; lines and columns count from 1, line 0 where there is no line to show."""

    path: str
    line: int
    column: int
    message: str
    source_line: str = ""
    length: int = 1

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        head = f"{where}: {self.message}"
        if not self.source_line.strip():
            return head
        return f"{head}\n{self._excerpt()}"

    def _excerpt(self) -> str:
        """Show the line with carets under what is wrong; of a long line only the part around it."""
        line = self.source_line.rstrip("\r\n")
        start = max(0, self.column - 1 - LINE_LIMIT // 2) if len(line) > LINE_LIMIT else 0
        shown = (
            ("…" if start else "") + line[start : start + LINE_LIMIT] + ("…" if len(line) > start + LINE_LIMIT else "")
        )
        column = self.column - 1 - start + (1 if start else 0)
        before = "".join("\t" if letter == "\t" else " " * width(letter) for letter in shown[:column])
        under = shown[column : column + max(self.length, 1)]
        return f"{self.line:>5} | {shown}\n{' ' * 5} | {before}{'^' * max(width(under), 1)}"


class ConfigError(Exception):
    """All that is wrong with a configuration, sorted by file and line.

    Attributes
    ----------
    problems : list of Problem
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(str(self))

    def __str__(self) -> str:
        files = len({problem.path for problem in self.problems})
        count = len(self.problems)
        summary = f"{count} error{'s' * (count != 1)} in {files} file{'s' * (files != 1)}"
        return "\n".join([*map(str, self.problems), summary])


def width(text: str) -> int:
    """Count the terminal columns of a text: Chinese characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def nearest(name: str, known: Iterable[str], *, listed: int = 10) -> str:
    """Suggest the known name nearest to a mistyped one, or list what there is."""
    names = tuple(str(item) for item in known)
    near = _close(str(name), names)
    if near:
        return f"did you mean '{near[0]}'?"
    if not names:
        return "there is none to choose from"
    if len(names) > 4 * listed:
        return f"none of the {len(names)} known names is near"
    rest = len(names) - listed
    return "known: " + ", ".join(sorted(names)[:listed]) + (f" and {rest} more" if rest > 0 else "")


@lru_cache(maxsize=1024)
def _close(name: str, names: tuple[str, ...]) -> list[str]:
    return get_close_matches(name, names, n=1, cutoff=0.6)


def shown_path(path: str | Path) -> str:
    """Write a path the way a user in the current directory would."""
    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute) if absolute.startswith(os.getcwd() + os.sep) else absolute
    return Path(relative).as_posix()


def problem_at(path: str, lines: Sequence[str], line: int, column: int, message: str, length: int = 1) -> Problem:
    """Make a problem from a place that counts from 0."""
    text = lines[line] if 0 <= line < len(lines) else ""
    return Problem(path, line + 1, column + 1, message, text, max(1, min(length, max(1, len(text) - column))))


def describe(value: Any) -> str:
    """Name a value of a YAML file in words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"the text '{value if len(value) <= 40 else value[:37] + '...'}'"
    return f"the number {value!r}"
