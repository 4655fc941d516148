"""The typed shape of a file in config/experiments/: scenarios, factors, design, replicates, outputs, engine."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .schema import Name, Number, Scenario, Strict, Whole

Role = Literal["uncertainty", "lever", "dummy"]
DesignKind = Literal["none", "grid", "oat", "lhs", "sobol", "morris", "saltelli", "table", "posterior"]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Values = Annotated[list[Number | str], Field(min_length=1)]
LISTED = ("table", "posterior")
SAMPLED = ("lhs", "sobol", "morris", "saltelli")
POWERS_OF_TWO = ("sobol", "saltelli")


class Uniform(Strict):
    """Every value between two limits is as likely as any other."""

    kind: Literal["uniform"]
    low: Number
    high: Number

    @model_validator(mode="after")
    def _limits_in_order(self) -> Uniform:
        _ordered(self.low, self.high)
        return self


class LogUniform(Strict):
    """Every ratio is as likely as any other: for numbers known to an order of magnitude."""

    kind: Literal["loguniform"]
    low: Number = Field(gt=0)
    high: Number = Field(gt=0)

    @model_validator(mode="after")
    def _limits_in_order(self) -> LogUniform:
        _ordered(self.low, self.high)
        return self


class Triangular(Strict):
    """One most likely value and two limits."""

    kind: Literal["triangular"]
    low: Number
    mode: Number
    high: Number

    @model_validator(mode="after")
    def _limits_in_order(self) -> Triangular:
        _ordered(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"mode {self.mode:g} lies outside {self.low:g} to {self.high:g}")
        return self


class Normal(Strict):
    """A bell curve cut off at two limits, so that no draw leaves the range of what it changes."""

    kind: Literal["normal"]
    mean: Number
    sd: Number = Field(gt=0)
    low: Number
    high: Number

    @model_validator(mode="after")
    def _limits_in_order(self) -> Normal:
        _ordered(self.low, self.high)
        if not self.low <= self.mean <= self.high:
            raise ValueError(f"mean {self.mean:g} lies outside {self.low:g} to {self.high:g}")
        return self


def _ordered(low: float, high: float) -> None:
    if not low < high:
        raise ValueError(f"low {low:g} is not below high {high:g}")


Distribution = Annotated[Uniform | LogUniform | Triangular | Normal, Field(discriminator="kind")]


class Factor(Strict):
    """One thing a design varies.

    Without distribution and values it goes evenly over the range its number declares. A dummy changes nothing but the
    luck of a run; what it seems to do is the noise floor of a sensitivity analysis.
    """

    name: str = Field(pattern="^[a-z][a-z0-9_]*$", description="its column in points.parquet")
    label: Name | None = None
    role: Role = "uncertainty"
    path: str | None = Field(
        default=None, description="dotted path into the configuration, or a form, e.g. forms.criticality"
    )
    distribution: Distribution | None = None
    values: Values | None = Field(default=None, description="levels, each as likely; text for forms")

    @model_validator(mode="after")
    def _one_way_to_vary(self) -> Factor:
        if self.role == "dummy" and (self.path or self.distribution or self.values):
            raise ValueError("a dummy changes nothing: leave out path, distribution and values")
        if self.role != "dummy" and self.path is None:
            raise ValueError("give the path of what varies, e.g. path: parameters.labour.quit_rate")
        if self.distribution is not None and self.values is not None:
            raise ValueError("give a distribution or values, not both")
        return self


class Design(Strict):
    """Which points of the factors' space are run; `n` is points, base points (saltelli) or trajectories (morris).

    A posterior is a file of draws, a column a factor and, if they are not all worth the same, a column `weight`; `n` of
    them are taken, in proportion to their weights, or all.
    """

    kind: DesignKind = "none"
    n: Annotated[int, Field(strict=True, ge=1)] | None = None
    levels: Annotated[int, Field(strict=True, ge=2, le=64)] = Field(default=4, description="of grid and morris")
    combine: Literal["cross", "zip"] = Field(
        default="cross", description="cross: every point in every scenario; zip: the first point in the first, …"
    )
    file: str | None = Field(
        default=None, description="CSV of a table, CSV or Parquet of a posterior, beside the experiment file"
    )
    rows: list[dict[str, Number | str]] | None = Field(default=None, description="points of a table or posterior")

    @model_validator(mode="after")
    def _what_the_kind_needs(self) -> Design:
        if self.kind in SAMPLED and self.n is None:
            raise ValueError(f"a {self.kind} design needs n")
        if self.kind not in (*SAMPLED, "posterior") and self.n is not None:
            raise ValueError(f"a design of kind {self.kind} takes no n; its points follow from the factors")
        if self.kind in POWERS_OF_TWO and self.n is not None and self.n & (self.n - 1):
            below = 2 ** math.floor(math.log2(self.n))
            raise ValueError(
                f"n = {self.n} is no power of two, which a {self.kind} design needs; {below} or {2 * below}"
            )
        if self.kind == "morris" and self.levels % 2:
            raise ValueError(f"levels = {self.levels}: a morris design needs an even number")
        if (self.kind in LISTED) != (self.file is not None or self.rows is not None):
            raise ValueError("a table or posterior design needs file or rows, and no other takes them")
        if self.file is not None and self.rows is not None:
            raise ValueError("give file or rows, not both")
        return self


class Until(Strict):
    """Go on until the mean of an indicator is known well enough in every scenario and point."""

    kpi: str = Field(description="indicator, as in runs/ without kpi_")
    half_width: Number = Field(gt=0, lt=1, description="of the 95 % interval of the mean, as a share of the mean")
    most: Whole = Field(ge=3, description="replicates at most")


class Replicates(Strict):
    """How often each scenario is run at each point."""

    n: Whole = Field(ge=1)
    until: Until | None = None

    @model_validator(mode="after")
    def _an_interval_needs_two(self) -> Replicates:
        if self.until is not None and self.n < 3:
            raise ValueError("until needs at least 3 replicates to start with; put n: 3 or more")
        if self.until is not None and self.until.most < self.n:
            raise ValueError(f"until.most {self.until.most} is below n {self.n}")
        return self


class Seeds(Strict):
    """Where random numbers start."""

    root: Whole = Field(ge=0)
    crn: bool = Field(default=True, description="common random numbers across scenarios and points")


class SeriesChoice(Strict):
    """The part of the series that is kept; what is left out keeps all."""

    variables: list[str] | None = Field(default=None, min_length=1)
    start: Month | None = Field(default=None, description="first month kept")
    end: Month | None = Field(default=None, description="last month kept")
    months: list[Annotated[int, Field(strict=True, ge=1, le=12)]] | None = Field(
        default=None, min_length=1, description="calendar months kept, e.g. [12]"
    )


class Kpi(Strict):
    """One more indicator of a run: a variable of the series, summed over its cells, in one year."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    variable: str
    chain: str | None = None
    county: str | None = None
    year: Whole | None = Field(default=None, description="default: the last calendar year of the run")
    over: Literal["sum", "mean", "end"] = Field(default="sum", description="of the months: their sum, mean or last")


