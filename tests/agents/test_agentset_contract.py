"""One script of AgentSet verbs, on a plain Mesa set and on ours over the same agents: the same results.

The scripts also guard the private parts of Mesa that registration relies on, for every supported Mesa version.
"""

import copy
import gc
import pickle
import warnings
import weakref
from typing import ClassVar

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet

from pingliang.agents.agentset import Column, ColumnarAgent, ColumnarAgentSet
from pingliang.agents.identity import release
from pingliang.agents.randomness import Streams
from pingliang.agents.registration import AllAgents, compact_agents, populations, register

pytestmark = pytest.mark.filterwarnings("error")
AGES = [34, 12, 65, 34, 18, 70, 12, 45]
WAGES = [3000.0, 0.0, 0.0, 4500.0, 1200.0, 800.0, 0.0, 4500.0]
COUNTIES = [2, 0, 1, 1, 2, 0, 2, 1]


class PlainWorker(mesa.Agent):
    def __init__(self, model, age, wage, county, key):
        super().__init__(model)
        self.age, self.wage, self.county, self.key = age, wage, county, key

    @property
    def yearly(self):
        return self.wage * 12

    def grow_older(self, years=1):
        self.age = self.age + years

    def pay(self, share):
        return self.wage * share


class Worker(ColumnarAgent):
    columns: ClassVar = {
        "age": Column(np.int16, 0, "age", "yr"),
        "wage": Column(np.float64, 0.0, "monthly wage", "CNY"),
        "county": Column(np.int8, 0),
        "employer": Column(np.int32, -1),
    }
    references: ClassVar = {"employer": "Firm"}

    @property
    def yearly(self):
        return self.wage * 12

    def greet(self, word):
        return f"{word} {self.age}"


class Workers(ColumnarAgentSet):
    agent_class = Worker

    @property
    def yearly(self):
        return self.wage * 12

    def grow_older(self, years=1):
        self.age = self.age + years

    def pay(self, share):
        return self.wage * share


class Firm(ColumnarAgent):
    columns: ClassVar = {"price": Column(np.float64, 1.0)}


class Mayor(mesa.Agent):
    age = 50


class Town(mesa.Model):
    """A model with columnar workers, or with plain ones for comparison."""

    def __init__(self, plain=False):
        super().__init__(rng=1)
        self.streams, self.month = Streams(1), 202101
        data = {"age": AGES, "wage": WAGES, "county": COUNTIES, "key": list(range(10, 18))}
        if plain:
            PlainWorker.create_agents(self, len(AGES), **data)
            self.workers = self.agents_by_type[PlainWorker]
        else:
            self.workers = register(self, Worker, Workers(self))
            Worker.create_agents(self, len(AGES), **data)


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def workers(town):
    return town.workers


def plainly(result):
    """Bring lists, arrays, sets of agents and groups to one form."""
    if isinstance(result, AgentSet) or hasattr(result, "to_list"):
        return [agent.unique_id for agent in result]
    if isinstance(result, mesa.Agent):
        return result.unique_id
    if isinstance(result, np.ndarray):
        return [list(row) for row in result.tolist()] if result.dtype.names else result.tolist()
    if isinstance(result, dict):
        return {plainly(key): plainly(value) for key, value in result.items()}
    if isinstance(result, list | tuple):
        return [plainly(item) for item in result]
    return result.item() if isinstance(result, np.generic) else result


def chosen(agents):
    """A choice that scripts may change in place."""
    return agents.select(lambda a: a.age >= 18)


def in_place(agents, verb, *args, **kwargs):
    some = chosen(agents)
    same = getattr(some, verb)(*args, inplace=True, **kwargs)
    assert same is some
    return some


def after(some, act):
    act(some)
    return some


def error_of(act):
    try:
        act()
    except (AttributeError, KeyError, ValueError) as error:
        return type(error)
    return None


