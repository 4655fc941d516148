"""The checkout, the lock file and the wheel are what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("config", "chains", "agents", "runs", "analysis", "app")
PYTHONS = ("3.11", "3.12", "3.13")


def project() -> dict:
    """Return the ``[project]`` table."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked() -> list[Requirement]:
    """Return the lines of the lock file."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_is_a_typed_package_behind_a_relative_link(folder: str) -> None:
    link = ROOT / ".src" / "pingliang" / folder
    assert os.readlink(link) == f"../../{folder}"
    assert (link / "__init__.py").is_file()
    assert (ROOT / folder / "py.typed").is_file()


def test_the_front_door_is_linked() -> None:
    assert os.readlink(ROOT / ".src" / "pingliang" / "__init__.py") == "../../__init__.py"


def test_the_lock_file_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^--|@", text, flags=re.MULTILINE)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_file_pins_every_dependency_once_for_each_python(python: str) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_python_implementation": "CPython",
    }
    here = [line for line in locked() if line.marker is None or line.marker.evaluate(environment)]
    names = [canonicalize_name(line.name) for line in here]
    assert len(names) == len(set(names))
    pins = {name: next(iter(line.specifier)) for name, line in zip(names, here, strict=True)}
    assert {pin.operator for pin in pins.values()} == {"=="}
    wanted = project()
    extras = wanted["optional-dependencies"]
    for line in [*wanted["dependencies"], *extras["dev"], *extras["experiments"]]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)].version), line


def test_the_makefile_has_the_words() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in ("run", "test", "lint", "types", "bench", "figures", "docs"):
        assert re.search(rf"^{word}: \$\(STAMP\)", text, flags=re.MULTILINE), word
    assert re.search(r"^install: \$\(STAMP\)", text, flags=re.MULTILINE)


def test_make_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python-without-venv"
    python.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n')
    python.chmod(0o755)
    make = ["make", "run", f"PYTHON={python}"]
    done = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source archive and from it the wheel, in a copy so that the checkout stays clean."""
    copy = tmp_path_factory.mktemp("copy") / "pingliang"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "results", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
    )
    shutil.copytree(ROOT, copy, symlinks=True, ignore=ignored)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (copy / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in a new environment that sees the locked dependencies but not the checkout."""
    home = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, timeout=120)
    (site_packages,) = home.glob("lib/python*/site-packages")
    # A plain path line: the editable install's own .pth in that folder is not read, so the wheel is what is imported.
    (site_packages / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]) + "\n")
    return python


def run_outside(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command far from the checkout."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if name.startswith("pingliang/")}
    assert "pingliang/setup.py" not in names
    assert all(name.startswith(("pingliang/", "pingliang-")) for name in names)
    assert {name.split("/")[1] for name in inside} == {"__init__.py", "py.typed", *FOLDERS}
    for folder in FOLDERS:
        wanted = {path for kind in ("*.py", "*.yaml", "*.otf") for path in (ROOT / folder).rglob(kind)}
        assert {f"pingliang/{path.relative_to(ROOT).as_posix()}" for path in wanted} <= inside
    assert "pingliang/analysis/fonts/OFL.txt" in inside
    assert any(name.startswith("pingliang/config/chains/") for name in inside)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_installed_wheel_reads_its_own_data(clean_python: Path, tmp_path: Path) -> None:
    script = (
        "import pingliang as pl\n"
        "from pingliang.analysis.fonts import FONT_FILE\n"
        "print(pl.__file__, FONT_FILE, FONT_FILE.exists(), len(pl.load().chains))"
    )
    done = run_outside([str(clean_python), "-c", script], tmp_path)
    assert done.returncode == 0, done.stderr
    package, font, there, chains = done.stdout.split()
    assert Path(package).is_relative_to(clean_python.parents[1])
    assert Path(font).is_relative_to(clean_python.parents[1])
    assert there == "True"
    assert int(chains) == 10


@pytest.mark.slow
def test_the_installed_command_answers(clean_python: Path, tmp_path: Path) -> None:
    command = str(clean_python.with_name("pingliang"))
    shown = run_outside([command, "--help"], tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "validate" in shown.stdout
    version = run_outside([command, "--version"], tmp_path)
    assert version.returncode == 0, version.stderr
    assert re.search(r"\d+\.\d+", version.stdout)


@pytest.mark.slow
def test_the_installed_wheel_runs_the_quick_start(clean_python: Path, tmp_path: Path) -> None:
    small = ["plan-2026", "--scale", "0.001", "--months", "24", "--replicates", "2", "-j", "1", "--out", "out"]
    done = run_outside([str(clean_python.with_name("pingliang")), "run", *small], tmp_path)
    assert done.returncode == 0, done.stderr
    report = tmp_path / done.stdout.splitlines()[-1]
    assert report.name == "report.html"
    assert report.stat().st_size > 100_000
    assert (tmp_path / "out" / "manifest.json").exists()
