"""The long test, by hand: an experiment gives the same bits however it is carried out, killed and resumed.

``make soak`` runs 200 runs of the real model (scale 0.001, two months) in each way; ``--runs`` and ``--months`` change
that. Prints the digest and the seconds of every way, and ends with 1 if one differs.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psutil

BIN = Path(sys.executable).parent
EXPERIMENT = """
name: soak
title: {{zh: 耐久测试, en: soak}}
question: {{zh: 结果是否逐位相同？, en: "The same bits?"}}
start: 2021-01
end: 2021-{months:02d}
scale: 0.001
replicates: {{n: {replicates}}}
seeds: {{root: 2020}}
scenarios: [{{name: baseline, label: {{zh: 基准, en: baseline}}}}]
factors:
  - {{name: quit_rate, path: parameters.labour.quit_rate}}
  - {{name: luck, role: dummy}}
design: {{kind: lhs, n: 10}}
"""


class Soak:
    """One experiment file and a folder for the results of every way to run it."""

    def __init__(self, folder: Path, runs: int, months: int) -> None:
        self.folder, self.runs = folder, runs
        self.file = folder / "soak.yaml"
        self.file.write_text(EXPERIMENT.format(months=months, replicates=max(runs // 10, 1)), encoding="utf-8")

    def start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start the experiment into a folder of its own."""
        command = [
            str(BIN / "pingliang"),
            "run",
            str(self.file),
            "--no-report",
            "--out",
            str(self.folder / name),
            *words,
        ]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for an experiment; every run must have finished."""
        if process.wait() != 0:
            raise SystemExit(f"soak: a run ended with exit code {process.returncode}")

    def wait_for_parts(self, name: str, process: subprocess.Popen[bytes], share: float) -> None:
        """Wait until a share of the runs is stored."""
        while process.poll() is None and len(list((self.folder / name / "runs").glob("part-*"))) < share * self.runs:
            time.sleep(0.1)

    def digest(self, name: str) -> str:
        """Hash the results of a way."""
        command = [str(BIN / "pingliang"), "results", "digest", str(self.folder / name)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def plain(words: list[str]) -> Callable[[Soak, str], None]:
    def go(soak: Soak, name: str) -> None:
        soak.finish(soak.start(name, *words))

    return go


def worker_killed(soak: Soak, name: str) -> None:
    driver = soak.start(name, "-j", "2", "--set", "engine.chunk=1")
    for share in (0.1, 0.5):
        soak.wait_for_parts(name, driver, share)
        if children := psutil.Process(driver.pid).children(recursive=True):
            children[-1].kill()
    soak.finish(driver)


def driver_killed(soak: Soak, name: str) -> None:
    for share in (0.1, 0.4, 0.7):
        driver = soak.start(name, "-j", "2", "--set", "engine.chunk=1")
        soak.wait_for_parts(name, driver, share)
        driver.kill()
        driver.wait()
    soak.finish(soak.start(name, "-j", "2"))


@contextmanager
def cluster(workers: int):
    """A scheduler and workers on loopback, started by their two shell commands."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address = f"tcp://127.0.0.1:{port}"
    scheduler = subprocess.Popen(
        [BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet
    )
    words = ["--nthreads", "1", "--nworkers", str(workers), "--no-dashboard"]
    worker = subprocess.Popen([BIN / "dask", "worker", address, *words], **quiet)
    try:
        yield address, worker
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait(timeout=60)


def on_a_cluster(soak: Soak, name: str) -> None:
    with cluster(2) as (address, worker):
        driver = soak.start(name, "--address", address, "--set", "engine.chunk=2")
        soak.wait_for_parts(name, driver, 0.15)
        nannies = [child for child in psutil.Process(worker.pid).children(recursive=True) if not child.children()]
        nannies[0].kill()
        soak.finish(driver)


WAYS: dict[str, Callable[[Soak, str], None]] = {
    "one-process": plain(["-j", "1"]),
    "two-workers": plain(["-j", "2"]),
    "chunk-1": plain(["-j", "2", "--set", "engine.chunk=1"]),
    "chunk-7": plain(["-j", "2", "--set", "engine.chunk=7"]),
    "worker-killed": worker_killed,
    "driver-killed": driver_killed,
    "scheduler": on_a_cluster,
}


def main() -> int:
    """Go all ways and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("ways", nargs="*", default=list(WAYS))
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    soak, digests = Soak(folder, asked.runs, asked.months), {}
    try:
        for name in asked.ways:
            started = time.monotonic()
            WAYS[name](soak, name)
            digests[name] = soak.digest(name)
            print(f"{name:<15} {digests[name][:16]}  {time.monotonic() - started:6.0f} s", flush=True)
    finally:
        shutil.rmtree(folder)
    same = len(set(digests.values())) == 1
    print("the same bits" if same else "the bits differ")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
