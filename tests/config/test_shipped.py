"""The configuration as shipped: complete, in order, and told apart from the plan's nine chains only by its rest."""

from pingliang.config.checks import cited
from pingliang.config.files import read_files
from pingliang.config.loader import ROOT, Config, load_experiment

NINE = ("coal", "cattle", "apple", "vegetable", "medicine", "materials", "manufacturing", "tourism", "ecology")


def test_nine_chains_and_the_rest(config: Config) -> None:
    assert tuple(config.chains) == (*NINE, "rest")


def test_every_experiment_loads(config: Config) -> None:
    paths = sorted((ROOT / "experiments").glob("*.yaml"))
    assert paths
    for path in paths:
        assert load_experiment(path, config).scenarios


def test_every_source_can_be_found_again(config: Config) -> None:
    for key, source in config.sources.sources.items():
        assert source.publisher or source.url or source.year or source.note, key


def test_every_source_is_cited_somewhere(config: Config) -> None:
    read = {key: loaded for key, loaded in read_files(ROOT).items() if not key.startswith("sources/")}
    used = {name for loaded in read.values() for _, name in cited(loaded.document.data, ())}
    assert set(config.sources.sources) <= used


def test_numbers_nobody_measured_carry_a_range_and_a_reason(config: Config) -> None:
    stages = [stage for chain in config.chains.values() for stage in chain.stages.values()]
    shares = [stage.utilisation for stage in stages if stage.utilisation is not None]
    assert shares
    for share in shares:
        assert share.kind == "measured" or share.range is not None
        assert share.kind != "assumed" or share.note


def test_named_firms_fit_their_stage_over_their_whole_range(config: Config) -> None:
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            highest = sum((anchor.share.range or (0, anchor.share.value))[1] for anchor in stage.anchors)
            assert highest <= 1.0, name


def test_inputs_that_stop_or_halve_a_stage_are_told_for_every_firm_with_a_recipe(config: Config) -> None:
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            if stage.agent == "firm" and stage.recipe:
                assert stage.critical or stage.important, name
