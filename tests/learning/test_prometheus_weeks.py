"""A week that a real Prometheus has kept: read in, and learned from."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from stored_plan import ROOT, run

import planner
from planner.learning.node_load import _hourly, loads
from planner.learning.posteriors import Learned
from planner.model.inputs.capacity import Kind
from planner.model.inputs.observations import NodeReading, Sample
from planner.model.inputs.pages import USUAL, Pages
from planner.model.workload.marks import camera_cells, size_law, streams_by_sight
from planner.scenario import resolve
from planner.scenario.reader import read
from planner.store import history

PILOT = ROOT / "scenarios" / "pilot-5.yaml"
DAYS = 7
TRUE = {"base": 0.06, "per_room": 0.006, "per_user": 0.008, "per_stream": 0.0002}
"""Of the CPU; none of them what the scenario assumes."""


def meetings(kind: Kind, rooms: int, rng: np.random.Generator) -> tuple[int, int, int]:
    """Return users, cameras and streams of so many meetings, drawn from the law of one."""
    size = size_law(kind)
    cells = camera_cells(len(size) - 1, kind.moderators, kind.pages)
    chance = size[cells.users] * cells.probability(kind.cameras)
    drawn = rng.choice(len(chance), rooms, p=chance / chance.sum())
    cameras = int(cells.cameras[drawn].sum())
    return int(cells.users[drawn].sum()), cameras, cameras + int(cells.outgoing[drawn].sum())


def test_streams_are_guessed_without_bias_from_rooms_users_and_cameras() -> None:
    """Many nodes with five rooms each: what the guess misses has mean 0, and does not go with what is counted."""
    central = resolve.inputs(read(PILOT))
    kind = max(central.demands["level-1"].kinds, key=lambda one: one.size)
    rng = np.random.default_rng(3)
    drawn = np.array([meetings(kind, 5, rng) for _ in range(4000)], dtype=np.float64)
    seen = np.column_stack([np.full(4000, 5.0), drawn[:, :2]])
    missed = drawn[:, 2] - seen @ streams_by_sight([(kind, 1.0)])
    for column in (np.ones(4000), drawn[:, 0] - drawn[:, 0].mean(), drawn[:, 1] - drawn[:, 1].mean()):
        product = missed * column
        assert abs(product.mean()) < 4 * product.std() / np.sqrt(4000)
    assert missed.std() < drawn[:, 2].std() / 3


def test_streams_that_were_counted_by_other_pages_are_guessed() -> None:
    """By the scenario's own they are taken as they were counted."""
    seen, guess = NodeReading(4, 48, 312, 0.4, cameras=48), np.array([0.0, 0.0, 10.0])
    polls = [Sample(datetime(2021, 4, 5, 9, 20, tzinfo=UTC), "de", seen, pages=str(by)) for by in (USUAL, Pages(48))]
    found = [_hourly([one], "de", guess, pages) for pages in (USUAL, Pages(48)) for one in polls]
    assert [row[2] for (row,) in found] == [312.0, 480.0, 480.0, 312.0]


NIGHT, AWAY = (2, 3), (22, 23, 0, 1, 2, 3, 4, 5)
"""Hours of each day in which the exporter counts nothing: the secret was changed; the API is down."""


def in_memory(kind: Kind, seed: int, *, zeros: bool) -> list[Sample]:
    """Return such a week, the API down for eight hours a day: gaps, or the zeros of the exporter taken for true."""
    rng, week = np.random.default_rng(seed), []
    for hour in range(24 * DAYS):
        rooms = int(rng.poisson(6))
        users, cameras, streams = meetings(kind, rooms, rng) if rooms else (0, 0, 0)
        held = zip(TRUE.values(), (1, rooms, users, streams), strict=True)
        load = sum(cost * number for cost, number in held) + rng.normal(0, 0.01)
        reading = NodeReading(load=load)
        if hour % 24 not in AWAY and rooms:
            reading = replace(reading, rooms=rooms, users=users, cameras=cameras)
        elif zeros:
            reading = replace(reading, rooms=0, users=0, cameras=0)
        week.append(Sample(datetime(2021, 4, 5, 0, 20, tzinfo=UTC) + timedelta(hours=hour), "de", reading))
    return week


