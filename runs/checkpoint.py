"""Decides when the state of a long run is kept, and takes it up again: a run goes on as if it had never stopped.

The state is the pickled model: its agents, markets, money and all that was recorded. Random numbers need no state, as
every draw is a function of seed, name, key and month. A checkpoint counts only for the same run of the same experiment
and code; one that cannot be read is thrown away and the run starts again.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import write_file

if TYPE_CHECKING:
    from .single import Run

FOLDER = "checkpoints"


@dataclass(frozen=True)
class Checkpoints:
    """Where the states of an experiment's runs are kept, and how often.

    Attributes
    ----------
    folder : Path
        ``checkpoints/`` of the results folder; workers on other machines need to see the same disk.
    every : int
        Months between two states.
    months : int
        Of a whole run; at its end no state is kept.
    key : str
        Hash of the experiment.
    """

    folder: Path
    every: int
    months: int
    key: str

    def due(self, months_done: int) -> bool:
        """Tell whether the state after so many months is to be kept."""
        return months_done % self.every == 0 and months_done < self.months

    def keep(self, run: Run, model: Any, agents: Any, months_done: int) -> None:
        """Keep the state of a run in place of its former one."""
        self.folder.mkdir(exist_ok=True)
        state = {"key": self._key(run), "months": months_done, "model": model, "agents": agents}
        write_file(self._path(run), lambda file: pickle.dump(state, file, protocol=5))

    def restore(self, run: Run) -> tuple[Any, Any, int]:
        """Take up the state of a run: model, snapshots so far and months done; (None, {}, 0) where there is none."""
        path = self._path(run)
        try:
            with path.open("rb") as file:
                state = pickle.load(file)
        except FileNotFoundError:
            return None, {}, 0
        except Exception:  # noqa: BLE001 - a broken pickle can raise anything; the run then starts again
            path.unlink(missing_ok=True)
            return None, {}, 0
        if state["key"] != self._key(run) or state["months"] >= self.months:
            return None, {}, 0
        return state["model"], state["agents"], int(state["months"])

    def drop(self, run_id: str) -> None:
        """Forget the state of a run that is done."""
        (self.folder / f"{run_id}.pickle").unlink(missing_ok=True)

    def _path(self, run: Run) -> Path:
        return self.folder / f"{run.run_id}.pickle"

    def _key(self, run: Run) -> tuple[str, str, int]:
        return self.key, run.run_id, run.seed
