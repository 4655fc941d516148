# ruff: noqa: E501 - one case a line reads better

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from pingliang.config.dimensions import BASE_UNITS, COMMON_UNITS, UnknownUnit, parse_unit, same_dimension, unit_factor
from pingliang.config.schema import CountyShares, Money, Quantity, SeasonTable, Share


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("1e8 CNY", 1e8), ("1e4 t", 1e4), ("kg", 1e-3), ("CNY/kg", 1e3), ("%", 0.01), ("permille", 0.001), ("1e4 t/yr", 1e4),
        ("1e8 kWh/yr", 1e8), ("person/1e6CNY", 1.0), ("person/CNY", 1e6), ("person/1e4CNY", 100.0), ("CNY/(CNY/yr)", 1.0),
        ("tce/t", 1.0), ("kgce/t", 1e-3), ("gce/kWh", 1e-6), ("m3/kWh", 1.0), ("t/head", 1.0), ("kg/mu", 1e-3), ("ha", 15.0),
        ("1e4 mu", 1e4), ("CNY/t/km", 1.0), ("%/yr", 0.01), ("CNY/CNY", 1.0), ("CNY/CNY2020", 1.0), ("1/yr", 1.0),
        ("1e4 CNY/km", 1e4), ("1e4 m3/d", 1e4), ("d/mu", 1.0), ("kgCO2/kWh", 1e-3), ("MWh", 1e3), ("1e4 person", 1e4),
    ],
)  # fmt: skip
def test_written_units_convert_to_canonical_ones(unit: str, factor: float) -> None:
    assert unit_factor(unit) == pytest.approx(factor)


def test_dimensions_compare_by_what_is_measured() -> None:
    assert same_dimension("CNY/kg", "CNY/t")
    assert same_dimension("%", "CNY/CNY")
    assert same_dimension("t/t", "share")
    assert not same_dimension("CNY/head", "CNY/t")
    assert not same_dimension("share/month", "share/yr")
    assert not same_dimension("CNY", "CNY2020")
    assert not same_dimension("mu", "m2")


@pytest.mark.parametrize("unit", COMMON_UNITS)
def test_common_units_are_known(unit: str) -> None:
    assert unit_factor(unit) > 0


@pytest.mark.parametrize(
    ("unit", "nearest"),
    [
        ("CYN/yr", "CNY/yr"),
        ("1e8 CNT", "1e8 CNY"),
        ("kwh", "kWh"),
        ("heads", "head"),
        ("persons", "person"),
        ("tons", "t"),
    ],
)
def test_an_unknown_unit_names_the_nearest(unit: str, nearest: str) -> None:
    with pytest.raises(UnknownUnit, match="unknown unit") as caught:
        parse_unit(unit)
    if unit != "tons":
        assert f"did you mean '{nearest}'" in str(caught.value)


@pytest.mark.parametrize(
    "unit", ["", " ", "1e8 8 CNY", "CNY/", "/yr", "(CNY", "CNY)", "CNY yr", "1e999 t", "0 t", "元"]
)
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(UnknownUnit):
        parse_unit(unit)


@given(st.text(alphabet="CNYtkgh%/()*1e4. ", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_unit_or_refused(unit: str) -> None:
    with suppress(UnknownUnit):
        assert parse_unit(unit).factor > 0


@given(st.sampled_from(sorted(BASE_UNITS)), st.sampled_from(sorted(BASE_UNITS)))
def test_a_quotient_has_the_quotient_of_factors(above: str, below: str) -> None:
    plain = {"person/CNY": 1e6, "job/CNY": 1.0}
    expected = BASE_UNITS[above][1] / BASE_UNITS[below][1] * plain.get(f"{above}/{below}", 1.0)
    assert unit_factor(f"{above}/{below}") == pytest.approx(expected)


def quantity(**changes: object) -> dict[str, object]:
    return {
        "value": 0.5,
        "unit": "share",
        "source": "s",
        "kind": "assumed",
        "range": [0.2, 0.9],
        "note": "why",
    } | changes


def problems(annotation: object, data: dict[str, object]) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(annotation).validate_python(data)
    return str(caught.value)


def test_amounts_are_canonical() -> None:
    money = TypeAdapter(Money).validate_python(quantity(value=2.0, unit="1e8 CNY", range=[1, 3]))
    assert isinstance(money, Quantity)
    assert money.amount == 2e8
    assert TypeAdapter(Share).validate_python(quantity(value=50, unit="%", range=[20, 90])).amount == 0.5


def test_bounds_hold_for_value_and_range_in_canonical_units() -> None:
    assert "= 140 % is above 1" in problems(Share, quantity(value=140, unit="%", range=[20, 140]))
    assert "not a percentage" in problems(Share, quantity(value=14, range=[10, 20]))
    assert "= -0.1 share is below 0" in problems(Share, quantity(range=[-0.1, 0.9]))


def test_a_unit_of_another_dimension_is_refused() -> None:
    assert "unit 't' cannot be read as CNY" in problems(Money, quantity(unit="t"))


def test_text_and_truth_are_no_numbers() -> None:
    for value in ("0.5", True, float("nan"), float("inf"), None):
        problems(Share, quantity(value=value))


def table(values: dict[str, float], **changes: object) -> dict[str, object]:
    said = {"unit": "share", "source": "s", "kind": "assumed", "spread": [0.9, 1.1], "note": "why"}
    return {"values": values, **said, **changes}


def test_county_shares_need_seven_counties_that_add_up() -> None:
    seven = dict.fromkeys(["kongtong", "jingchuan", "lingtai", "chongxin", "huating", "zhuanglang", "jingning"], 1 / 7)
    TypeAdapter(CountyShares).validate_python(table(seven))
    assert "add up to 0.857" in problems(CountyShares, table(seven | {"jingning": 0.0}))
    six = {key: value for key, value in seven.items() if key != "jingning"}
    assert "no value for county jingning" in problems(CountyShares, table(six))
    assert "unknown county 'xian'" in problems(CountyShares, table(seven | {"xian": 0.0}))


def test_seasons_need_twelve_months_of_mean_one() -> None:
    even = {str(month): 1.0 for month in range(1, 13)}
    TypeAdapter(SeasonTable).validate_python(table(even, unit="index"))
    assert "mean of the values is 1.08333" in problems(SeasonTable, table(even | {"1": 2.0}, unit="index"))
    assert "no value for month 12" in problems(SeasonTable, table(dict.fromkeys(list(even)[:11], 1.0), unit="index"))
