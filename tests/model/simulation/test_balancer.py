"""The balancer: meetings go where the load is least and stay there."""

from dataclasses import replace

import numpy as np
import outside_simulator
import pytest
from agreement import Comparison, agree
from situations import OFFICE, ONE_BIN, demand, kind, linear, scalelite, week, world

from planner.model.inputs.capacity import Node, ScaleliteLoad
from planner.model.simulation import balancer
from planner.model.simulation import replications as simulation
from planner.model.simulation.meetings import Accounts
from planner.model.simulation.replications import World, simulate


class TestBalancer:
    """Meetings go where the load is least, and stay there."""

    NODES = tuple(replace(scalelite(rooms=2, users=14, load=25), name=name) for name in "abc")

    def test_pool_against_the_outside_simulator(self) -> None:
        """Three nodes behind a balancer, accounts with a limit on rooms: mean, minutes, overloads, weeks with any."""
        assert agree(self.against_the_outside(replications=250, view_age=0.0))

    @pytest.mark.slow
    @pytest.mark.parametrize(("view_age", "times"), [(0.0, 1.0), (1 / 60, 1.5), (0.25, 2.0)])
    def test_pool_against_the_outside_simulator_at_length(self, view_age: float, times: float) -> None:
        """The same for longer, and, with larger limits, seen a minute or a quarter of an hour late."""
        assert agree(self.against_the_outside(replications=1000, view_age=view_age, times=times))

    def test_a_wrong_placement_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The comparison can fail: a balancer that takes the last node whatever its load."""
        monkeypatch.setattr(balancer, "EQUAL", -1e9)
        monkeypatch.setattr(simulation, "_loops", balancer.interpreted)
        assert not agree(self.against_the_outside(replications=250, view_age=0.0, own=1))

    def against_the_outside(
        self, replications: int, view_age: float, times: float = 1.0, own: int = 16
    ) -> list[Comparison]:
        """Return the simulation's means beside what the outside simulator saw of the same pool.

        The simulation plays many times as many replications, so that its own error can be left aside.
        """
        half = replace(linear(rooms=3, streams=80), name="c", load=ScaleliteLoad(multiplier=0.5))
        nodes = tuple(
            replace(node, limits={resource: times * limit for resource, limit in node.limits.items()})
            for node in (*self.NODES[:2], half)
        )
        clumped = kind(shape=week(OFFICE, starts=ONE_BIN))
        classes = ((demand(3.0, 1.0, rooms_at_once=2), 25), (demand(10.0, 0.5, clumped, rooms_at_once=1), 4))
        population = tuple(Accounts(count, what) for what, count in classes)
        results = simulate(World(nodes, population, view_age), replications=own * replications, seed=62, weeks=1)
        index = {node.name: k for k, node in enumerate(nodes)}
        seen = outside_simulator.simulate(
            nodes,
            [outside_simulator.Accounts(count, what, None) for what, count in classes],
            [outside_simulator.Watched(index[one.node], one.resource, one.limit) for one in results],
            replications=replications,
            weeks=1,
            seed=61,
            view_age=view_age,
        )
        often = seen.overloads.sum(axis=0) >= 200
        assert often.sum() >= 5, "limits must be broken often enough to compare"
        measures = ("mean", "minutes", "episodes")
        return [
            Comparison(
                names=tuple(f"{one.node} {one.resource} {measure}" for measure in (*measures, "any_in_week")),
                predicted=np.array([getattr(one, measure).value for measure in (*measures, "any_in_week")]),
                seen=np.stack([*(getattr(seen, measure)[:, i] for measure in measures), seen.weeks_over[:, i]], axis=1),
            )
            for i, one in enumerate(results)
            if often[i]
        ]

    def test_least_loaded_lies_between_separate_nodes_and_one_large_one(self) -> None:
        """Three nodes of 14 users behind a balancer: worse than one of 42, better than a third of the rate each."""
        split = simulate(world(demand(1 / 3, 1.0), 60, self.NODES[0]), replications=600, seed=5)[1]
        pool = simulate(world(demand(1.0, 1.0), 60, *self.NODES, pooled=True), replications=600, seed=5)
        large = simulate(world(demand(1.0, 1.0), 60, scalelite(users=42)), replications=600, seed=5)[0]
        users = [result for result in pool if result.resource == "users"]
        assert len(users) == 3
        for result in users:
            assert large.episodes.high < result.episodes.low
            assert result.episodes.high < split.episodes.low

    def test_ties_go_to_the_first_node(self) -> None:
        """An empty pool is filled in the nodes' order."""
        pool = simulate(world(demand(0.5, 0.0), 4, *self.NODES, pooled=True), replications=50, seed=6)
        means = [result.mean.value for result in pool if result.resource == "rooms"]
        assert means[0] > means[1] >= means[2]

    def test_without_any_load_model_users_are_compared(self) -> None:
        """A pool of nodes that reckon no load does not pile everything on the first."""
        nodes = tuple(replace(Node("", {"users": 30.0}), name=name) for name in "ab")
        pool = simulate(world(demand(4.0, 0.0), 40, *nodes, pooled=True), replications=30, seed=7)
        assert pool[1].mean.value > 0.3 * pool[0].mean.value

    def test_a_node_that_is_down_takes_nothing(self) -> None:
        """The other two carry everything; with all of them down nothing is carried or reported."""
        whole = simulate(world(demand(3.0, 1.0), 40, *self.NODES, pooled=True), replications=100, seed=8)
        less = simulate(
            world(demand(3.0, 1.0), 40, *self.NODES, pooled=True, down=frozenset("b")), replications=100, seed=8
        )
        assert {result.node for result in less} == {"a", "c"}
        carried = [sum(one.mean.value for one in run if one.resource == "users") for run in (whole, less)]
        assert carried[1] == pytest.approx(carried[0])
        assert less[0].minutes.value > whole[0].minutes.value
        assert simulate(world(demand(3.0, 1.0), 40, self.NODES[0], down=frozenset("a")), replications=2, seed=8) == ()

    def test_an_old_view_piles_meetings_up(self) -> None:
        """When many meetings start in five minutes and the view is ten minutes old, one node gets them all."""
        what = demand(3.0, 0.5, kind(shape=week(OFFICE, starts=ONE_BIN)))
        fresh, old = (
            simulate(world(what, 40, *self.NODES, pooled=True, view_age=age), replications=200, seed=9)[0]
            for age in (0.0, 1 / 6)
        )
        assert old.minutes.low > 1.5 * fresh.minutes.high
