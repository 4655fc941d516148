import json

import networkx as nx
import pytest

from pingliang.analysis import report
from pingliang.analysis.results import IncompleteResults
from pingliang.app import showing


@pytest.fixture
def toy(tmp_path):
    file = tmp_path / "toy.yaml"
    file.write_text("", encoding="utf-8")
    return file


def test_the_reports_path_is_printed_last(call, toy, monkeypatch):
    asked = {}

    def write(path, *, config):
        asked.update(path=path, config=config)
        return path / "report.html"

    monkeypatch.setattr(report, "write_report", write)
    done = call("run", toy, "-j", 1, "--set", "fail_all=0")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == str(asked["path"] / "report.html")
    assert asked["config"].growth == 0.01
    again = call("report", asked["path"])
    assert again.stdout.splitlines() == [str(asked["path"] / "report.html")]
    assert json.loads(call("run", toy, "-j", 1, "--json").stdout)["report"].endswith("report.html")


def test_a_report_that_cannot_be_made_is_said_and_the_results_stay(call, toy, monkeypatch):
    def refuse(path, *, config):
        raise IncompleteResults("no run of scenario 'faster' finished")

    monkeypatch.setattr(report, "write_report", refuse)
    done = call("run", toy, "-j", 1)
    assert done.exit_code == 0
    assert "no report: no run of scenario 'faster' finished" in done.stderr
    assert done.stdout.startswith("results")
    asked_for = call("report", done.stdout.strip())
    assert asked_for.exit_code == 2
    assert "no run of scenario" in asked_for.stderr


ROWS = [
    {
        "item_zh": "地区生产总值", "item_en": "GDP", "modelled": 476.16e8, "reference": 476.16e8, "unit": "CNY",
        "status": "observed", "tolerance": 0.001, "deviation": 0.0,
    },
    {
        "item_zh": "粮食", "item_en": "grain", "modelled": 1.5, "reference": None, "unit": "t",
        "status": "derived", "tolerance": None, "deviation": float("nan"),
    },
]  # fmt: skip


def test_base_prints_rows_for_people_and_for_machines(call, monkeypatch):
    monkeypatch.setattr(showing, "_base_report", lambda config: {"year": 2020})
    monkeypatch.setattr(showing, "_base_rows", lambda config, scale: [showing._finite_row(row) for row in ROWS])
    printed = call("base").stdout
    assert "地区生产总值" in printed
    assert "47,616,000,000" in printed
    rows = json.loads(call("base", "--json").stdout)["rows"]
    assert rows[0]["modelled"] == 476.16e8
    assert rows[1]["deviation"] is None


def test_a_graph_with_any_attributes_becomes_graphml(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_node("mine", name_zh="煤矿", output=1.5, binding=False, depth=None, chains=["coal"])
    graph.add_edge("mine", "plant", key=("coal", 1), flow=2.0, lag=None)
    nx.write_graphml(showing.for_graphml(graph), tmp_path / "graph.graphml")
    read = nx.read_graphml(tmp_path / "graph.graphml")
    assert read.nodes["mine"] == {"name_zh": "煤矿", "output": 1.5, "binding": False, "chains": "['coal']"}
    assert next(iter(read.edges(data=True)))[2]["flow"] == 2.0


def test_validate_names_all_errors_of_all_files_and_ends_with_2(call, tmp_path):
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    done = call("validate", "empty.yaml", "absent.yaml")
    assert done.exit_code == 2
    assert "empty.yaml:1:1" in done.stderr
    assert "absent.yaml" in done.stderr
    assert "2 errors in 2 files" in done.stderr
    assert done.stdout == ""


def test_schema_of_one_kind_and_of_all(call):
    assert "stages" in json.loads(call("schema", "chain").stdout)["properties"]
    assert {"chain", "experiment", "policies"} <= set(json.loads(call("schema").stdout))
    wrong = call("schema", "chian")
    assert wrong.exit_code == 2
    assert "did you mean 'chain'?" in wrong.stderr
