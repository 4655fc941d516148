"""Whatever is done to a chain file: it is valid, or its errors are located; nothing ever breaks with a traceback."""

# ruff: noqa: E501 - one case a line reads better

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pingliang.config.errors import Problem
from pingliang.config.files import validate
from pingliang.config.schema import Chain
from pingliang.config.validation import validate_files
from pingliang.config.yaml_marks import read, read_text

TEXT = Path(__file__).with_name("fixture").joinpath("chains", "coal.yaml").read_text(encoding="utf-8")
DATA = read_text(Path("coal.yaml"), TEXT).data
NASTY = st.sampled_from(
    [None, True, 0, -1, 1e308, float("nan"), float("inf"), "", "no", "%", "甲", [], {}, [1, 2], {"a": 1}, "1e8 CNY", [[]],
     {"value": 1}, {"value": 2, "unit": "t", "source": [], "kind": "measured"}, "coal_mining", 10**30, "unit", {"values": 3}]
)  # fmt: skip


def ways(data: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way, *(found for key, value in inner for found in ways(value, (*way, key)))]


WAYS = [way for way in ways(DATA) if way]


def assert_located(problems: list[Problem], text: str) -> None:
    lines = text.splitlines() or [""]
    for problem in problems:
        assert 1 <= problem.line <= len(lines) + 1, str(problem)
        assert problem.column >= 1
        assert problem.message
        str(problem)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(WAYS), NASTY | st.just("drop") | st.just("rename")), min_size=1, max_size=3))
def test_changed_values(whole: Path, tmp_path_factory: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = copy.deepcopy(DATA)
    for way, change in changes:
        _change(data, way, change)
    text = yaml.safe_dump(data, allow_unicode=True)
    path = tmp_path_factory.mktemp("mutated") / "coal.yaml"
    path.write_text(text, encoding="utf-8")
    assert_located([p for p in validate_files([path], whole) if p.path.endswith("coal.yaml")], text)


def _change(data: Any, way: tuple[Any, ...], change: Any) -> None:
    for part in way[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return  # an earlier change took it away
    try:
        old = data[way[-1]]
        if change == "drop":
            del data[way[-1]]
        elif change == "rename" and isinstance(data, dict):
            data[f"{way[-1]}x"] = data.pop(way[-1])
        else:
            data[way[-1]] = copy.deepcopy(change) if change != "rename" else old
    except (KeyError, IndexError, TypeError):
        return


@settings(max_examples=200)
@given(st.integers(0, len(TEXT)), st.integers(0, 30), st.text(alphabet="ab1.:-{}[]&*!%'\"# \n甲\t", max_size=8))
def test_changed_text(tmp_path_factory: Any, start: int, cut: int, put: str) -> None:
    text = TEXT[:start] + put + TEXT[start + cut :]
    path = tmp_path_factory.mktemp("mutated") / "coal.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = validate(read(path), Chain)
    assert loaded.model is not None or loaded.problems
    assert_located(list(loaded.problems), text)
