"""The typed shape of config/parameters.yaml: what is neither a chain's technology nor the census."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .schema import (
    Count,
    Criticality,
    Elasticity,
    ExpectationRule,
    LedgerForm,
    Money,
    MoneyPerYear,
    Months,
    NetworkRule,
    Quantity,
    Rate,
    Ratio,
    Share,
    Strict,
    Table,
)  # fmt: skip
from .units import Unit

PerHead = Annotated[Quantity, Unit("CNY/person/yr", low=0.0)]
YearlyRate = Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]


class BaseAccounts(Strict):
    """City totals of 2020 that the social accounting matrix must meet, beyond value added."""

    urban_consumption: PerHead
    rural_consumption: PerHead
    government_consumption: MoneyPerYear
    investment: MoneyPerYear
    government_investment: MoneyPerYear
    urban_income: PerHead
    rural_income: PerHead
    rural_business_income_share: Share
    revenue: MoneyPerYear
    expenditure: MoneyPerYear
    deposits: Money
    loans: Money
    firm_deposit_share: Share
    government_deposit_share: Share
    household_loan_share: Share
    farm_loan_share: Share
    migrant_remittance: PerHead
    import_share_limit: Share


class Firms(Strict):
    """How firms expect, plan, price, stock, invest and pay."""

    minimum_per_cell: Count
    size_dispersion: Ratio
    suppliers: Count
    named_supplier_share: Share
    half_critical_share: Share
    distance_decay: Elasticity
    expectation_smoothing: Share
    inventory_target: Months
    input_target: Months
    adjustment: Months
    price_step: Share
    price_limit: Share
    premium_limit: Share
    overtime: Share
    normal_utilisation: Share
    payout_share: Share
    investment_speed: Rate
    gestation: Months
    entry_speed: Share
    entry_scale: Ratio
    exit_notice: Months
    founder_share: Share
    switch_after: Months
    switch_below: Share
    productivity_growth: Annotated[Quantity, Unit("share/yr")]


class FarmSales(Strict):
    """How growers part with a crop."""

    release_limit: Share
    perishable_above: Rate


class LabourMarket(Strict):
    """Separations, search, hiring, wages and skill."""

    quit_rate: Rate
    layoff_speed: Share
    search_share_employed: Share
    search_share_farm: Share
    commuting_decay: Annotated[Quantity, Unit("km")]
    wage_response: Share
    wage_limit: Share
    minimum_wage: PerHead
    year_round_posts: Share
    open_posts: Share
    reservation_share: Share
    reservation_decay: Rate
    skill_half_life_low: Months
    skill_half_life_high: Months
    retirement_age_male: Annotated[Quantity, Unit("yr")]
    retirement_age_female: Annotated[Quantity, Unit("yr")]
    unemployment_share: Share
    schooling_return: Share
    premium_fade: Rate
    premium_limit: Annotated[Quantity, Unit("ratio", low=1.0)]


class Households(Strict):
    """How households spend and save."""

    income_smoothing: Share
    wealth_consumption: Rate


class Migration(Strict):
    """Individual choice of place (multinomial logit)."""

    consideration_rate: Rate
    income_weight: Elasticity
    distance_weight: Elasticity
    home_ties: Elasticity
    town_amenity: Elasticity
    outside_amenity: Elasticity
    outside_ties: Elasticity
    jobless_push: Annotated[Quantity, Unit("ratio", low=1.0)]
    move_age_peak: Annotated[Quantity, Unit("yr")]
    move_age_decay: Annotated[Quantity, Unit("yr", low=1.0)]
    outside_distance: Annotated[Quantity, Unit("km")]
    convert_rate: Rate
    permit_rate: Rate
    permit_content: Share
    content_without: Share
    land_kept: Share
    services_weight: Elasticity
    school_pull: Elasticity
    family_share: Share
    partner_gap: Annotated[Quantity, Unit("yr", low=0.0)]
    reclassified_rate: YearlyRate


class Housing(Strict):
    """Dwellings of the county towns: how many, what they cost, how rent and building answer."""

    vacancy: Share
    cost_share: Share
    rent_response: Annotated[Quantity, Unit("share/month", low=0.0, high=1.0)]
    building_cost: Annotated[Quantity, Unit("CNY/m2", low=1.0)]
    building_elasticity: Elasticity
    building_limit: Annotated[Quantity, Unit("ratio", low=1.0)]
    wear: YearlyRate
    public_flat_area: Annotated[Quantity, Unit("m2", low=1.0)]
    public_rent_share: Share
    purchase_rate: Rate


class Finance(Strict):
    """The bank."""

    deposit_rate: YearlyRate
    loan_rate: YearlyRate
    outside_rate: YearlyRate
    repayment: Months
    credit_limit: Ratio
    cash_flow_limit: Annotated[Quantity, Unit("yr", low=0.0)]
    firm_spread: YearlyRate
    bank_equity_share: Share
    write_off_months: Months


class Government(Strict):
    """Taxes, transfers and budgets."""

    county_tax_share: Share
    transfer_growth: Annotated[Quantity, Unit("share/yr")]
    budget_speed: Share
    pension_age: Annotated[Quantity, Unit("yr")]
    residents_pension: PerHead
    programme_reserve: Months
    bond_quota: MoneyPerYear
    bond_years: Annotated[Quantity, Unit("yr", low=1.0)]
    bond_rate: Annotated[Quantity, Unit("share/yr", low=0.0)]
    chief_error: Annotated[Quantity, Unit("share", low=0.0)]
    chief_threshold: Share


class Environment(Strict):
    """What firms may use in a year, over what the stages with a coefficient used in 2020 (1 = as in 2020)."""

    water_quota: Ratio
    energy_quota: Ratio
    co2_quota: Ratio


class Outside(Strict):
    """Markets beyond the city."""

    export_elasticity: Elasticity
    price_pass_through: Share
    trend_growth: Annotated[Quantity, Unit("share/yr")]
    import_substitution: Ratio
    delay: Months
    freight_part: Share
    freight_limit: Ratio


class ModelForms(Strict):
    """Rules that can take several forms; a scenario may change them with ``forms``."""

    criticality: Criticality = Field(
        description="what a missing input stops: leontief all, critical the critical ones, half_critical these and the "
        "important ones by half, linear none (inputs replace each other)"
    )
    network: NetworkRule = Field(
        description="who supplies whom: gravity by size over distance, size by size alone, wherever the maker is"
    )
    expectations: ExpectationRule = Field(
        description="orders firms expect: smoothed over past months, latest those of the last month alone; by season"
    )
    ledger: LedgerForm = Field(
        description="what the plan ledger counts of packing, storage, trade and transport: margin their fee, turnover "
        "with the goods they handle"
    )


class Parameters(Strict):
    """config/parameters.yaml."""

    forms: ModelForms
    base: BaseAccounts
    firms: Firms
    farms: FarmSales
    labour: LabourMarket
    households: Households
    migration: Migration
    housing: Housing
    finance: Finance
    government: Government
    outside: Outside
    environment: Environment


__all__ = ["Parameters", "Table"]
