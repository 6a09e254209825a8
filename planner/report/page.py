"""report.html: one file that opens without a network, on a phone, in the dark, on paper and in a screen reader."""

import base64
import hashlib
import math
import re
import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import planner
from planner.charts import theme
from planner.charts.limits import shown
from planner.charts.panels import Chart
from planner.planning import Assumption, Option, Plan, Swing, engines
from planner.report import figures, findings, frontier, hours_in_band, networks, servers, sliders, what_to_measure
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
        "since": changed_here(plan.changes, plan.names),
        "found": findings.of(plan, chart.name),
        "picture": base64.b64encode(chart.picture()[1]).decode(),
        "width": round(theme.WIDTH * theme.DPI / 2),
    }
    return environment().get_template("notebook.html.j2").render(about)


@cache
def environment(*more: Path) -> Environment:
    """Return where pages are made, of templates in more folders too: all is escaped, what is missing is an error."""
    loader = FileSystemLoader([TEMPLATES, *more])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(number=phrases.number, when=phrases.when, short=short, unbroken=unbroken)
    made.filters["share"] = lambda value: unbroken(phrases.share(value))
    made.filters.update(sentence=phrases.upper, counted=phrases.counted_risk)
    made.filters.update(span=networks.span, share_span=networks.shares, amounts=networks.amounts)
    # what a page says of its records is called by name
    modules = (engines, frontier, glossary, hours_in_band, networks, phrases, reasons, servers, what_to_measure)
    made.globals |= {module.__name__.rpartition(".")[2]: module for module in modules}
    made.globals |= {"light": _palette(dark=False), "dark": _palette(dark=True)}
    made.globals["version"] = planner.__version__
    return made


def context(plan: Plan, drawn: Mapping[str, str]) -> dict[str, Any]:
    """Return all that the template says, in the plan's words."""
    return {
        "plan": plan,
        "answer": answer(plan),
        "since": changed_here(plan.changes, plan.names),
        "questions": questions(plan),
        "coping": coping,
        "charts": [_pictured(plan, name, svg) for name, svg in drawn.items()],
        "first_charts": FIRST_CHARTS,
        "limits": [row for row in shown(plan.admission, len(plan.admission.limits)) if row.max_accounts is not None],
        "unlimited": [row for row in plan.admission.limits if row.max_accounts is None],
        "most": ROWS,
        "assumed": [row for row in by_effect(plan) if row[0].low is not None or row[1]],
        "fixed": fixed(plan),
        "this": this_option(plan),
        "review": networks.review(plan.credit),
        "horizon": horizon(plan),
        "between": between,
        "command": command(plan),
        **_live(plan),
    }


def _pictured(plan: Plan, name: str, svg: str) -> tuple[str, findings.Finding, Markup]:
    """Return a chart's name, what it shows, and its SVG as part of the page."""
    found = findings.of(plan, name)
    return name, found, figure(svg, name, f"{found.headline} {found.more}".strip())


def pictures(charts: Iterable[Chart], drawn: Mapping[str, str]) -> list[tuple[str, str, Markup]]:
    """Return each chart's name, what it says in a sentence, and its SVG as part of a page."""
    said = {chart.name: chart.said for chart in charts}
    return [(name, said[name], figure(svg, name.replace(".", "-"), said[name])) for name, svg in drawn.items()]


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
        low, high = (phrases.counted_risk(at or 0.0, plan.measure) for at in (swing.at_low, swing.at_high))
        return f"{servers.COUNTED[plan.measure]}: {low} … {high}"
    what = {"admission": "accounts", "months_to_afford": "months to earn", "months_to_buy": "months to buy"}
    none = "no limit" if swing.answer == "admission" else f"over {horizon(plan)}"
    low, high = (none if at is None else f"{at:g}" for at in (swing.at_low, swing.at_high))
    return f"{what.get(swing.answer, swing.answer)}: {low} … {high}"


def _live(plan: Plan) -> dict[str, Any]:
    """Return what the sliders need; without a grid there are none."""
    grid = plan.what_if
    if grid is None:
        return {"script": ""}
    script = (TEMPLATES / "whatif.js").read_text("utf-8")
    return {
        "script": Markup(script),
        # the page runs this script and no other
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "grid": sliders.embedded(plan),
        "errors": sliders.stated(grid),
        "busy": [round(math.log2(times), 2) for times in (grid.busy[0], grid.busy[-1])],
    }


def figure(svg: str, name: str, alt: str) -> Markup:
    """Return the SVG element alone, ready to stand in a page, named for readers who cannot see it."""
    # colours become variables of the style sheet; a page may hold a name only once, so names get the chart's prefix
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    # the page is the background
    body = re.sub(r"<g id=\"patch_1\">.*?</g>", "", body, count=1, flags=re.DOTALL)
    colours = theme.NAMES
    body = re.sub(r"#[0-9a-f]{6}(?=[;\"])", lambda m: f"var(--{colours[m[0]]})" if m[0] in colours else m[0], body)
    body = re.sub(r"font-family: [^;\"]*; ?", "", body)
    body = re.sub(r" transform=\"rotate\(-0 [^)]*\)\"", "", body)
    body = body.replace("xlink:href=", "href=")
    used = set(re.findall(r"href=\"#([^\"]+)\"|url\(#([^)]+)\)", body))
    names = {one or other for one, other in used}
    body = re.sub(r" id=\"([^\"]+)\"", lambda m: f' id="{name}-{m[1]}"' if m[1] in names else "", body)
    body = re.sub(r"(href=\"#|url\(#)", rf"\1{name}-", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    box = re.search(r"viewBox=\"[\d. ]+\"", body)
    assert box is not None  # matplotlib writes one
    start = f'<svg class="chart" role="img" aria-labelledby="{name}-alt" {box[0]}>'
    title = f'<title id="{name}-alt">{escape(alt)}</title>'
    # the text comes from matplotlib, which escapes what it is given
    return Markup(start + title + body[body.index(">") + 1 :])


def _palette(dark: bool) -> str:
    """Return the look's colours as declarations of a style sheet."""
    return " ".join(f"--{name}: {theme.DARK[colour] if dark else colour};" for colour, name in theme.NAMES.items())


def unbroken(text: str) -> str:
    """Return text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=%|[A-Z]{3}\b|credit\b|h\b|hours?\b|months?\b|users?\b)", "\u00a0", text)
