"""Where every value of a YAML file stands, so that an error can point at its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import Problem, problem_at, shown_path

Span = tuple[int, int, int]  # line and column from 0, length


@dataclass(slots=True)
class Place:
    """Where a value stands (line, column from 0), where its keys stand, and the places inside it."""

    line: int
    column: int
    length: int = 1  # 0 for an empty value
    scalar: bool = True
    size: int = 1  # values it holds, itself included, with every alias written out
    keys: dict[str, Span] = field(default_factory=dict)
    named: dict[str, Place] = field(default_factory=dict)
    listed: list[Place] = field(default_factory=list)

    @property
    def span(self) -> Span:
        """Line, column and length."""
        return self.line, self.column, self.length


@dataclass(slots=True)
class Document:
    """A file as read: plain values, their places, and what is wrong so far."""

    path: Path
    lines: Sequence[str]
    data: Any = None
    place: Place = field(default_factory=lambda: Place(0, 0))
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: int, message: str, length: int = 1) -> None:
        """Note a problem at a place that counts from 0."""
        self.problems.append(problem_at(shown_path(self.path), self.lines, line, column, message, length))

    def locate(self, where: Sequence[str | int], *, key: bool = False) -> Span:
        """Find line, column and length of the value (or of its key) nearest to a dotted place."""
        place, found = self.place, self.place.span
        for at, part in enumerate(where):
            name = str(part)
            if name in place.named:
                owner, place = place, place.named[name]
                wants_key = key and at == len(where) - 1
                found = place.span if place.scalar and place.length and not wants_key else owner.keys[name]
            elif isinstance(part, int) and part < len(place.listed):
                place = place.listed[part]
                found = place.span
            else:
                break
        return found

    def wrong(self, where: Sequence[str | int], message: str, *, key: bool = False) -> Problem:
        """Make a problem at a place inside the document."""
        line, column, length = self.locate(where, key=key)
        return problem_at(shown_path(self.path), self.lines, line, column, message, length)
