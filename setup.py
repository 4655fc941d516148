"""The repository root is the package ``pingliang``; the six folders beside this file are its subpackages."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
FOLDERS = ("config", "chains", "agents", "runs", "analysis", "app")


def packages() -> dict[str, str]:
    """Name every package and the folder it lives in."""
    found = {"pingliang": "."}
    for folder in FOLDERS:
        for init in sorted((ROOT / folder).rglob("__init__.py")):
            path = init.parent.relative_to(ROOT)
            found[".".join(("pingliang", *path.parts))] = path.as_posix()
    return found


class BuildWithoutSetup(build_py):
    """Keep this file out of the wheel: it lies in the root, but is no part of the package."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """List a package's modules; of the root only its front door."""
        modules: list[tuple[str, str, str]] = super().find_package_modules(package, package_dir)
        return [module for module in modules if package != "pingliang" or module[1] == "__init__"]


setup(
    packages=list(packages()),
    package_dir=packages(),
    package_data={
        "": ["py.typed"],
        "pingliang.app": ["*.yaml"],
        "pingliang.config": ["**/*.yaml", "**/*.json"],
        "pingliang.analysis": ["**/*.css", "**/*.js", "**/*.html", "**/*.otf", "**/*.txt"],
    },
    include_package_data=False,
    cmdclass={"build_py": BuildWithoutSetup},
)
