"""report.html: one file that opens without a network, on a phone, in the dark, on paper and in a screen reader."""

import base64
import hashlib
import math
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from planner.charts import theme
from planner.charts.limits import shown
from planner.planning import Assumption, Option, Plan, Swing
from planner.report import figures, findings, frontier, inline, known, networks, servers, sliders, what_to_measure
from planner.report.answer import answer, between, changed_here, coping, horizon, short
from planner.report.questions import questions
from planner.wording import glossary, phrases, reasons

ROWS = 24
"""So many rows of a table are shown; the CSV has them all."""
FIRST_CHARTS = ("risk", "hours")
"""Seen without unfolding anything: what the accounts add, and when the hours come."""
TEMPLATES = Path(__file__).parent / "templates"


def html(plan: Plan, drawn: Mapping[str, str]) -> str:
    """Return the report as one HTML page."""
    return environment().get_template("report.html.j2").render(context(plan, drawn))


def screen(plan: Plan) -> str:
    """Return the first screen as a piece of HTML, with the chart of the offers that a meeting can choose among."""
    known = {chart.name: chart for chart in figures.of(plan)}
    chart = next(known[name] for name in ("frontier", "risk", "limits") if name in known)
    about = {
        "plan": plan,
        "answer": answer(plan),
        "since": changed_here(plan.changes),
        "found": findings.of(plan, chart.name),
        "picture": base64.b64encode(chart.picture()[1]).decode(),
        "width": round(theme.WIDTH * theme.DPI / 2),
    }
    return environment().get_template("notebook.html.j2").render(about)


@cache
def environment(*more: Path) -> Environment:
    """Return where the pages are made: all that is put in is escaped, and what is missing is an error.

    Parameters
    ----------
    *more : Path
        Folders with further templates.
    """
    loader = FileSystemLoader([TEMPLATES, *more])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(number=phrases.number, when=phrases.when, short=short, unbroken=unbroken)
    made.filters["share"] = lambda value: unbroken(phrases.share(value))
    return made


def context(plan: Plan, drawn: Mapping[str, str]) -> dict[str, Any]:
    """Return all that the template says, in the plan's words."""
    found = {name: findings.of(plan, name) for name in drawn}
    return {
        "plan": plan,
        "answer": answer(plan),
        "since": changed_here(plan.changes),
        "questions": questions(plan),
        "coping": lambda row: coping(plan, row),
        "wrong": what_to_measure.wrong(plan),
        "first": known.find_out(plan) or what_to_measure.measure_first(plan),
        "seen": known.seen(plan),
        "later": known.later(plan),
        "shares": known.shares(plan),
        "charts": [
            (name, each, inline.figure(drawn[name], name, f"{each.headline} {each.more}".strip()))
            for name, each in found.items()
        ],
        "first_charts": FIRST_CHARTS,
        "offers": frontier.rows(plan),
        "beaten": frontier.beaten,
        "more_cases": frontier.more_cases,
        "load": servers.load(plan),
        "words": glossary.for_report(phrases.share(plan.confidence)),
        "growth": servers.growth(plan),
        "pool": servers.pool(plan),
        "checks": servers.checks(plan),
        "counted": servers.COUNTED[plan.measure],
        "limits": [row for row in shown(plan.admission, len(plan.admission.limits)) if row.max_accounts is not None],
        "unlimited": [row for row in plan.admission.limits if row.max_accounts is None],
        "most": ROWS,
        "limit_name": plan.names.limit,
        "why": lambda row: reasons.why(row, plan.names),
        "would_allow": lambda row: reasons.would_allow(row, plan.names),
        "assumed": [row for row in by_effect(plan) if row[0].low is not None or row[1]],
        "fixed": fixed(plan),
        "this": this_option(plan),
        "networks": [
            (
                each,
                networks.facts(each),
                networks.money(plan, each),
                networks.hand_over(each),
                networks.way_out(plan, each),
                networks.with_admission(each),
            )
            for each in plan.credit_by_network
        ],
        "review": networks.review(plan.credit),
        "engines": engines(plan),
        "horizon": horizon(plan),
        "between": between,
        "wait": lambda found: unbroken(networks.wait(found)),
        "between_ends": between_ends,
        "measure": phrases.measure,
        "command": command(plan),
        **_live(plan),
        "light": inline.palette(dark=False),
        "dark": inline.palette(dark=True),
    }


def this_option(plan: Plan) -> Option | None:
    """Return the option that is the plan's own offer."""
    own = (plan.offered, plan.credit.income_per_month)
    return next((row for row in plan.options if (row.accounts, row.income_per_month) == own), None)


