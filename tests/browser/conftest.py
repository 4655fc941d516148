"""Report, comparison and brief of a made-up result set, and a headless Chromium to open them in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ANALYSIS = str(Path(__file__).parents[1] / "analysis")
if ANALYSIS not in sys.path:
    sys.path.append(ANALYSIS)


# No sandbox, as tests may run as root; and no talk with the browser's maker.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write all pages a policymaker opens."""
    import synthetic

    from pingliang.analysis.brief import write_brief
    from pingliang.analysis.compare_report import write_comparison
    from pingliang.analysis.comparison import Comparison
    from pingliang.analysis.report import write_report

    folder = synthetic.write_results(tmp_path_factory.mktemp("results"))
    config = synthetic.config()
    comparison = Comparison([folder], config=config)
    return {
        "report": write_report(folder, config=config, graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes()),
        "compare": write_comparison(comparison, folder / "compare"),
        "brief": write_brief(comparison, folder / "compare" / "brief.zh.html"),
    }


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium under playwright; the tests need both."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no chromium on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
