"""Build plain values and their places from the events of a YAML parser, without recursion and within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from .places import Document, Place, Span

SIZE_LIMIT = 200_000  # values in one file, with every alias written out
DEPTH_LIMIT = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(?:\.[0-9]*)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value, name in ((True, "true"), (False, "false")) for word in (name, name.title(), name.upper())
}


class Stop(Exception):
    """Reading cannot go on: the problem is noted."""


@dataclass(slots=True)
class _Frame:
    """An open mapping or sequence."""

    data: Any
    place: Place
    anchor: str | None
    key: tuple[str, Span, bool] | None = None
    merged: list[tuple[Any, Place, Span]] = field(default_factory=list)


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line, event.start_mark.column


def _length(event: Any, otherwise: int) -> int:
    """Count the letters of what stands in one line."""
    start, end = event.start_mark, event.end_mark
    return end.column - start.column if end.line == start.line else otherwise


class Composer:
    """Builds values and places from YAML events, without recursion."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Place] | None] = {}
        self.documents = 0

    def compose(self, text: str) -> None:
        """Go through the events of the text."""
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._note(event, "a second document starts here; one file holds one document")
            raise Stop

    def _note(self, event: yaml.Event, message: str) -> None:
        self.document.add(*_start(event), message, _length(event, 1))

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._note(event, f"the tag {tag} is refused: files hold plain values only; remove the tag")

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self.anchors:
            self._note(event, f"the alias *{event.anchor} has no anchor; write &{event.anchor} at the value it repeats")
            raise Stop
        anchored = self.anchors[event.anchor]
        if anchored is None:
            self._note(event, f"the anchor &{event.anchor} contains itself; write the value out")
            raise Stop
        self._add(anchored[0], anchored[1], event, plain=False)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._refuse_tag(event)
        place = Place(*_start(event), _length(event, len(event.value)))
        plain = event.style in (None, "") and event.tag is None
        is_key = bool(self.stack) and isinstance(self.stack[-1].data, dict) and self.stack[-1].key is None
        value = self._resolve(event) if plain and not is_key else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, place)
        self._add(value, place, event, plain=plain)

    def _resolve(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _LEADING_ZERO.fullmatch(text):
            self._note(
                event, f"{text} could be read as octal; write the number without leading zeros, or as text in quotes"
            )
        return text

    def _open(self, event: Any) -> None:
        self._refuse_tag(event)
        is_map = isinstance(event, yaml.MappingStartEvent)
        if len(self.stack) >= DEPTH_LIMIT:
            self._note(event, f"values are nested more than {DEPTH_LIMIT} deep; flatten them")
            raise Stop
        data: Any = {} if is_map else []
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(data, Place(*_start(event), scalar=False), event.anchor))

    def _close(self) -> None:
        frame = self.stack.pop()
        for data, place, where in frame.merged:
            self._merge(frame, data, place, where)
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.data, frame.place)
        self._add(frame.data, frame.place, None, plain=False)

    def _add(self, value: Any, place: Place, event: yaml.Event | None, *, plain: bool) -> None:
        """Put a finished value where it belongs: into the open mapping or sequence, or at the top."""
        if not self.stack:
            self.document.data, self.document.place = value, place
            return
        frame = self.stack[-1]
        frame.place.size += place.size
        if frame.place.size > SIZE_LIMIT:
            where = _start(event) if event else (place.line, place.column)
            self.document.add(*where, f"anchors explode to more than {SIZE_LIMIT:,} values; write fewer aliases")
            raise Stop
        if isinstance(frame.data, list):
            frame.data.append(value)
            frame.place.listed.append(place)
        elif frame.key is None:
            self._key(frame, value, place, plain, event)
        else:
            self._entry(frame, value, place)

    def _key(self, frame: _Frame, value: Any, place: Place, plain: bool, event: yaml.Event | None) -> None:
        line, column = _start(event) if event is not None else (place.line, place.column)
        where = (line, column, place.length)
        if isinstance(value, dict | list):
            self.document.add(where[0], where[1], "a key must be a single word or number, not a list or mapping")
            raise Stop
        frame.key = (value if isinstance(value, str) else str(value), where, plain and value == "<<")

    def _entry(self, frame: _Frame, value: Any, place: Place) -> None:
        assert frame.key is not None
        name, where, merge = frame.key
        frame.key = None
        if name in frame.place.keys:
            first = frame.place.keys[name][0] + 1
            self.document.add(where[0], where[1], f"duplicate key '{name}', first in line {first}; keep one", where[2])
            return
        frame.place.keys[name] = where
        if merge:
            frame.merged.append((value, place, where))
            return
        frame.data[name] = value
        frame.place.named[name] = place

    def _merge(self, frame: _Frame, data: Any, place: Place, where: Span) -> None:
        """Take over the entries of a merge key that the mapping does not give itself."""
        del frame.place.keys["<<"]
        sources = list(zip(data, place.listed, strict=True)) if isinstance(data, list) else [(data, place)]
        for source, inner in sources:
            if not isinstance(source, dict):
                self.document.add(*where[:2], "a merge key << takes a mapping or a list of mappings", where[2])
                return
            for name, value in source.items():
                if name not in frame.data:
                    frame.data[name] = value
                    frame.place.keys[name] = inner.keys[name]
                    frame.place.named[name] = inner.named[name]
