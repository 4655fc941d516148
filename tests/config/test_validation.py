import json
import shutil
from pathlib import Path

import pytest

from pingliang.config.loader import ROOT
from pingliang.config.validation import KINDS, json_schema, validate_files


def test_good_files_have_no_problems(folder: Path) -> None:
    files = [*(folder / "chains").glob("*.yaml"), folder / "experiment.yaml", folder / "policies.yaml"]
    assert validate_files([*files, folder / "sources" / "common.yaml"]) == []


def test_a_chain_from_elsewhere_is_checked_against_the_rest(folder: Path, tmp_path: Path) -> None:
    text = (folder / "chains" / "rest.yaml").read_text(encoding="utf-8")
    text = text.replace("chain: rest", "chain: toy").replace("public_service", "toy_service")
    text = text.replace("remainder: tertiary\n    remainder_share: 1.0", "output: {value: 1, unit: 1e8 CNY/yr, "
                        "source: assumption, kind: measured}")  # fmt: skip
    toy = tmp_path / "toy.yaml"
    toy.write_text(text, encoding="utf-8")
    assert validate_files([toy], folder) == []
    toy.write_text(
        text.replace("sector: G27", "sector: G72").replace("unit: CNY2020", "unit: CYN2020"), encoding="utf-8"
    )
    messages = [problem.message for problem in validate_files([toy], folder)]
    assert any("unknown sector 'G72'; did you mean 'G27'?" in message for message in messages)
    assert any("unknown unit 'CYN2020'; did you mean 'CNY2020'?" in message for message in messages)


def test_problems_of_other_files_are_not_listed(folder: Path) -> None:
    (folder / "drivers.yaml").write_text("drivers: 5\n", encoding="utf-8")
    (folder / "chains" / "rest.yaml").write_text("chain: rest\nname: 5\n", encoding="utf-8")
    problems = validate_files([folder / "chains" / "rest.yaml"])
    assert problems
    assert {Path(problem.path).name for problem in problems} == {"rest.yaml"}


def test_all_files_are_checked_at_once(folder: Path) -> None:
    for file, old, new in (
        ("experiment.yaml", "scale: 0.01", "scale: 7"),
        ("chains/coal.yaml", "census: mining", "cenus: mining"),
    ):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    problems = validate_files([folder / "experiment.yaml", folder / "chains" / "coal.yaml"])
    assert {Path(problem.path).name for problem in problems} == {"experiment.yaml", "coal.yaml"}


@pytest.mark.parametrize("content", ["a: 1\n", "", "- 1\n", "\x00", "a: [\n", "&a [*a]"])
def test_what_is_no_configuration_file_is_said_so(folder: Path, content: str) -> None:
    path = folder / "other.yaml"
    path.write_text(content, encoding="utf-8")
    (problem,) = validate_files([path], folder)
    assert problem.line >= 1


def test_a_file_that_is_not_there(folder: Path) -> None:
    (problem,) = validate_files([folder / "none.yaml"], folder)
    assert "cannot be read" in problem.message


def test_the_copy_of_a_chain_takes_its_place(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(folder / "chains" / "coal.yaml", tmp_path / "mine.yaml"))
    assert validate_files([copy], folder) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_json_schema(kind: str) -> None:
    schema = json_schema(kind)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_committed_schemas_are_current(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(path.stem), "run `make docs`"


def test_units_and_bounds_are_in_the_json_schema() -> None:
    stage = json_schema("chain")["$defs"]["Stage"]["properties"]
    assert "at least 0" in str(stage["recipe"])
    assert "CNY/CNY" in str(stage["recipe"])
    with pytest.raises(KeyError, match="did you mean 'chain'"):
        json_schema("chains")
