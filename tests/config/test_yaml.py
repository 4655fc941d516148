# ruff: noqa: E501 - one case a line reads better

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pingliang.config.places import Document
from pingliang.config.yaml_marks import read, read_text


def said(text: str) -> Document:
    return read_text(Path("file.yaml"), text)


def only_problem(text: str) -> str:
    (problem,) = said(text).problems
    return str(problem).split("\n")[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("true", True), ("False", False), ("1e3", 1000.0), ("1E3", 1000.0),
        ("-1.5e-3", -0.0015), (".5", 0.5), ("12", 12), ("+12", 12), ("0", 0), ("0.5", 0.5), ("1:30", "1:30"), ("~", None),
        ("2021-01", "2021-01"), ("2021-01-01", "2021-01-01"), ("0x10", "0x10"), ("1_000", "1_000"), ("'5'", "5"),
        (".inf", ".inf"), (".nan", ".nan"), ("", None), ("9" * 400, float("inf")), ("1e8 CNY", "1e8 CNY"),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(written: str, value: object) -> None:
    document = said(f"a: {written}\n")
    assert document.problems == []
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


def test_keys_are_text_as_written() -> None:
    assert said("no: 1\non: 2\n2020: 3\n1: 4\n").data == {"no": 1, "on": 2, "2020": 3, "1": 4}


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "file.yaml:3:1", "duplicate key 'a', first in line 1"),
        ("a: {x: 1, x: 2}\n", "file.yaml:1:11", "duplicate key 'x'"),
        ("a: !!python/object:os.system x\n", "file.yaml:1:4", "the tag !!python/object:os.system is refused"),
        ("a: !!str 5\n", "file.yaml:1:4", "the tag !!str is refused"),
        ("a: !mine {b: 1}\n", "file.yaml:1:4", "the tag !mine is refused"),
        ("a: 010\n", "file.yaml:1:4", "could be read as octal"),
        ("", "file.yaml:1:1", "the file is empty"),
        ("# nothing\n", "file.yaml:1:1", "the file is empty"),
        ("- a\n- b\n", "file.yaml:1:1", "the file is a list"),
        ("text\n", "file.yaml:1:1", "the file is the text 'text'"),
        ("a: [1\nb: 2\n", "file.yaml:2:2", "this is not YAML"),
        ("a: *b\n", "file.yaml:1:4", "the alias *b has no anchor"),
        ("a: &b [*b]\n", "file.yaml:1:8", "the anchor &b contains itself"),
        ("a: 1\n---\nb: 2\n", "file.yaml:2:1", "a second document"),
        ("? [a, b]\n: 1\n", "file.yaml:1:3", "a key must be a single word"),
        ("unit: %\n", "file.yaml:1:7", "put it in quotes: '%'"),
        ("a: \x01\n", "file.yaml:1:4", "a character that YAML does not allow"),
        ("a:\n\tb: 1\n", "file.yaml:2:1", "a tab cannot indent"),
        ("a:\n  <<: 3\n", "file.yaml:2:3", "a merge key << takes a mapping"),
    ],
)
def test_what_is_refused_is_located(text: str, where: str, what: str) -> None:
    message = only_problem(text)
    assert message.startswith(f"{where}: ")
    assert what in message


def test_bytes_that_are_not_utf8_are_located(tmp_path: Path) -> None:
    path = tmp_path / "gbk.yaml"
    path.write_bytes("a: 1\n名: ".encode() + "平凉".encode("gbk"))
    (problem,) = read(path).problems
    assert (problem.line, problem.column) == (2, 5)  # the first two bytes happen to be a letter in UTF-8
    assert "is not UTF-8" in problem.message


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(path).data == {"a": 1}


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "none.yaml").problems
    assert "cannot be read" in problem.message


def test_several_errors_show_at_once() -> None:
    assert len(said("a: 1\na: 2\nb: !!int 3\nc: 007\n").problems) == 3


def test_merge_keys_and_anchors() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {y: 5, z: 6}\nmine:\n  <<: [*b, *o]\n  x: 9\ncopy: *b\n"
    document = said(text)
    assert document.problems == []
    assert document.data["mine"] == {"x": 9, "y": 2, "z": 6}
    assert document.data["copy"] == {"x": 1, "y": 2}
    assert document.locate(("mine", "y"))[:2] == (0, 19)
    assert document.locate(("mine", "x"))[:2] == (4, 5)


def test_exploding_anchors_are_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    message = only_problem("\n".join(lines))
    assert "anchors explode" in message
    assert message.startswith("file.yaml:6:")


def test_deep_nesting_is_refused() -> None:
    assert "nested more than" in only_problem("[" * 100_000)


def test_carets_stand_under_chinese_text() -> None:
    document = said("名称: {单位: 错}\n")
    head, line, carets = str(document.wrong(("名称", "单位"), "is wrong")).split("\n")
    assert head == "file.yaml:1:10: is wrong"
    assert line == "    1 | 名称: {单位: 错}"
    assert carets.endswith("^^")
    assert len(carets) - len("      | ") == 2 * 2 + 2 + 1 + 2 * 2 + 2 + 2


@settings(max_examples=300)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,\n \t<0189.甲", max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    document = said(text)
    assert document.problems or isinstance(document.data, dict)
    for problem in document.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        str(problem)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file.yaml"
    path.write_bytes(raw)
    document = read(path)
    assert document.problems or isinstance(document.data, dict)