SCRIPTS = {
    "len": len,
    "iterate": lambda s: [(a.age, a.wage) for a in s],
    "contains": lambda s: [a in s for a in s],
    "contains not": lambda s: [a in chosen(s) for a in s],
    "list": lambda s: list(s),
    "truth": lambda s: [bool(s), bool(s.select(lambda a: a.age > 99))],
    "get": lambda s: s.get("age"),
    "get list": lambda s: s.get(["age", "wage", "unique_id"]),
    "get key": lambda s: s.get("key"),
    "get property": lambda s: s.get("yearly"),
    "get missing": lambda s: error_of(lambda: s.get("height")),
    "get default": lambda s: s.get("height", handle_missing="default", default_value=7),
    "get list default": lambda s: s.get(["age", "height"], "default", 7),
    "get odd handling": lambda s: error_of(lambda: s.get("age", handle_missing="perhaps")),
    "set": lambda s: s.set("wage", 5.0).get("wage"),
    "set choice": lambda s: after(s, lambda s: chosen(s).set("wage", 5.0)).get("wage"),
    "agg sum": lambda s: s.agg("wage", sum),
    "agg mean": lambda s: s.agg("wage", np.mean),
    "agg several": lambda s: s.agg("age", [min, max, sum, len]),
    "agg any all": lambda s: s.agg("wage", [any, all]),
    "agg empty": lambda s: s.select(lambda a: a.age > 99).agg("age", sum),
    "select": lambda s: s.select(lambda a: a.age > 30),
    "select compound": lambda s: s.select(lambda a: (a.age > 30) & (a.wage < 4000)),
    "select nothing": lambda s: s.select(lambda a: a.age > 99),
    "select all": lambda s: s.select(),
    "select is another": lambda s: s.select() is s,
    "select at most": lambda s: s.select(at_most=3),
    "select at most, more": lambda s: s.select(at_most=30),
    "select at most, share": lambda s: s.select(at_most=0.45),
    "select at most, one": lambda s: [len(s.select(at_most=1)), len(s.select(at_most=1.0))],
    "select filter at most": lambda s: s.select(lambda a: a.age > 30, at_most=2),
    "select filter share": lambda s: s.select(lambda a: a.age > 30, at_most=0.5),
    "select type": lambda s: s.select(agent_type=mesa.Agent),
    "select other type": lambda s: s.select(agent_type=Mayor),
    "select of select": lambda s: chosen(s).select(lambda a: a.wage > 1000),
    "select in place": lambda s: in_place(s, "select", lambda a: a.wage > 1000),
    "sort": lambda s: s.sort("age"),
    "sort ascending": lambda s: s.sort("wage", ascending=True),
    "sort function": lambda s: s.sort(lambda a: -a.age, ascending=True),
    "sort in place": lambda s: in_place(s, "sort", "age"),
    "sort of sort": lambda s: s.sort("wage").sort("age"),
    "sort first": lambda s: s.sort("wage").select(at_most=2).get("wage"),
    "set in order": lambda s: after(s, lambda s: s.sort("age").select(at_most=3).set("wage", 1.0)).get("wage"),
    "do method": lambda s: s.do("grow_older").get("age"),
    "do method with": lambda s: s.do("grow_older", years=3).get("age"),
    "do method of choice": lambda s: after(s, lambda s: chosen(s).do("grow_older", 2)).get("age"),
    "do function": lambda s: s.do(lambda a, more: setattr(a, "wage", a.wage + more), 10.0).get("wage"),
    "do remove": lambda s: after(s, lambda s: chosen(s).do("remove")),
    "do missing": lambda s: error_of(lambda: s.do("fly")),
    "do returns the set": lambda s: s.do("grow_older") is s,
    "shuffle do": lambda s: s.shuffle_do("grow_older").get("age"),
    "map method": lambda s: s.map("pay", 0.5),
    "map function": lambda s: s.map(lambda a: a.age * 2),
    "map choice": lambda s: chosen(s).map("pay", share=0.1),
    "shuffle same members": lambda s: sorted(plainly(s.shuffle())),
    "shuffle in place": lambda s: sorted(plainly(in_place(s, "shuffle"))),
    "groupby count": lambda s: s.groupby("county").count(),
    "groupby order": lambda s: list(s.groupby("county").count()),
    "groupby function": lambda s: s.groupby(lambda a: a.age > 30).count(),
    "groupby iterate": lambda s: [(label, plainly(group)) for label, group in s.groupby("county")],
    "groupby agg": lambda s: s.groupby("county").agg("wage", sum),
    "groupby agg min": lambda s: s.groupby("county").agg("age", min),
    "groupby len": lambda s: len(s.groupby("county")),
    "groupby map": lambda s: s.groupby("county").map(len),
    "groupby map method": lambda s: s.groupby("county").map("get", "age"),
    "groupby do": lambda s: after(s, lambda s: s.groupby("county").do("do", "grow_older")).get("age"),
    "groupby do function": lambda s: after(s, lambda s: s.groupby("county").do(lambda g: g.set("wage", len(g)))).get(
        "wage"
    ),
    "groupby list": lambda s: {k: plainly(v) for k, v in s.groupby("county", result_type="list")},
    "groupby choice": lambda s: chosen(s).groupby("county").count(),
    "add": lambda s: after(s.select(lambda a: a.age > 60), lambda some: [some.add(a) for a in s.select(at_most=3)]),
    "remove": lambda s: after(chosen(s), lambda some: some.remove(next(iter(some)))),
    "remove missing": lambda s: error_of(lambda: chosen(s).remove(next(iter(s.select(lambda a: a.age < 18))))),
    "discard": lambda s: after(chosen(s), lambda some: [some.discard(a) for a in s.select(at_most=3)]),
    "remove keeps the agent": lambda s: after(
        s, lambda s: after(chosen(s), lambda some: some.remove(next(iter(some))))
    ),
    "pop": lambda s: after(chosen(s), lambda some: some.pop()),
    "clear": lambda s: after(chosen(s), lambda some: some.clear()),
    "copy": lambda s: copy.copy(chosen(s)),
    "copy is apart": lambda s: after(chosen(s), lambda some: copy.copy(some).clear()),
    "equal": lambda s: [chosen(s) == chosen(s), chosen(s) == s.select(at_most=2)],
    "subset": lambda s: [
        chosen(s) <= s.select(),
        s.select() <= chosen(s),
        chosen(s) < s.select(),
        s.select() > chosen(s),
    ],
    "disjoint": lambda s: [chosen(s).isdisjoint(s.select(lambda a: a.age < 18)), chosen(s).isdisjoint(s.select())],
    "agent removes itself": lambda s: after(s, lambda s: next(iter(s)).remove()),
    "agent leaves choices": lambda s: after(chosen(s), lambda some: next(iter(s)).remove()).get("age"),
    "ids": lambda s: [a.unique_id for a in s],
    "view reads": lambda s: [(a.age, a.wage, a.county, a.yearly) for a in s],
    "view writes": lambda s: after(s, lambda s: [setattr(a, "wage", a.age * 2.0) for a in s]).get("wage"),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_verbs_do_what_mesa_does(name):
    plain, ours = Town(plain=True), Town()
    gc.disable()  # Mesa's sets forget agents that have left only when they are collected
    try:
        expected = plainly(SCRIPTS[name](plain.workers))
    finally:
        gc.enable()
    assert plainly(SCRIPTS[name](ours.workers)) == expected


def test_every_verb_of_this_mesa_is_ours():
    """A verb that a new Mesa adds would walk over Mesa's own storage, which we do not fill: bring it over first."""
    by_definition = {"index", "pop", "random", "register"}  # Sequence and MutableSet, built on ours
    for ours in (ColumnarAgentSet, AllAgents):
        missing = {
            name
            for name in dir(AgentSet)
            if not name.startswith("_") and getattr(ours, name) is getattr(AgentSet, name) and name not in by_definition
        }
        assert missing <= ({"count", "clear", "isdisjoint"} if ours is AllAgents else set()), ours


# --- the model knows them ------------------------------------------------------------------------------------


def test_model_finds_columnar_and_plain_agents(town, workers):
    mayor = Mayor(town)
    assert town.agents_by_type[Worker] is workers
    assert list(town.agents_by_type[Mayor]) == [mayor]
    assert len(town.agents) == len(AGES) + 1
    assert mayor in town.agents
    assert workers[0] in town.agents
    assert sorted(a.unique_id for a in town.agents) == sorted({a.unique_id for a in town.agents})
    assert set(town.agent_types) == {Worker, Mayor}
    assert sum(town.agents.get("age")) == sum(AGES) + 50
    assert town.agents.agg("age", [max, len]) == [70, len(AGES) + 1]
    assert plainly(town.agents.select(agent_type=Worker)) == plainly(workers)
    assert len(town.agents.select(lambda a: a.age > 40, at_most=3)) == 3
    assert len(town.agents.select(at_most=0.5)) == (len(AGES) + 1) // 2
    assert town.agents.map(lambda a: a.age) == [50, *AGES]
    assert town.agents.set("age", 5).get(["age"]) == [[5]] * 9
    mayor.remove()
    assert len(town.agents) == len(AGES)
    assert mayor not in town.agents
    town.agents.remove(workers[0])
    assert len(workers) == len(AGES) - 1


def test_plain_agents_made_before_registration_stay_known():
    town = mesa.Model(rng=1)
    mayor = Mayor(town)
    register(town, Firm, ColumnarAgentSet(town, Firm))
    Firm.create_agents(town, 2, key=[1, 2])
    assert next(iter(town.agents)) is mayor
    assert [a.unique_id for a in town.agents] == [1, 2, 3]
    assert Mayor(town).unique_id == 4


@pytest.mark.parametrize("verb", ["sort", "shuffle", "shuffle_do", "groupby"])
def test_no_order_across_plain_and_columnar_agents(town, verb):
    with pytest.raises(TypeError, match="agents_by_type"):
        getattr(town.agents, verb)("age")


def test_behaviours_run_on_all_agents(town, workers):
    class Greeter(Mayor):
        def grow_older(self):
            self.age = 51

    greeter = Greeter(town)
    town.agents.do("grow_older")
    assert greeter.age == 51
    assert workers.get("age").tolist() == [age + 1 for age in AGES]


def test_registration_is_checked(town, workers):
    with pytest.raises(ValueError, match="registered already"):
        register(town, Worker, Workers(town))
    for wrong in (Workers(town), ColumnarAgentSet(mesa.Model(rng=1), Firm), ColumnarAgentSet(town, Firm).select()):
        with pytest.raises(ValueError, match="register the whole Firm population"):
            register(town, Firm, wrong)
    assert populations(town) == {"Worker": workers}


def test_models_are_warning_free_and_step():
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Walking(Town):
            def step(self):
                self.agents_by_type[Worker].do("grow_older")

        town = Walking()
        town.step()
        assert town.workers.get("age")[0] == AGES[0] + 1


def test_finished_models_are_freed():
    town = Town()
    Mayor(town)
    trace = weakref.ref(town)
    release(town)
    del town
    gc.collect()
    assert trace() is None


def test_compact_renews_references_of_all_populations(town, workers):
    register(town, Firm, ColumnarAgentSet(town, Firm))
    firms = Firm.create_agents(town, 4, key=[1, 2, 3, 4], price=[1.0, 2.0, 3.0, 4.0])
    workers.employer[:] = [0, 1, 2, 3, -1, 1, 2, 3]
    some, worker = workers.select(lambda a: a.age > 30), workers[7]
    workers.employer[workers.employer == 1] = -1
    firms.select(lambda f: f.price == 2.0).do("remove")
    workers.select(lambda a: a.age < 18).leave_model()
    row_maps = compact_agents(town)
    assert row_maps["Firm"].tolist() == [0, -1, 1, 2]
    assert row_maps["Worker"].tolist() == [0, -1, 1, 2, 3, 4, -1, 5]
    assert workers.employer.tolist() == [0, 1, 2, -1, -1, 2]
    assert firms.price[workers.employer[workers.employer >= 0]].tolist() == [1.0, 3.0, 4.0, 4.0]
    assert some.get("age").tolist() == [34, 65, 34, 70, 45]
    assert (worker.age, worker.row) == (45, 5)


def test_compact_refuses_forgotten_ties(town, workers):
    register(town, Firm, ColumnarAgentSet(town, Firm))
    Firm.create_agents(town, 1, key=1)[0].remove()
    workers.employer[0] = 0
    with pytest.raises(ValueError, match="1 rows of 'employer' point to a removed Firm"):
        compact_agents(town)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda town: pickle.loads(pickle.dumps(town))], ids=["copy", "pickle"]
)
def test_models_with_columns_can_be_copied_and_pickled(town, again):
    Mayor(town)
    twin = again(town)
    town.workers.set("age", 1)
    assert twin.workers.get("age").tolist() == AGES
    assert twin.agents_by_type[Worker] is twin.workers
    assert len(twin.agents) == len(AGES) + 1
    assert twin.workers[0] in twin.workers
    assert twin.workers[0] not in town.workers
    newcomer = Worker.create_agents(twin, 1, key=99)[0]
    assert newcomer.unique_id not in [a.unique_id for a in town.workers]


