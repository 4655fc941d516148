"""The typed shape of every configuration file: one pydantic model per file.

Field descriptions, units and bounds written here become the JSON Schema, the reference page and the error
messages.  Nothing in this module reads a file; see :mod:`pingliang.config.loader`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from .units import County as County
from .units import Unit, parse_unit, unit_factor

Kind = Literal["measured", "borrowed", "assumed"]
# 'true', text in quotes and infinities are no numbers
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]


def _known_unit(unit: str) -> str:
    parse_unit(unit)
    return unit


def _source_keys(source: Any) -> Any:
    if isinstance(source, str) or (isinstance(source, list) and source and all(isinstance(key, str) for key in source)):
        return source
    raise ValueError("give the key of a source, or a list of keys; 'assumption' where assumed")


def _year_as_text(year: Any) -> Any:
    return str(year) if isinstance(year, int) and not isinstance(year, bool) else year


WrittenUnit = Annotated[str, AfterValidator(_known_unit)]
SourceKeys = Annotated[str | list[str], BeforeValidator(_source_keys)]


class Strict(BaseModel):
    """Base of all configuration models: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Strict):
    """A label a policymaker sees, in both languages."""

    zh: str
    en: str


class Provenance(Strict):
    """Where a number comes from."""

    unit: WrittenUnit = Field(description="unit the value is written in; see config/units.py")
    source: SourceKeys = Field(description="key or keys in sources.yaml; 'assumption' where assumed")
    kind: Kind = Field(description="measured, borrowed from elsewhere, or assumed")
    note: str | None = None

    @model_validator(mode="after")
    def _assumptions_are_explained(self) -> Provenance:
        if self.kind == "assumed" and not self.note:
            raise ValueError("an assumed number needs a note that says why this value and this range")
        return self

    @property
    def factor(self) -> float:
        """Multiplier from the written unit to the canonical unit of its dimension."""
        return unit_factor(self.unit)


class Quantity(Provenance):
    """One number with unit, source, kind and range; ``amount`` is in canonical units."""

    value: Number
    range: tuple[Number, Number] | None = Field(
        default=None, description="low and high, same unit; required unless measured"
    )

    @model_validator(mode="after")
    def _range_holds_the_value(self) -> Quantity:
        if self.range is None:
            if self.kind != "measured":
                raise ValueError(f"a number that is {self.kind} needs a range; add range: [low, high]")
        elif not self.range[0] <= self.value <= self.range[1]:
            raise ValueError(f"value {self.value} lies outside its range {list(self.range)}; mend one of them")
        return self

    @property
    def amount(self) -> float:
        """The value in canonical units."""
        return self.value * self.factor


class Table(Provenance):
    """Numbers that share unit, source and kind, by key (county, month, sector, age …)."""

    values: dict[str, Number]
    spread: tuple[Number, Number] | None = Field(
        default=None, description="low and high as multiples of every value; required unless measured"
    )

    @model_validator(mode="after")
    def _spread_is_given(self) -> Table:
        if self.spread is None and self.kind != "measured":
            raise ValueError(
                f"a table that is {self.kind} needs a spread; add spread: [low, high], multiples of its values"
            )
        return self

    @property
    def amounts(self) -> dict[str, float]:
        """The values in canonical units, by key."""
        return {key: value * self.factor for key, value in self.values.items()}


class Matrix(Provenance):
    """Numbers by row and column key that share unit, source and kind."""

    values: dict[str, dict[str, Number]]
    spread: tuple[Number, Number] | None = None

    @property
    def amounts(self) -> dict[str, dict[str, float]]:
        """The values in canonical units, by row and column."""
        return {row: {key: value * self.factor for key, value in cells.items()} for row, cells in self.values.items()}


Money = Annotated[Quantity, Unit("CNY")]
MoneyPerYear = Annotated[Quantity, Unit("CNY/yr")]
Share = Annotated[Quantity, Unit("share", low=0.0, high=1.0)]
Ratio = Annotated[Quantity, Unit("ratio", low=0.0)]
Elasticity = Annotated[Quantity, Unit("elasticity")]
Months = Annotated[Quantity, Unit("month", low=0.0)]
Rate = Annotated[Quantity, Unit("share/month", low=0.0, high=1.0)]
Count = Annotated[Quantity, Unit("count", low=0.0)]
CountyShares = Annotated[Table, Unit("share", low=0.0, high=1.0, keys="county", total=1.0)]
SeasonTable = Annotated[Table, Unit("index", low=0.0, keys="month", mean=1.0)]


