from pathlib import Path
from typing import Any

import yaml

from pingliang.config.hashing import config_hash
from pingliang.config.loader import load


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def test_order_of_keys_and_layout_change_nothing(whole: Path, folder: Path) -> None:
    first = load(whole)
    for path in folder.rglob("*.yaml"):
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        text = yaml.dump(reversed_keys(data), Dumper=_Plain, allow_unicode=True, sort_keys=False)
        path.write_text("# another layout\n" + text, encoding="utf-8")
    second = load(folder)
    assert second == first
    assert config_hash(second) == config_hash(first)
    assert list(second.chains["coal"].stages) == list(first.chains["coal"].stages)
    season = second.chains["coal"].stages["power_generation"].season
    assert season is not None
    assert list(season.values) == [str(month) for month in range(1, 13)]


def test_a_value_changes_the_hash(whole: Path) -> None:
    changed = load(whole, {"chains.coal.stages.coal_mining.utilisation": 0.81})
    assert config_hash(changed) != config_hash(load(whole))


class _Plain(yaml.SafeDumper):
    """Writes text without quotes, as BaseLoader read it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Plain.yaml_implicit_resolvers = {}