# --- views -----------------------------------------------------------------------------------------------------


def test_views_are_mesa_agents_but_are_not_registered_themselves(town, workers):
    worker = workers[2]
    assert isinstance(worker, mesa.Agent)
    assert isinstance(worker, Worker)
    assert worker.model is town
    assert len(town.agents) == len(AGES)
    assert worker == workers[2]
    assert len({worker, workers[2], workers[3]}) == 2
    assert (worker.age, worker.wage, type(worker.age), type(worker.wage)) == (65, 0.0, int, float)
    assert repr(worker) == f"<Worker {worker.unique_id}: age=65, wage=0.0, county=1, employer=-1>"


def test_a_worker_can_be_made_alone(town, workers):
    worker = Worker(town, key=5, age=30)
    assert worker in workers
    assert worker.age == 30
    assert len(workers) == len(AGES) + 1


def test_views_refuse_what_is_no_column(workers):
    with pytest.raises(AttributeError, match="no column or attribute 'wgae'"):
        _ = workers[0].wgae
    with pytest.raises(AttributeError, match="no column 'wgae' to write"):
        workers[0].wgae = 1
    with pytest.raises(TypeError, match="holds int16"):
        workers[0].age = 1.5


def test_views_of_the_departed_say_so(workers):
    worker = workers[0]
    worker.remove()
    assert worker not in workers
    assert repr(worker).endswith("left>")
    with pytest.raises(ReferenceError, match="has left the model"):
        _ = worker.age


