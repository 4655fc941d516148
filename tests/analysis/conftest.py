"""One made-up result set and its report, shared by the tests of this folder."""

import sys
from pathlib import Path

import pytest

from pingliang.analysis.report import write_report
from pingliang.analysis.results import Results

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.append(FOLDER)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenarios, three replicates, 72 months."""
    import synthetic

    return synthetic.write_results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def run(folder: Path) -> Results:
    import synthetic

    return Results(folder, synthetic.config())


@pytest.fixture(scope="session")
def report(folder: Path) -> Path:
    import synthetic

    return write_report(folder, config=synthetic.config(), graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes())
