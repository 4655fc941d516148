"""docs/odd.md names every column of every agent and every sentence of the month, in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pingliang.agents import months
from pingliang.agents.model import Farm, Firm, IndustryChainModel, Worker

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "odd.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("agent", [Worker, Farm, Firm])
def test_every_column_is_described(agent: type) -> None:
    part = TEXT.split(f": {agent.__name__}`)")[1].split("\n### ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE)) == set(agent.columns)


def test_the_schedule_is_the_step() -> None:
    called = IndustryChainModel.step.__code__.co_names
    sentences = [name for name in called if name != "month" and hasattr(months, name)]
    assert re.findall(r"^\d+\. `(\w+)` -", TEXT, flags=re.MULTILINE) == sentences
