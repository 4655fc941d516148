"""What is generated and kept in the repository is what the code would write today."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pingliang.app.cli import cli

ROOT = Path(__file__).resolve().parents[1]
found = re.search(r"^SCHEMAS := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
KINDS = found[1].split() if found else []


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_kept_is_the_schema_printed(kind: str) -> None:
    printed = CliRunner().invoke(cli, ["schema", kind])
    assert printed.exit_code == 0, printed.output
    kept = (ROOT / "config" / "schemas" / f"{kind}.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(printed.output), "run make docs"


def test_the_makefile_keeps_some_schemas() -> None:
    assert {"chain", "experiment"} <= set(KINDS)