def command(plan: Plan) -> str:
    """Return the command that makes the same plan again."""
    parts = ["planner", "plan", plan.scenario.file]
    for change in plan.changes:
        if change.where == "--set":
            parts += ["--set", f"{change.path}={change.new}"]
    return shlex.join([*parts, "--draws", str(plan.draws), "--seed", str(plan.seed)])


def by_effect(plan: Plan) -> list[tuple[Assumption, list[str]]]:
    """Return the assumptions with how much each moves the answers, those that move them most first."""
    effects: dict[str, list[Swing]] = {}
    for swing in plan.swings:
        effects.setdefault(swing.path, []).append(swing)
    order = {path: k for k, path in enumerate(effects)}
    rows = sorted(plan.assumptions, key=lambda row: order.get(row.path, len(order)))
    return [(row, [_effect(plan, swing) for swing in effects.get(row.path, [])]) for row in rows]


def fixed(plan: Plan) -> list[tuple[str, list[Assumption]]]:
    """Return the inputs without a range: those with a source, those without one, and the planner's own values."""
    rows = [row for row, effects in by_effect(plan) if row.low is None and not effects]
    named = [row for row in rows if row.source not in {"", "default"}]
    return [
        ("Taken as they are, without a range", named),
        ("Decided or taken without naming a source", [row for row in rows if not row.source]),
        ("The planner's own defaults: the file says nothing", [row for row in rows if row.source == "default"]),
    ]


def _effect(plan: Plan, swing: Swing) -> str:
    if swing.answer == "risk":
        low, high = (servers.counted(plan.measure, at or 0.0) for at in (swing.at_low, swing.at_high))
        return f"{servers.COUNTED[plan.measure]}: {low} … {high}"
    what = {"admission": "accounts", "months_to_afford": "months to earn", "months_to_buy": "months to buy"}
    none = "no limit" if swing.answer == "admission" else f"over {horizon(plan)}"
    low, high = (none if at is None else f"{at:g}" for at in (swing.at_low, swing.at_high))
    return f"{what.get(swing.answer, swing.answer)}: {low} … {high}"


NO_SLIDERS = (
    "There are no sliders here. They read answers off a grid, which the closed form works out beforehand at hundreds "
    "of settings; this plan's servers are judged by simulation, which takes longer for a single one. Change an entry "
    "of the scenario and plan again: planner plan SCENARIO --set offer.accounts=10."
)


def _live(plan: Plan) -> dict[str, Any]:
    """Return what the sliders need; without a grid there are none."""
    grid = plan.what_if
    if grid is None:
        simulated = any(limit.engine == "simulation" for limit in plan.admission.limits)
        return {"script": "", "no_sliders": NO_SLIDERS if simulated else ""}
    script = (TEMPLATES / "whatif.js").read_text("utf-8")
    return {
        "script": Markup(script),
        # the page runs this script and no other
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "grid": sliders.embedded(plan),
        "errors": sliders.stated(grid),
        "sliders": {
            "price": max(20, grid.price // 50),
            "rate": max(20, grid.rate // 50),
            "hours": max(40, round(2 * grid.hours)),
            # a slider stands on whole steps only, and it begins at the plan's own number
            "step_price": 0.5 if grid.price % 50 == 0 else 0.01,
            "step_rate": 1 if grid.rate % 100 == 0 else 0.01,
            "step_hours": 1 if grid.hours == int(grid.hours) else 0.25,
            "quiet": round(math.log2(grid.busy[0]), 2),
            "busy": round(math.log2(grid.busy[-1]), 2),
        },
    }


def engines(plan: Plan) -> list[tuple[str, str]]:
    """Return which engine gave which number."""
    limits = sorted({row.engine for row in plan.admission.limits if row.node is not None})
    return [
        (f"Risk and load at each limit of a node ({plan.draws:,} draws of the inputs)", "closed form"),
        ("Accounts that each limit of a node allows", ", ".join(limits)),
        ("Months, income and hours on paper", "the sum: everyone pays, from the first month, nobody leaves"),
        (
            "Months, balance and hours with the usual delays",
            f"{plan.paths:,} paths, month by month, with the rules of the scenario",
        ),
        ("The limits of the co-op itself (cap, hours, money)", "arithmetic"),
    ]


def between_ends(low: str, high: str) -> str:
    """Return a range, the unit said once if it is the same."""
    number = re.match(r"[\d.,]+", low)
    if number and low[number.end() :] == re.sub(r"^[\d.,]+", "", high):
        low = number[0]
    return f"{low} to {high}"


def unbroken(text: str) -> str:
    """Return text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=%|[A-Z]{3}\b|credit\b|h\b|hours?\b|months?\b|users?\b)", "\u00a0", text)