class Product(Strict):
    """A good or service: what is priced, stored, carried and counted."""

    name: Name
    unit: WrittenUnit = Field(
        description="physical unit (t, head, kWh, mu, visit, m2 …) or 'CNY2020' (value at 2020 prices)"
    )
    price: Annotated[Quantity, Unit(None)] = Field(
        description="basic price in 2020 in CNY per unit; 1 CNY/CNY2020 where the unit is a value"
    )
    sectors: list[str] = Field(
        default_factory=list, description="technology sectors (G01…G27) whose generic use this product serves"
    )
    use_weight: Number = Field(
        default=0.0, ge=0, description="weight among the products of a sector in generic intermediate and final use"
    )
    household_weight: Number | None = Field(
        default=None, ge=0, description="weight among the products of a sector in household baskets; default use_weight"
    )
    import_share: Share | None = Field(
        default=None, description="share of local use bought outside in 2020; default: the sector's"
    )
    price_rule: Literal["maker", "taker"] = Field(
        default="maker", description="maker: price-quantity quadrants; taker: outside price x premium - transport"
    )
    outside_price: str | None = Field(default=None, description="driver (index, 2020 = 1) of the outside price")
    outside_demand: str | None = Field(default=None, description="driver (index, 2020 = 1) of outside demand")
    export_elasticity: Elasticity | None = Field(
        default=None, description="price elasticity of outside demand (negative)"
    )
    freight: Annotated[Quantity, Unit(None, low=0.0)] | None = Field(
        default=None, description="CNY/t/km for goods, with mass; what visitors pay to come in CNY per unit and km"
    )
    mass: Annotated[Quantity, Unit(None)] | None = Field(default=None, description="t per unit, for freight")
    carries: bool = Field(default=False, description="true for the service that carries goods for others")
    storable: bool = Field(default=True, description="false for services, power, heat")
    spoilage_rate: Rate | None = Field(default=None, description="share of stock lost a month")
    outside_only: bool = Field(
        default=False, description="true when nobody here makes it and it is always bought outside"
    )
    handled: bool = Field(
        default=False, description="plan ledger: this product is goods in trade when it is bought by a margin stage"
    )

    @property
    def freight_rate(self) -> float:
        """CNY to carry one unit one km; 0 for what is not carried."""
        if self.freight is None:
            return 0.0
        return self.freight.amount * (self.mass.amount if self.mass else 1.0)


class Anchor(Strict):
    """A named firm, itself at every scale; one that a dated project builds after 2020 has share 0 and names it."""

    key: str | None = Field(default=None, pattern="^[a-z][a-z0-9_]*$", description="by which shocks name it")

    name: Name
    county: County
    share: Share = Field(description="share of the stage's city capacity in 2020; 0 only with a project")
    project: str | None = Field(
        default=None, description="key in policies.yaml of the project that builds or enlarges it"
    )
    project_share: Share | None = Field(
        default=None, description="share of what the project adds that is built here; where it names several firms"
    )
    outside_owner_share: Share | None = None


class LedgerRule(Strict):
    """How the plan ledger counts a stage (model.md section 2)."""

    role: Literal["core", "upstream", "downstream", "none"]
    basis: Literal["product", "margin"] = "product"


class Capacity(Strict):
    """Capacity that comes from another stage's activity (manure from herds, fly ash from power)."""

    stage: str
    ratio: Annotated[Quantity, Unit(None)] = Field(description="units of this product per unit of the host's product")