def test_hours_without_the_api_are_gaps_for_read_as_zero_they_would_be_the_base() -> None:
    """Twenty weeks: the true base is in the range (of 10 % to 90 %) of nearly all; with zeros it is in that of none."""
    scenario = read(PILOT)
    kind = max(resolve.inputs(scenario).demands["level-1"].kinds, key=lambda one: one.size)
    found = {}
    for zeros in (False, True):
        weeks = [loads(scenario, in_memory(kind, seed, zeros=zeros)) for seed in range(20)]
        found[zeros] = [one for week in weeks for one in week if one.path.endswith(".base")]
    assert sum(one.low <= TRUE["base"] <= one.high for one in found[False]) >= 14
    assert abs(np.mean([one.value for one in found[False]]) - TRUE["base"]) < 0.005
    assert sum(one.low <= TRUE["base"] <= one.high for one in found[True]) == 0
    assert np.mean([one.value for one in found[True]]) > 4 * TRUE["base"]  # it was 17.8 % for 5 %


def kept(end: datetime, kind: Kind, hours: tuple[int, ...] = NIGHT) -> str:
    """Return a week of one node's series, a point a minute, rooms changing on the hour, as OpenMetrics."""
    rng = np.random.default_rng(11)
    idle = busy = 0.0
    series: dict[str, list[str]] = {name: [] for name in ("", "_participants", "_video_participants")}
    up: list[str] = []
    cpu: dict[str, list[str]] = {"idle": [], "user": []}
    begin = end - timedelta(days=DAYS)
    for hour in range(24 * DAYS):
        rooms = int(rng.poisson(6))
        users, cameras, streams = meetings(kind, rooms, rng) if rooms else (0, 0, 0)
        load = TRUE["base"] + TRUE["per_room"] * rooms + TRUE["per_user"] * users + TRUE["per_stream"] * streams
        load = min(max(load + rng.normal(0, 0.01), 0.0), 1.0)
        for minute in range(60):
            at = f"{(begin + timedelta(hours=hour, minutes=minute)).timestamp():.0f}"
            # all is counted as nothing; where the secret was changed the flag may stay as it was
            failed = hour % 24 in hours
            up.append(f'bbb_api_up{{node="de"}} {int(not failed or (hours == NIGHT and hour % 24 == 3))} {at}')
            for name, value in zip(series, (rooms, users, cameras), strict=True):
                series[name].append(f'bbb_meetings{name}{{node="de"}} {0 if failed else value} {at}')
            idle, busy = idle + 60 * (1 - load), busy + 60 * load
            cpu["idle"].append(f'node_cpu_seconds_total{{cpu="0",mode="idle",node="de"}} {idle:.3f} {at}')
            cpu["user"].append(f'node_cpu_seconds_total{{cpu="0",mode="user",node="de"}} {busy:.3f} {at}')
    lines = [line for name in series for line in (f"# TYPE bbb_meetings{name} gauge", *series[name])]
    lines += ["# TYPE bbb_api_up gauge", *up, "# TYPE node_cpu_seconds counter", *cpu["idle"], *cpu["user"], "# EOF"]
    return "\n".join(lines) + "\n"


