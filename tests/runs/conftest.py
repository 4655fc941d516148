"""The stand-in model must be importable by name in the workers, so its folder goes on the path they inherit."""

import sys
from pathlib import Path

import pytest

from pingliang.runs import fingerprint

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.append(FOLDER)


@pytest.fixture(autouse=True)
def unchanged_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code count as unchanged, so that saving a file while the tests run makes no results folder stale."""
    monkeypatch.setattr(fingerprint, "_hash_code", lambda package: "code")