class Stage(Strict):
    """One activity of a chain: who does it, what it makes, with what, where and how much in 2020."""

    name: Name
    agent: Literal["farm", "firm"]
    activity: (
        Literal[
            "orchard", "breeding", "fattening", "open_vegetable", "greenhouse", "herb", "fodder", "grain", "pigs_sheep"
        ]
        | None
    ) = Field(default=None, description="the farm activity; required for agent: farm")
    industry: Literal["primary", "secondary", "tertiary"]
    sector: str = Field(description="technology column, G01…G27")
    census: str = Field(description="census industry of its workers, as in population.yaml")
    product: str
    output: MoneyPerYear | None = Field(
        default=None, description="gross output 2020 at basic prices; 'remainder' stages leave it out"
    )
    volume: Annotated[Quantity, Unit(None)] | None = Field(
        default=None, description="physical output 2020 per year; output = volume x price"
    )
    remainder: Literal["primary", "secondary", "tertiary"] | None = Field(
        default=None, description="takes what is left of the city's value added in this industry, by remainder_share"
    )
    remainder_share: Number | None = Field(default=None, ge=0, le=1)
    counties: CountyShares = Field(description="shares of 2020 output by county")
    value_added_share: Share | None = Field(default=None, description="value added / output; default: the sector's")
    recipe: dict[str, Annotated[Quantity, Unit("CNY/CNY", low=0.0, high=1.0)]] = Field(
        default_factory=dict,
        description="named inputs, CNY per CNY of output at base prices; the rest from the sector column",
    )
    critical: list[str] = Field(default_factory=list, description="recipe products without which production stops")
    important: list[str] = Field(
        default_factory=list,
        description="recipe products without which production goes on at half; both lists follow pichler-2022",
    )
    labour: Annotated[Quantity, Unit("person/1e6CNY", low=0.0)] | None = Field(
        default=None, description="persons per million CNY of 2020 output; default: census employment of the industry"
    )
    wage: Annotated[Quantity, Unit("CNY/person/yr", low=0.0)] | None = Field(
        default=None, description="default: the census industry's"
    )
    capital_output_ratio: Annotated[Quantity, Unit("CNY/(CNY/yr)", low=0.0)] | None = None
    utilisation: Share | None = Field(default=None, description="2020 output / capacity")
    firms: Count | None = Field(default=None, description="number of real firms; required for agent: firm")
    anchors: list[Anchor] = Field(default_factory=list)
    outside_owner_share: Share | None = None
    lag: Months | None = Field(default=None, description="months between inputs and output (crops, herds: by biology)")
    season: SeasonTable | None = Field(default=None, description="output by month, mean 1")
    year_round_posts: Share | None = Field(
        default=None, description="of a service: share of posts staffed in all months; default: the parameter's"
    )
    export_share: Share | None = Field(
        default=None, description="share of output sold outside in 2020 before balancing; default: the sector's"
    )
    capacity_from: Capacity | None = None
    expansion: Literal["market", "project"] = Field(
        default="market", description="project: capacity needs a permit and grows only by dated projects (mines, power)"
    )
    water: Annotated[Quantity, Unit(None)] | None = Field(default=None, description="m3 per unit of product")
    energy: Annotated[Quantity, Unit(None)] | None = Field(default=None, description="tce per unit of product")
    co2: Annotated[Quantity, Unit(None)] | None = Field(default=None, description="t CO2 per unit of product")
    ledger: LedgerRule

    @model_validator(mode="after")
    def _stage_is_sized(self) -> Stage:
        given = sum(item is not None for item in (self.output, self.volume, self.remainder))
        if given != 1:
            raise ValueError("give exactly one of output, volume, remainder")
        if self.remainder is not None and self.remainder_share is None:
            raise ValueError("a remainder stage needs remainder_share")
        if self.agent == "farm" and self.activity is None:
            raise ValueError("a farm stage needs its activity")
        if self.agent == "firm" and self.firms is None:
            raise ValueError("a firm stage needs firms: how many real firms there are")
        return self


class Chain(Strict):
    """One industry chain: a file in config/chains/."""

    chain: str = Field(pattern="^[a-z][a-z0-9_]*$")
    name: Name
    order: Whole = Field(description="row in tables and figures")
    colour: str | None = Field(default=None, pattern="^#[0-9a-fA-F]{6}$")
    products: dict[str, Product]
    stages: dict[str, Stage]


