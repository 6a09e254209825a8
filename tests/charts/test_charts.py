"""What is drawn is what the plan says: the charts' lines, bars and cells against the records, and the one look."""

import itertools
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from sample_plan import HOSTILE, admission, credit, hostile, sample, week

from planner.charts import credit as credit_charts
from planner.charts import limits as limits_chart
from planner.charts import theme
from planner.charts import tornado as tornado_chart
from planner.charts.credit import rows_in_money
from planner.planning import Months, Plan, Swing
from planner.report import figures, findings

LOOK = Path(__file__).parents[1] / "look"


@pytest.fixture
def ax():
    with theme.style():
        _, (axes,) = theme.figure(2.0)
        yield axes


def line(ax: Axes, name: str) -> Line2D:
    return next(one for one in ax.lines if one.get_gid() == name)


def bar(ax: Axes, name: str) -> Rectangle:
    return next(one for one in ax.patches if one.get_gid() == name)


def edges(ax: Axes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper edge of a band at each of its places."""
    band = next(one for one in ax.collections if one.get_gid() == name)
    assert isinstance(band, PolyCollection)
    points = band.get_paths()[0].vertices
    places = np.unique(points[:, 0])
    return (
        np.array([points[points[:, 0] == x, 1].min() for x in places]),
        np.array([points[points[:, 0] == x, 1].max() for x in places]),
    )


def said(ax: Axes) -> list[str]:
    return [one.get_text() for one in ax.findobj(Text) if one.get_text()]


def drawn(plan: Plan, *names: str) -> dict[str, Figure]:
    made = {}
    for chart in (one for one in figures.of(plan) if not names or one.name in names):
        with theme.style(chart.name):
            made[chart.name] = chart.make()
    return made


# ---- what is drawn is what the record says


def test_week_draws_the_usual_the_bad_day_and_the_limit_less_what_is_kept_free(ax):
    record = week("de", "users", 150, 20, 30.0, 8.0)
    limits_chart.week(record, ax)
    assert tuple(line(ax, "mean").get_ydata()[:168]) == record.mean
    assert tuple(line(ax, "bad day").get_ydata()[:168]) == record.bad_day
    assert set(line(ax, "usable").get_ydata()) == {130}
    low, high = edges(ax, "usual")
    assert high.max() == pytest.approx(max(record.usual_high))
    assert low.min() == pytest.approx(min(record.usual_low))
    assert "limit 130 users (150 less 20 kept free)" in said(ax)
    assert ax.get_ylim()[1] > 130
    low, high = edges(ax, "too full")
    assert high.max() == 130, "no hour of it is too full"


def test_of_a_bad_day_what_is_above_the_limit_is_marked(ax):
    record = week("de", "users", 70, 20, 30.0, 8.0)
    limits_chart.week(record, ax)
    low, high = edges(ax, "too full")
    assert low.min() == 50
    assert high.max() == pytest.approx(max(record.bad_day))


def test_a_load_in_shares_is_drawn_in_per_cent(ax):
    record = week("de", "load", 0.7, 0.0, 0.3, 0.1)
    limits_chart.week(record, ax)
    assert line(ax, "mean").get_ydata()[:168] == pytest.approx([100 * value for value in record.mean])
    assert "limit 70 %" in said(ax)


def test_cases_are_columns_of_a_hundred_filled_as_far_as_the_servers_cope(ax):
    rows = admission().holds
    limits_chart.copes(rows, ax, 0.9, "cope: 1 overload a year at most", offered=5)
    for row in rows:
        assert bar(ax, f"cases {row.accounts}").get_height() == pytest.approx(100 * row.share)
        assert bar(ax, f"of 100 {row.accounts}").get_height() == 100
        assert f"{100 * row.share:.0f}" in said(ax)
    assert set(line(ax, "promised").get_ydata()) == {90}
    assert {"we promise", "90 of 100", "5\noffered"} <= set(said(ax))


def test_the_offer_and_the_members_alone_are_told_by_colour_and_weight(ax):
    limits_chart.copes(admission().holds, ax, 0.9, "", offered=5)
    colours = {n: bar(ax, f"cases {n}").get_facecolor() for n in (0, 1, 5, 55)}
    assert len(set(colours.values())) == 3
    assert colours[1] == colours[55]
    bold = {one.get_text() for one in ax.findobj(Text) if one.get_fontweight() == "bold"}
    assert {"96", "5\noffered"} <= bold


@pytest.mark.parametrize("confidence", [0.1, 0.5, 0.999])
def test_no_number_stands_on_the_line_of_what_is_promised(ax, confidence):
    rows = [replace(row, share=confidence) for row in admission().holds]
    limits_chart.copes(rows, ax, confidence, "", offered=5)
    ax.figure.draw_without_rendering()
    at = ax.transData.transform((0, 100 * confidence))[1]
    boxes = [one.get_window_extent() for one in ax.texts if one.get_text()]
    assert not any(box.y0 < at < box.y1 for box in boxes)


def test_each_limit_has_its_bar_and_the_binding_one_is_told_by_words_and_weight(ax):
    record = admission()
    limits_chart.allowed(record, ax, offered=5)
    end = max(one.get_width() for one in ax.patches if isinstance(one, Rectangle))
    for limit in record.limits:
        if limit.max_accounts is not None:
            assert bar(ax, f"{limit.kind}:{limit.limit}:{limit.node}").get_width() == min(limit.max_accounts, end)
            assert f"{limit.max_accounts}" in said(ax), "the number stands beside the bar, also where the bar is cut"
    bold = {one.get_text() for one in ax.texts if one.get_fontweight() == "bold"}
    assert "the pilot's own cap: says no first" in bold
    assert not {"users on de", "volunteer hours"} & bold
    assert line(ax, "offered").get_xdata()[0] == 5


def test_a_limit_without_a_number_has_no_empty_row(ax):
    limits_chart.allowed(admission(), ax)
    assert not any("no limit" in words for words in said(ax))


def test_a_reach_is_told_from_a_permission_by_more_than_colour(ax):
    limits_chart.allowed(admission(), ax)
    reach, permission = bar(ax, "reach:market:None"), bar(ax, "permission:labour:None")
    assert reach.get_hatch()
    assert not permission.get_hatch()
    assert reach.get_facecolor()[3] == 0
    assert reach.get_y() > max(one.get_y() for one in ax.patches if one.get_gid() != "reach:market:None")


def test_the_lowest_permission_is_on_top_and_the_binding_one_wins_a_tie(ax):
    record = admission()
    tie = replace(
        record, limits=tuple(replace(row, max_accounts=5) if row.limit == "labour" else row for row in record.limits)
    )
    limits_chart.allowed(tie, ax)
    tops = {one.get_gid(): one.get_y() for one in ax.patches}
    assert min(tops, key=lambda name: tops[name]) == "permission:policy:None"


def test_balance_is_drawn_in_whole_credits_with_price_and_cap(ax):
    record = credit(5)
    credit_charts.balance(record, ax)
    assert line(ax, "median").get_ydata() == pytest.approx([value / 100 for value in record.balance.p50])
    assert line(ax, "on paper").get_ydata() == pytest.approx([45.0 * month for month in range(37)])
    low, high = edges(ax, "band")
    assert low == pytest.approx([value / 100 for value in record.balance.p10])
    assert high == pytest.approx([value / 100 for value in record.balance.p90])
    assert set(line(ax, "target").get_ydata()) == {480}
    assert set(line(ax, "cap").get_ydata()) == {500}


def test_no_cap_no_line(ax):
    credit_charts.balance(credit(5, cap=None), ax)
    assert "cap" not in {one.get_gid() for one in ax.lines}


def test_months_marks_the_numbers_of_the_proposal_and_puts_too_late_above_the_horizon(ax):
    credit_charts.months(credit(5), ax)
    marks = {n: line(ax, f"mark {n}").get_xydata()[0] for n in credit_charts.MARKS}
    assert {n: y for n, (_, y) in marks.items() if n > 1} == {2: 27, 5: 11, 10: 6, 55: 1}
    assert marks[1][1] > 36
    assert line(ax, "mark 1").get_markerfacecolor() != line(ax, "mark 2").get_markerfacecolor()
    assert all(marks[n][0] == n for n in credit_charts.MARKS)


def sides(ax: Axes, path: str) -> tuple[float, float, float]:
    """Return where the bars of an input begin, meet and end."""
    lower, higher = bar(ax, f"lower {path}"), bar(ax, f"higher {path}")
    assert lower.get_x() + lower.get_width() == pytest.approx(higher.get_x())
    return lower.get_x(), higher.get_x(), higher.get_x() + higher.get_width()


def test_tornado_reaches_from_todays_answer_to_that_at_low_and_to_that_at_high(ax):
    rows = [row for row in sample().swings if row.answer == "admission"]
    tornado_chart.tornado(rows, ax)
    for row in rows:
        assert sides(ax, row.path) == (min(row.at_low, row.at_high), 24, max(row.at_low, row.at_high))
    assert {"if 4: 3", "in the plan: 24"} <= set(said(ax))
    assert "meetings (everyone), per week" in said(ax), "the unit stands once"


def test_more_accounts_are_better_and_more_months_are_worse(ax):
    colours = {}
    for answer in ("admission", "months_to_buy"):
        row = next(row for row in sample().swings if row.answer == answer)
        tornado_chart.tornado([row], ax)
        colours[answer] = bar(ax, f"lower {row.path}").get_facecolor(), bar(ax, f"higher {row.path}").get_facecolor()
    assert colours["admission"] == colours["months_to_buy"][::-1]


def test_where_both_ends_are_on_one_side_the_words_stand_beside_todays_line(ax):
    tornado_chart.tornado([Swing("usage.cpu.factor", "admission", "0.3", "3", 20.0, 4.0, 0.0)], ax)
    assert sides(ax, "usage.cpu.factor") == (0, 0, 20)
    nearer = next(one for one in ax.texts if one.get_text() == "if 3: 4")
    assert nearer.xy[0] == 0


def test_a_risk_is_drawn_by_its_factors_and_written_a_year(ax):
    row = Swing("nodes.de.limits.users", "risk", "100 users", "200 users", 10.0, 0.1, 1.0)
    tornado_chart.tornado([row], ax, "episodes")
    assert sides(ax, row.path) == pytest.approx((-1, 0, 1)), "a hundredfold is two powers of ten"
    assert {"if 100: 120", "if 200: 1.2", "in the plan: 12"} <= set(said(ax))


def test_no_number_lies_beyond_every_number(ax):
    row = Swing("networks.ocn.sign_ups", "months_to_buy", "0.5", "2", None, 15.0, 19.0)
    tornado_chart.tornado([row], ax)
    first, today, last = sides(ax, row.path)
    assert (first, today) == (15, 19)
    assert last > 19
    assert "if 0.5: too late" in said(ax)


def test_hours_bought_are_drawn_month_by_month_against_the_target(ax):
    record = credit(5)
    credit_charts.hours(record, ax)
    assert tuple(line(ax, "median").get_ydata()) == record.hours.p50
    assert tuple(line(ax, "on paper").get_ydata()) == record.hours.central
    assert set(line(ax, "target").get_ydata()) == {16}


def test_chance_is_that_of_the_paths_in_per_cent_and_begins_at_nothing(ax):
    record = credit(5)
    credit_charts.chance(record, ax)
    for name, wait in (("earned", record.rules.afford), ("bought", record.rules.buy)):
        assert line(ax, name).get_ydata() == pytest.approx([0, *(100 * p for p in wait.by_month)])


@pytest.mark.parametrize(("most", "end"), [(0.03, 10), (0.15, 20), (0.3, 40), (0.7, 100)])
def test_small_chances_fill_their_picture_and_the_scale_says_so(ax, most, end):
    record = credit(5)
    afford, buy = (replace(wait, by_month=(0.0, most)) for wait in (record.rules.afford, record.rules.buy))
    credit_charts.chance(replace(record, rules=replace(record.rules, afford=afford, buy=buy)), ax)
    assert ax.get_ylim()[1] == pytest.approx(1.08 * end)
    assert f"{end} %" in said(ax)


def test_money_and_credit_are_drawn_on_two_scales_and_a_cost_is_below_nothing():
    with theme.style():
        _, axes = theme.figure(1.2, 1.2)
        record = credit(5)
        credit_charts.in_credit(record.rules, axes[0], "credit")
        credit_charts.in_money(record.money, axes[1], "GBP")
    received = line(axes[0], "range received").get_xdata()
    assert tuple(received) == (record.rules.earned.p10[-1] / 100, record.rules.earned.p90[-1] / 100)
    costs = line(axes[1], "range cost of the accounts").get_xdata()
    assert tuple(costs) == (-record.money.per_account.p90 / 100, -record.money.per_account.p10 / 100)
    assert "tax on credit income" not in said(axes[1]), "what is nothing is left out"
    drawn_rows = [one.get_gid() for one in axes[1].lines if str(one.get_gid()).startswith("range")]
    assert len(drawn_rows) == rows_in_money(record.money)


# ---- the choice of what is drawn


def test_the_nodes_nearest_their_limit_are_drawn_each_with_its_fullest_resource():
    plan = sample()
    fullest = {
        node: max((w for w in plan.weeks if w.node == node), key=lambda w: max(w.bad_day) / (w.limit - w.reserve))
        for node in ("de", "ca")
    }
    assert figures.tightest_weeks(plan) == [fullest["de"], fullest["ca"]]


def test_what_has_no_limit_is_not_drawn_against_one():
    plan = sample()
    free = replace(plan, weeks=tuple(replace(one, limit=math.inf) for one in plan.weeks))
    assert figures.tightest_weeks(free) == []


def test_where_the_servers_are_simulated_the_offer_alone_has_a_column():
    plan = sample()
    simulated = replace(plan, admission=replace(plan.admission, holds=()))
    assert [(row.accounts, row.share) for row in figures.cases(simulated)] == [(5, 0.94)]
    assert "94 of 100 cases" in findings.of(simulated, "risk").headline


def test_a_plan_without_records_has_fewer_charts_and_no_error():
    plan = sample()
    bare = replace(
        plan,
        servers=(),
        weeks=(),
        swings=(),
        admission=replace(plan.admission, limits=(), binding=None, max_accounts=None, holds=()),
    )
    assert list(drawn(bare)) == ["limits", "months", "balance", "hours", "money", "frontier"]


def test_nothing_within_the_horizon_is_still_a_chart():
    plan = sample()
    never = replace(
        plan.credit,
        months=replace(plan.credit.months, central=(None,) * 17, p10=(None,) * 17, p50=(None,) * 17, p90=(None,) * 17),
        months_to_afford=Months(None, None, None, None, 0.0),
    )
    for figure in drawn(replace(plan, credit=never, credit_by_network=(never,))).values():
        assert "</svg>" in theme.svg(figure)


# ---- the look


def words_of(figure: Figure) -> list[Text]:
    """Return what is written in a figure; ticks outside the axes are kept by matplotlib, but not drawn."""
    found: list[Text] = []
    for ax in figure.axes:
        found += [*ax.texts, ax.xaxis.label, *(ax.get_legend().get_texts() if ax.get_legend() else [])]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            found += [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
    return [one for one in found if one.get_text().strip()]


@pytest.mark.parametrize("text", ["", "W" * 60])
def test_nothing_is_cut_off_at_the_edge_of_a_figure(text):
    for name, figure in drawn(hostile(text) if text else sample()).items():
        figure.set_dpi(theme.DPI)
        figure.draw_without_rendering()
        whole = figure.bbox.padded(2)
        for one in words_of(figure):
            box = one.get_window_extent()
            assert whole.contains(box.x0, box.y0), f"{name}: {one.get_text()!r} leaves the figure"
            assert whole.contains(box.x1, box.y1), f"{name}: {one.get_text()!r} leaves the figure"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_drawn_as_text(text):
    for chart in figures.of(hostile(text)):
        with theme.style(chart.name):
            root = ET.fromstring(theme.svg(chart.make()).split("\n", 3)[3])
        tags = {element.tag.split("}")[-1] for element in root.iter()}
        assert tags <= {
            "svg",
            "g",
            "path",
            "text",
            "tspan",
            "defs",
            "style",
            "use",
            "clipPath",
            "rect",
            "metadata",
            "creator",
            "Agent",
            "title",
            "RDF",
            "Work",
            "type",
            "format",
            "pattern",
        }


def test_the_same_plan_gives_the_same_bytes():
    for name in ("limits", "week"):
        seen = set()
        for _ in range(2):
            with theme.style(name):
                figure = drawn(sample(), name)[name]
                seen.add((theme.svg(figure), theme.png(figure)))
        assert len(seen) == 1
        assert "<dc:date>" not in next(iter(seen))[0]


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_on_paper_and_bands_by_day_and_by_night(dark):
    def shown(colour: str) -> str:
        return theme.DARK[colour] if dark else colour

    for colour in (theme.INK, theme.MUTED, theme.LIMIT, theme.MAIN):
        assert _contrast(shown(colour), shown(theme.PAPER)) >= 4.5
    for colour in (theme.MAIN, theme.LIMIT, theme.INK):
        assert _contrast(shown(colour), shown(theme.BAND)) >= 3, "lines stand out from the band they cross"


@pytest.mark.parametrize("dark", [False, True])
def test_the_steps_of_the_map_go_one_way_in_lightness(dark):
    light = [_luminance(theme.DARK[step] if dark else step) for step in theme.STEPS]
    assert light == sorted(light, reverse=not dark)
    assert all(abs(math.log(a + 0.05) - math.log(b + 0.05)) > math.log(1.15) for a, b in itertools.pairwise(light))


def test_every_colour_has_a_name_and_a_dark_twin_of_its_own():
    assert set(theme.NAMES) == set(theme.DARK)
    assert len(set(theme.NAMES.values())) == len(theme.NAMES)


def test_drawing_never_imports_pyplot():
    code = "import sys, planner.report.folder; print('matplotlib.pyplot' in sys.modules, 'pandas' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("name", ["limits", "risk", "months", "week", "tornado"])
def test_the_look_is_the_one_we_agreed_on(name, tmp_path):
    """After a wanted change: delete the picture in tests/look, run this, look at the new one, and commit it."""
    with theme.style(name):
        drawn(sample(), name)[name].savefig(tmp_path / "now.png", dpi=80)
    agreed = LOOK / f"{name}.png"
    if not agreed.exists():
        LOOK.mkdir(exist_ok=True)
        agreed.write_bytes((tmp_path / "now.png").read_bytes())
        pytest.fail(f"there was no {agreed}: it is drawn now; look at it and commit it")
    now, then = imread(tmp_path / "now.png"), imread(agreed)
    assert now.shape == then.shape
    # another version of the font renderer moves edges by a fraction of a pixel; another look moves far more
    assert math.sqrt(float(np.mean((now - then) ** 2))) < 0.03