def test_agents_that_leave_during_a_loop_are_passed_over(workers):
    seen = []
    for worker in workers:
        seen.append(worker.age)
        if len(seen) == 1:
            workers.select(lambda a: a.age < 18).leave_model()
    assert seen == [34, 65, 34, 18, 70, 45]


# --- what is ours: whole columns ----------------------------------------------------------------------------------


def test_columns_of_the_population_are_live_and_aligned_with_rows(workers):
    workers.wage[workers.age < 18] = 9.0
    workers.age += 1
    assert workers.get("wage").tolist() == [3000.0, 9.0, 0.0, 4500.0, 1200.0, 800.0, 9.0, 4500.0]
    assert workers.get("age").tolist() == [age + 1 for age in AGES]
    workers[1].remove()
    assert len(workers.age) == len(AGES)
    assert len(workers) == len(workers.get("age")) == len(AGES) - 1
    assert workers.alive.sum() == len(workers)
    assert plainly(workers.select(lambda a: a.age < 30)) == plainly(workers.select(workers.get("age") < 30))
    assert workers.agg("weight", sum) == workers.weight.sum() == len(AGES) - 1


def test_columns_of_a_choice_are_read_only_copies(workers):
    some = workers.select(lambda a: a.age > 30)
    with pytest.raises(ValueError, match="read-only"):
        some.wage[0] = 1.0
    some.wage = some.wage + 1
    assert workers.get("wage").tolist() == [3001.0, 0.0, 1.0, 4501.0, 1200.0, 801.0, 0.0, 4501.0]