class Sector(Strict):
    """A column of the input-output table, with the accounts that go with it."""

    name: Name
    census: str = Field(description="census industry whose workers and wage it uses by default")
    value_added_rate: Share
    labour_share: Ratio = Field(description="labour compensation / value added (mixed income in farming)")
    tax_share: Annotated[Quantity, Unit("share")] = Field(
        description="net production tax / value added; may be negative"
    )
    depreciation_share: Ratio
    import_share: Share = Field(description="share of local use that comes from outside the city")
    export_share: Share = Field(description="share of output sold outside the city")
    capital_output_ratio: Annotated[Quantity, Unit("CNY/(CNY/yr)", low=0.0)]
    outside_owner_share: Share


class Technology(Strict):
    """config/technology.yaml: provincial technology and final-use baskets by sector G01…G27."""

    sectors: dict[str, Sector]
    coefficients: Annotated[Matrix, Unit("CNY/CNY", low=0.0)] = Field(
        description="values[selling sector][buying sector], CNY of input per CNY of output"
    )
    household_rural: Annotated[Table, Unit("share", keys="sector", total=1.0)]
    household_urban: Annotated[Table, Unit("share", keys="sector", total=1.0)]
    government: Annotated[Table, Unit("share", keys="sector", total=1.0)]
    investment: Annotated[Table, Unit("share", keys="sector", total=1.0)]


class CountyFacts(Strict):
    """One of the seven counties."""

    name: Name
    order: Whole
    residents_urban: Annotated[Quantity, Unit("person")]
    residents_rural: Annotated[Quantity, Unit("person")]
    registered: Annotated[Quantity, Unit("person")]
    households: Annotated[Quantity, Unit("household")]
    area: Annotated[Quantity, Unit("km2")]
    latitude: Annotated[Quantity, Unit("degree")]
    longitude: Annotated[Quantity, Unit("degree")]


class Counties(Strict):
    """config/counties.yaml."""

    counties: dict[County, CountyFacts]
    distances: Annotated[Matrix, Unit("km", low=0.0, keys="county")] = Field(
        description="straight line; between counties, and to outside places"
    )
    detour: Ratio = Field(description="road distance / straight line")
    gates: Annotated[Table, Unit("share", low=0.0, high=1.0, total=1.0)] = Field(
        description="outside cities through which trade comes and goes, with the share of it"
    )
    value_added_shares: dict[Literal["primary", "secondary", "tertiary"], CountyShares]


class Population(Strict):
    """config/population.yaml: the census, vital rates and wages the people are built from."""

    census_male: Annotated[Matrix, Unit("person", low=0.0, keys="county")] = Field(
        description="values[county][age group]"
    )
    census_female: Annotated[Matrix, Unit("person", low=0.0, keys="county")]
    employed_sample: Annotated[Matrix, Unit("person", low=0.0, keys="county")] = Field(
        description="long-form sample: values[county][industry]"
    )
    sample_rate: Share = Field(description="long-form employed / all employed")
    industries: dict[str, Name]
    mortality_male: Annotated[Matrix, Unit("1/yr")] = Field(
        description="values[period][age group start], deaths per person-year"
    )
    mortality_female: Annotated[Matrix, Unit("1/yr")]
    fertility: Annotated[Matrix, Unit("1/yr")] = Field(
        description="values[year][age group start], births per woman-year"
    )
    sex_ratio_at_birth: Ratio
    wages: Annotated[Table, Unit("CNY/person/yr")] = Field(
        description="by census industry, Gansu 2020, all units blended"
    )
    women_share: Annotated[Table, Unit("share", low=0.0, high=1.0)] = Field(
        description="of the employed, by census industry"
    )
    migrant_wage: Annotated[Quantity, Unit("CNY/person/yr")]
    tertiary_share: Share
    senior_share: Share
    schooling: Annotated[Matrix, Unit("person", low=0.0, keys="county")] = Field(
        description="values[county][level]: junior, senior, tertiary"
    )
    floor_per_head: Annotated[Table, Unit("m2/person", low=1.0, keys="county")]
    tenant_share: Annotated[Table, Unit("share", low=0.0, high=1.0, keys="county")] = Field(
        description="of households of town and village, long form"
    )