class Snapshot(Strict):
    """All columns of a kind of agents at the end of chosen months, of chosen replicates."""

    agents: Literal["workers", "farms", "firms"]
    months: list[Month] = Field(min_length=1)
    replicates: list[Whole] = Field(default_factory=lambda: [0], min_length=1)


class Outputs(Strict):
    """What of a run is stored; the row of every run with its indicators always is."""

    series: Literal["all", "none"] | SeriesChoice = "all"
    kpis: list[Kpi] = Field(default_factory=list, description="besides those of every run")
    snapshots: list[Snapshot] = Field(default_factory=list)


class Analysis(Strict):
    """What `pingliang sensitivity` looks at when nothing else is asked."""

    sensitivity: list[str] = Field(default_factory=list, description="indicators, as in runs/ without kpi_")


class Engine(Strict):
    """How the runs are carried out; nothing here changes a result."""

    workers: Literal["auto"] | Annotated[int, Field(strict=True, ge=1)] = "auto"
    address: str | None = Field(
        default=None, pattern=r"^(local|(tcp|tls|ucx|ws|wss)://.+)$", description="Dask: local, or tcp://host:port"
    )
    chunk: Literal["auto"] | Annotated[int, Field(strict=True, ge=1)] = Field(
        default="auto", description="runs stored together; auto: about 30 s of work"
    )
    timeout: Annotated[float, Field(gt=0)] | None = Field(default=None, description="seconds a run may take")
    memory_gib: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="a worker process may use; by default 0.9 of the machine's memory over the workers"
    )
    checkpoint: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        default=None, description="months after which the state of a run is kept"
    )


class Experiment(Strict):
    """A file in config/experiments/: which scenarios, how long, how often."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]*$")
    title: Name
    question: Name
    start: str = Field(pattern=r"^\d{4}-\d{2}$")
    end: str = Field(pattern=r"^\d{4}-\d{2}$")
    scale: Number = Field(ge=0.001, le=1.0)
    replicates: Replicates
    seeds: Seeds
    scenarios: list[Scenario] = Field(min_length=1, description="the first is the baseline")
    factors: list[Factor] = Field(default_factory=list)
    ranges: list[str] = Field(
        default_factory=list, description="paths; every number with a range below them becomes a factor"
    )
    design: Design = Field(default_factory=Design)
    outputs: Outputs = Field(default_factory=Outputs)
    analysis: Analysis = Field(default_factory=Analysis)
    engine: Engine = Field(default_factory=Engine)