def test_rows_that_have_left_are_not_chosen(workers):
    workers[1].remove()
    assert workers.at_rows([2, 1, 0]).get("age").tolist() == [65, 34]


def test_each_member_can_be_given_its_own_value(workers):
    workers.select(lambda a: a.age > 60).set("wage", [1.0, 2.0])
    assert workers.get("wage")[[2, 5]].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="one value for each of 8 agents"):
        workers.set("wage", [1.0, 2.0])


def test_slow_paths_must_be_asked_for(workers):
    with pytest.raises(ValueError, match="ambiguous") as error:
        workers.select(lambda a: a.age > 30 and a.wage > 0)
    assert "per_agent=True" in error.value.__notes__[0]
    assert len(workers.select(lambda a: a.age > 30 and a.wage > 0, per_agent=True)) == 4
    with pytest.raises(AttributeError, match="once per agent with per_agent=True"):
        workers.map("greet", "hello")
    assert workers.map("greet", "hello", per_agent=True)[:2] == ["hello 34", "hello 12"]
    assert workers.groupby(lambda a: a.greet("x"), per_agent=True).count()["x 34"] == 2
    workers.do(lambda a: setattr(a, "wage", float(a.age)), per_agent=True)
    assert workers.get("wage").tolist() == AGES


@pytest.mark.parametrize("condition", [lambda a: a.age, lambda a: True, lambda a: a.age[:3] > 1])
def test_conditions_must_say_yes_or_no_of_everyone(workers, condition):
    with pytest.raises((TypeError, ValueError), match="condition: expected"):
        workers.select(condition)