class Series(Strict):
    """An observed series: kept apart from targets; used to calibrate to 2022 or to compare."""

    name: Name
    values: Annotated[Table, Unit(None)] = Field(description="by year, or by year-month")


class Observed(Strict):
    """config/observed.yaml: what statistics say of the city to 2022."""

    series: dict[str, Series]


class Driver(Strict):
    """An outside series the model takes as given, as an index with mean 1 in 2020."""

    name: Name
    index: Annotated[Table, Unit("index", low=0.0)] = Field(description="by 'YYYY-MM' or 'YYYY'; the mean of 2020 is 1")
    after: Literal["hold", "trend"] = "hold"
    trend: Annotated[Quantity, Unit("share/yr")] | None = Field(
        default=None, description="growth a year after the last value"
    )
    noise: Annotated[Quantity, Unit("share", low=0.0, high=1.0)] | None = Field(
        default=None, description="standard deviation of monthly log changes after the last value"
    )
    persistence: Annotated[Quantity, Unit("share", low=0.0, high=1.0)] | None = Field(
        default=None, description="part of a deviation from the trend that is left a month later; 0.9 if not given"
    )
    season: bool = Field(default=False, description="the mean calendar of the known years goes on after the last value")


class Drivers(Strict):
    """config/drivers.yaml."""

    drivers: dict[str, Driver]


class Source(Strict):
    """Where figures come from: enough to find the page again."""

    title: str
    publisher: str | None = None
    year: Annotated[str | None, BeforeValidator(_year_as_text)] = None
    url: str | None = None
    note: str | None = None


class Sources(Strict):
    """config/sources.yaml."""

    sources: dict[str, Source]


Size = Literal["small", "large"]
SchoolLevel = Literal["primary", "junior", "senior", "tertiary"]
Registration = Literal["town", "rural"]


class PolicyTarget(Strict):
    """Where a policy acts."""

    chain: str | None = None
    stages: list[str] = Field(default_factory=list)
    counties: list[County] = Field(default_factory=list, description="empty: all seven, by base shares")
    to: list[str] = Field(
        default_factory=list,
        description="counties and outside cities a way leads to (lever transport); empty: roads inside counties",
    )
    anchor: str | None = Field(
        default=None, description="key, or English name, of one named firm of the stage (lever closure)"
    )
    product: str | None = Field(default=None, description="the input that does not come (lever denial of an input)")
    size: Size | None = Field(default=None, description="firms or farms below, or not below, the mean of 2020")
    schooling: list[SchoolLevel] = Field(default_factory=list, description="of persons (lever training); empty: all")
    registration: Registration | None = Field(default=None, description="of persons (lever training)")


class Policy(Strict):
    """One intervention or shock: what, where, when, how strong, who pays, what it must move."""

    name: Name
    section: str = Field(description="section or box of the plan, or 'shock'")
    lever: str = Field(description="one of the levers in agents/policies.py")
    target: PolicyTarget = PolicyTarget()
    start: str = Field(pattern=r"^\d{4}-\d{2}$")
    end: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}$")
    opens: str | None = Field(
        default=None, pattern=r"^\d{4}-\d{2}$", description="first month a plant makes something (lever capacity)"
    )
    intensity: Annotated[Quantity, Unit(None)]
    factor: Literal["labour", "capital", "input", "finance", "permit", "water", "energy", "co2"] | None = Field(
        default=None, description="what is withheld (lever denial)"
    )
    hazard: str | None = Field(default=None, description="weather of farming.yaml that strikes (lever weather)")
    cost: Annotated[Quantity, Unit("CNY", low=0.0)] | None = Field(
        default=None, description="sunk cost, spread evenly from start to end"
    )
    recurrent_cost: Annotated[Quantity, Unit("CNY/yr", low=0.0)] | None = None
    export_share: Share | None = Field(
        default=None,
        description="share of a plant's output that is sold outside (lever capacity); default: as its product in 2020",
    )
    payer: Literal["upper", "city", "county", "firm"] = "upper"
    indicator: str = Field(description="variable it must move")
    direction: Literal["up", "down"]
    cannot: Name | None = Field(default=None, description="what it cannot do")