@contextmanager
def serving(folder: Path, exposition: str) -> Iterator[str]:
    """Yield the address of a real Prometheus that has kept these series."""
    (folder / "week.om").write_text(exposition)
    made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "week.om", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text("global: {}\n")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=1y"]
    command = ["prometheus", *words, f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
    try:
        for _ in range(120):
            time.sleep(0.25)
            try:
                if urlopen(f"http://{address}/-/ready", timeout=5).status == 200:
                    break
            except URLError:
                continue
        yield f"http://{address}/"
    finally:
        process.terminate()
        process.wait()


def learned(folder: Path, end: datetime, kind: Kind, hours: tuple[int, ...]) -> dict[str, Learned]:
    """Return what is learned of the CPU's coefficients from a week that Prometheus has kept, as it is typed."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            pytest.skip(f"the program {program} is not installed (Debian: apt-get install prometheus)")
    with serving(folder, kept(end, kind, hours)) as url:
        (folder / "servers.toml").write_text(f'[prometheus]\nurl = "{url}"\nnodes = {{de = \'node="de"\'}}\n')
        since = f"{end - timedelta(days=DAYS):%Y-%m-%d}"
        words = ("history", "import", "--history", "history.sqlite", "--since", since, "--step", "300", "servers.toml")
        done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    done = run("calibrate", str(PILOT), "--history", "history.sqlite", "--draws", "20", cwd=folder)
    assert done.returncode == 4, done.stderr  # a week without a single meeting's length says too little of the rest
    found = planner.calibrate(read(PILOT), folder / "history.sqlite").record
    return {one.path.rsplit(".", 1)[1]: one for one in found.loads}


@pytest.mark.slow
def test_a_week_that_prometheus_has_kept_says_what_a_meeting_costs_the_cpu(tmp_path: Path) -> None:
    central = resolve.inputs(read(PILOT))
    kind = max(central.demands["level-1"].kinds, key=lambda one: one.size)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    after = learned(tmp_path, end, kind, NIGHT)
    assert set(after) == set(TRUE)
    typical = {"base": 1, "per_room": 6, "per_user": 6 * kind.size, "per_stream": 6 * 30}
    true, assumed, found = (
        sum(typical[name] * of[name] for name in TRUE)
        for of in (
            TRUE,
            {name: one.prior[0] for name, one in after.items()},
            {name: one.value for name, one in after.items()},
        )
    )
    assert abs(assumed / true - 1) > 0.2  # or nothing was learned
    assert abs(found / true - 1) < 0.05
    assert 22 * (DAYS - 1) <= min(one.seen for one in after.values()) <= 22 * DAYS + 1  # nothing of the zeros
    with history.open_history(tmp_path / "history.sqlite") as db:
        kept_rooms = [one.reading.rooms for one in history.samples(db) if one.reading is not None]
        loads = [one.reading.load for one in history.samples(db) if one.reading is not None]
    assert 0 not in kept_rooms
    assert kept_rooms.count(None) >= 2 * 12 * (DAYS - 1)
    assert None not in loads[1:]


@pytest.mark.slow
def test_a_week_with_the_api_down_eight_hours_a_day_is_learned_from_within_its_range(tmp_path: Path) -> None:
    """bigbluebutton-exporter#61 and #138: read as zero, these hours made the base three times what it is."""
    kind = max(resolve.inputs(read(PILOT)).demands["level-1"].kinds, key=lambda one: one.size)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    after = learned(tmp_path, end, kind, AWAY)
    assert after["base"].low <= TRUE["base"] <= after["base"].high
    typical = {"base": 1, "per_room": 6, "per_user": 6 * kind.size, "per_stream": 6 * 30}
    true, found = (sum(typical[name] * of[name] for name in TRUE) for of in (TRUE, {n: after[n].value for n in TRUE}))
    assert abs(found / true - 1) < 0.05
    assert after["base"].seen <= 16 * DAYS + 1  # of sixteen hours a day, none of the others
    with history.open_history(tmp_path / "history.sqlite") as db:
        samples = history.samples(db)
    there = {one.at.hour for one in samples if one.reading is not None and one.reading.rooms is not None}
    assert there == set(range(24)) - {(end.hour + hour) % 24 for hour in AWAY}  # the week begins at the hour of its end
    assert {one.at.hour for one in samples if one.reading is not None and one.reading.load is not None} == set(
        range(24)
    )