def test_the_population_is_not_narrowed_in_place(workers):
    for verb, args in (("select", (lambda a: a.age > 30,)), ("sort", ("age",)), ("shuffle", ())):
        with pytest.raises(ValueError, match="in place"):
            getattr(workers, verb)(*args, inplace=True)
    assert len(workers) == len(AGES)


def test_shuffle_depends_on_keys_only(town, workers):
    order = workers.shuffle().get("key").tolist()
    assert order == workers.shuffle().get("key").tolist() == workers.sort("wage").shuffle().get("key").tolist()
    assert order != workers.shuffle(k=1).get("key").tolist()
    assert order != workers.shuffle(month=202102).get("key").tolist()
    assert order != workers.shuffle(name="other").get("key").tolist()
    before = [town.rng.bit_generator.state, town.random.getstate()]
    workers.shuffle_do("grow_older")
    assert before == [town.rng.bit_generator.state, town.random.getstate()]


def test_operators_join_choices(workers):
    young, rich = workers.select(lambda a: a.age < 40), workers.select(lambda a: a.wage > 2000)
    assert (young | rich).get("key").tolist() == [10, 11, 13, 14, 16, 17]
    assert (young & rich).get("key").tolist() == [10, 13]
    assert (young - rich).get("key").tolist() == [11, 14, 16]
    assert (young ^ rich).get("key").tolist() == [11, 14, 16, 17]
    assert (workers - young) == workers.select(lambda a: a.age >= 40)
    assert (young & [workers[0], workers[2]]).get("key").tolist() == [10]


def test_counting(workers):
    assert workers.count() == 8
    assert workers.count(lambda a: a.age > 30) == 5
    assert workers.count(workers[3]) == 1
    assert workers.select(lambda a: a.age < 18).count(workers[3]) == 0


def test_newcomers_join_the_population_but_not_earlier_choices(workers):
    some = workers.select()
    newcomers = workers.create_agents(2, key=[50, 51], age=[1, 2])
    assert (len(workers), len(some)) == (10, 8)
    assert newcomers.get("age").tolist() == [1, 2]
    with pytest.raises(TypeError, match="key"):
        Worker.create_agents(workers.model, 1, age=3)


def test_misspelt_columns_are_refused(workers):
    with pytest.raises(AttributeError, match="did you mean 'wage'"):
        _ = workers.wgae
    with pytest.raises(AttributeError, match="no column 'wgae'"):
        workers.wgae = 1
    with pytest.raises(AttributeError, match="no column 'wgae'"):
        workers.set("wgae", 1)


@pytest.mark.parametrize("name", ["get", "model", "row", "step", "alive"])
def test_columns_may_not_hide_verbs(town, name):
    with pytest.raises(ValueError, match=f"column '{name}' would hide"):
        ColumnarAgentSet(town, Firm, {name: Column("f8")})


def test_declared_columns_may_be_given_with_the_set(town):
    firms = register(town, Firm, ColumnarAgentSet(town, Firm, {"stage": ("i4", -1)}, capacity=10))
    firms.create_agents(3, key=[1, 2, 3], stage=[4, 5, 6])
    assert [firm.stage for firm in firms] == [4, 5, 6]
    assert [firm.stage for firm in firms[1:]] == [5, 6]


def test_agents_can_be_made_from_a_data_frame(town):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"key": [7, 8], "age": [1, 2]})
    assert Worker.from_dataframe(town, frame, county=2).get(["age", "county"]).tolist() == [(1, 2), (2, 2)]


def test_wide_columns_of_views_and_choices(town):
    firms = register(town, Firm, ColumnarAgentSet(town, Firm, {"area": Column("f8", width=2)}))
    firms.create_agents(2, key=[1, 2], area=[[1.0, 2.0], [3.0, 4.0]])
    assert firms[1].area.tolist() == [3.0, 4.0]
    assert firms.select(lambda f: f.area[:, 0] > 1).area.tolist() == [[3.0, 4.0]]
    assert firms.get("area").shape == (2, 2)