class Policies(Strict):
    """config/policies.yaml."""

    policies: dict[str, Policy]


class PlanItem(Strict):
    """One figure or measure of the plan's text."""

    name: Name
    section: str
    kind: Literal["target", "baseline", "project", "measure"]
    value: Number | None = None
    unit: WrittenUnit | None = None
    year: Whole | None = None
    bound: Literal["exactly", "about", "at least", "at most"] = "exactly"
    chain: str | None = None
    indicator: str | None = Field(default=None, description="model variable compared with it (targets and baselines)")
    status: Literal["modelled", "construction", "not modelled"] | None = None
    policy: str | None = Field(default=None, description="key in policies.yaml when modelled")
    why: str | None = Field(default=None, description="why it is not modelled, or only as construction demand")


class Plan(Strict):
    """config/plan.yaml: every figure of the plan that is a target, baseline, project or measure."""

    source: str
    items: dict[str, PlanItem]


Criticality = Literal["leontief", "critical", "half_critical", "linear"]
NetworkRule = Literal["gravity", "size"]
ExpectationRule = Literal["smoothed", "latest"]
LedgerForm = Literal["margin", "turnover"]
Cause = Literal["demand", "labour", "capital", "inputs", "permits"]


class Forms(Strict):
    """Forms of the model a scenario changes; None keeps the form of parameters.yaml."""

    criticality: Criticality | None = None
    network: NetworkRule | None = None
    expectations: ExpectationRule | None = None
    ledger: LedgerForm | None = None
    relaxed: list[Cause] | None = Field(default=None, description="causes that hold nobody back in this scenario")


class PolicyUse(Strict):
    """A policy of the catalogue as a scenario uses it: what is left out stays as the catalogue has it."""

    policy: str = Field(description="key of policies.yaml or shocks.yaml")
    strength: Literal["weak", "moderate", "strong"] = Field(
        default="moderate", description="low end, value or high end of the intensity's range; costs go with it"
    )
    times: Number = Field(default=1.0, ge=0.0, description="a further multiple of intensity and costs")
    start: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}$")
    end: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}$")
    counties: list[County] | None = Field(default=None, description="where it acts instead")
    size: Size | None = Field(default=None, description="only firms or farms below, or not below, the mean of 2020")
    schooling: list[SchoolLevel] | None = Field(default=None, description="only persons of these levels (training)")
    registration: Registration | None = Field(default=None, description="only persons registered so (training)")
    source: list[str] = Field(default_factory=list, description="keys of sources that give other dates or sizes")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        return {"policy": data} if isinstance(data, str) else data

    @model_serializer(mode="wrap")
    def _as_written(self, plain: SerializerFunctionWrapHandler) -> Any:
        """A use that changes nothing is written as the name alone."""
        return self.policy if self == PolicyUse(policy=self.policy) else plain(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "description": "key of a policy"}, handler(core)]}


class Chiefs(Strict):
    """Money of the chain chiefs (链长) in a scenario, and how it is spent."""

    budget: Number = Field(ge=0.0, description="1e8 CNY a year for all chains together, the same for each")
    rule: Literal["judged", "evenly"] = Field(
        default="judged",
        description="judged: on what each chief thinks holds the chain back; evenly: on all remedies of a chain alike",
    )
    payer: Literal["upper", "city", "county"] = "city"
    start: str = Field(pattern=r"^\d{4}-\d{2}$")
    end: str = Field(pattern=r"^\d{4}-\d{2}$")


class Scenario(Strict):
    """One variant of the world: policies and changed values on top of the configuration."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    label: Name
    extends: str | None = None
    policies: list[PolicyUse] = Field(
        default_factory=list, description="keys of policies.yaml or shocks.yaml, or how one of them is used"
    )
    set: dict[str, Number] = Field(default_factory=dict, description="dotted path into the configuration: new value")
    forms: Forms = Field(default_factory=Forms, description="model forms that differ from those of parameters.yaml")
    chiefs: Chiefs | None = Field(default=None, description="money of the chain chiefs; without it they only judge")
