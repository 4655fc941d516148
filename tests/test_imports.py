"""Data flows config → chains → agents → runs → analysis → app, and no import points the other way."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("config", "chains", "agents", "runs", "analysis", "app")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def imported_modules(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute name of every module a source text imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            # `from .. import chains` names the folder only among the imported names.
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def wrong_imports(source: str, package: str) -> list[str]:
    """Return what is wrong with the imports of a module of a package such as ``pingliang.chains``."""
    folder = package.split(".")[1]
    wrong = []
    for line, name in imported_modules(source, package):
        parts = name.split(".")
        if parts[0] in FOLDERS:
            wrong.append(f"line {line}: import {name} finds nothing once installed; write from ..{name} import …")
        elif parts[0] == "pingliang" and (len(parts) < 2 or parts[1] not in FOLDERS):
            # The front door opens every room, so going through it hides an import to the right.
            if parts[1:] != ["__version__"]:
                wrong.append(f"line {line}: {name} comes through the front door; import it from its folder")
        elif parts[0] == "pingliang" and FOLDERS.index(parts[1]) > FOLDERS.index(folder):
            wrong.append(f"line {line}: {folder} imports {parts[1]}, which lies to its right")
        elif folder == "config" and parts[0] == "mesa":
            wrong.append(f"line {line}: config imports mesa")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(ROOT).as_posix() for path in FILES])
def test_no_import_points_rightwards(path: Path) -> None:
    package = ".".join(("pingliang", *path.relative_to(ROOT).parent.parts))
    assert wrong_imports(path.read_text(encoding="utf-8"), package) == []


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("from ..agents.model import IndustryChainModel", "pingliang.chains"),
        ("from .. import runs", "pingliang.agents"),
        ("from ...app import cli", "pingliang.analysis.fonts"),
        ("def late():\n    import pingliang.analysis.report", "pingliang.runs"),
        ("from pingliang import IndustryChainModel", "pingliang.chains"),
        ("from .. import load", "pingliang.chains"),
        ("from chains.graph import SupplyGraph", "pingliang.agents"),
        ("import mesa.agent", "pingliang.config"),
    ],
)
def test_a_wrong_import_is_seen(source: str, package: str) -> None:
    assert len(wrong_imports(source, package)) == 1


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("from ..config.schema import Quantity", "pingliang.app"),
        ("from . import schema", "pingliang.config"),
        ("from .. import __version__", "pingliang.runs"),
        ("import mesa", "pingliang.agents"),
    ],
)
def test_a_right_import_passes(source: str, package: str) -> None:
    assert wrong_imports(source, package) == []


def test_loading_the_configuration_leaves_mesa_alone() -> None:
    script = "import sys; sys.path.insert(0, '.src'); import pingliang.config.loader; sys.exit('mesa' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


def test_the_front_door_opens_no_room_before_it_is_asked() -> None:
    script = (
        "import sys; sys.path.insert(0, '.src'); import pingliang; pingliang.__version__;"
        "heavy = {'mesa', 'numpy', 'pandas', 'matplotlib', 'pydantic'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


def test_the_front_door_names_what_is_public() -> None:
    import pingliang
    from pingliang.agents.model import IndustryChainModel
    from pingliang.config.loader import load

    assert pingliang.load is load
    assert pingliang.IndustryChainModel is IndustryChainModel
    assert set(pingliang.__all__) == set(dir(pingliang))
    with pytest.raises(AttributeError, match="public names: IndustryChainModel"):
        _ = pingliang.no_such_name
