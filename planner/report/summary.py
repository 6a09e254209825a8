"""summary.md: at most 320 words to paste on a forum: answer, table, question, two pictures, how to make it again."""

import base64
import re
from collections.abc import Mapping

from planner.charts.limits import shown
from planner.planning import Plan
from planner.report import findings, known, what_to_measure
from planner.report.answer import answer, horizon
from planner.report.page import command, short
from planner.wording import phrases
from planner.wording.reasons import would_allow

WORDS = 320
"""The summary has no more."""
POST = 32_000
"""The longest post that Discourse takes unless its admins allow more (`max_post_length`) [character]."""
CAPTIONS = 40
"""So many of them are kept for what stands below the pictures."""
PICTURES = ("limits", "months")
"""Charts that are pasted with the summary."""


def markdown(plan: Plan, pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the summary as Markdown, with every free text shown as text.

    Small PNGs stand in it as data URIs, which outlast pasting where files beside it do not, after all that is said:
    where a forum takes none away they are seen, elsewhere the text and its table read whole. What would make a post too
    long is left out.
    """
    whole = _words(plan)
    for name, picture in (pictures or {}).items():
        shown = f"![{text(findings.of(plan, name).headline, 100)}]({_uri(picture)})\n\n"
        before, last = whole.rsplit("\n\n", 1)
        if len(whole) + len(shown) <= POST and len(f"{before} {shown} {last}".split()) <= WORDS:
            whole = f"{before}\n\n{shown}{last}"
    return whole


def _uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _words(plan: Plan) -> str:
    """Return the summary without pictures: as many rows as its length allows."""
    for rows, changes in ((12, 4), (10, 2), (8, 2), (6, 2), (5, 1), (4, 0), (3, 0)):
        whole = _markdown(plan, rows, changes)
        if len(whole.split()) <= WORDS - CAPTIONS:
            break
    return whole


def _markdown(plan: Plan, rows: int, changes: int) -> str:
    parts = [
        f"## {text(plan.scenario.title, 80)}",
        " ".join(f"**{text(sentence, 240)}**" for sentence in answer(plan)),
        _warnings(plan),
        _changes(plan, changes),
        _options(plan, rows),
        _measure(plan),
        _question(plan),
        _again(plan),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def text(free: str, most: int = 60) -> str:
    """Return free text as Markdown shows it, and nothing more: no link, tag, mention, emphasis, table or code."""
    # It must not stand at the beginning of a line, where `#`, `-` and `1.` mean something.
    shown = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", " ".join(free.split()))
    shown = re.sub(r"[\\`*\[\]<>|~&@#$]|:(?=\S)|(?<!\w)_|_(?!\w)", r"\\\g<0>", short(shown, most))
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", shown)


def _warnings(plan: Plan) -> str:
    """Return the first thing that a reader must not miss; the others stand in the report."""
    more = f" ({len(plan.warnings) - 1} more in the report)" if len(plan.warnings) > 1 else ""
    return f"**Warning:** {text(plan.warnings[0], 200)}{more}" if plan.warnings else ""


def _changes(plan: Plan, most: int) -> str:
    if not plan.changes:
        return ""
    said = [f"{text(row.path, 40)} {text(row.old, 16)} → {text(row.new, 16)}" for row in plan.changes[:most]]
    more = len(plan.changes) - len(said)
    if not said:
        return f"{more} changes against the base are listed in the report."
    return f"Changed against the base: {', '.join(said)}{f', and {more} more' if more else ''}."


def _options(plan: Plan, most: int) -> str:
    # no spaces beside the bars: word counters take each bar for a word
    rows = ["|option|income a month|hours a month|months on paper|may we?|", "|---|---|---|---|---|"]
    for row in plan.options[:most]:
        months = f"over {horizon(plan)}" if row.months_to_afford is None else str(row.months_to_afford)
        may = "to be planned" if row.allowed is None else "yes" if row.allowed else f"no: {text(row.broken_by, 40)}"
        rows.append(f"|{text(row.name, 40)}|{row.income_per_month}|{row.hours_per_month:.1f}|{months}|{may}|")
    return "\n".join(rows)


def _measure(plan: Plan) -> str:
    first = known.find_out(plan) or what_to_measure.measure_first(plan)
    return f"Find out first: {text(first[0], 160)}" if first else ""


def _question(plan: Plan) -> str:
    most = plan.admission.max_accounts
    network = text(plan.names.network(plan.credit.network), 40)
    binding = plan.admission.binding
    if most == 0 and binding is not None:
        until = text(would_allow(binding, plan.names) or "it is lifted", 120)
        first = what_to_measure.upper(text(plan.names.limit(binding.limit, binding.node), 40))
        return (
            f"**For consent:** nobody is let in yet. "
            f"{first} would allow the {phrases.accounts(plan.offered)} offered in "
            f"{network} if {until}{_next_in_the_way(plan)}. We find that out and ask again. Does anybody object?"
        )
    several = plan.offered if most is None else min(most, plan.offered)
    when = ""
    if plan.checkpoint is not None:
        first = f"at account {plan.checkpoint.at_accounts} or " if plan.checkpoint.at_accounts is not None else ""
        when = f", and look again {first}after {plan.checkpoint.after} months"
    return f"**For consent:** we offer {phrases.accounts(several)} for credit in {network}{when}. Does anybody object?"


def _next_in_the_way(plan: Plan) -> str:
    """Return which limits would still refuse the offer if the first did not."""
    rows = [row for row in shown(plan.admission) if row.kind == "permission" and row != plan.admission.binding]
    refusing = [row for row in rows if row.max_accounts is not None and row.max_accounts < plan.offered]
    names = [text(plan.names.limit(row.limit, row.node), 40) for row in refusing[:2]]
    more = f" and {len(refusing) - 2} more" if len(refusing) > 2 else ""
    return f"; then {' and '.join(names) if not more else ', '.join(names)}{more} must be lifted too" if names else ""


def fenced(line: str) -> str:
    """Return a line as a block of code in Markdown, within more backticks than it holds in a row."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence}\n{line}\n{fence}"


def _again(plan: Plan) -> str:
    line = " ".join(command(plan).split())
    if len(line) > 300 or len(line.split()) > 30:
        line = f"planner plan … (whole in report.html) --seed {plan.seed}"
    quoted = f" Result `{plan.digits}`: quote these digits with the consent." if plan.digits else ""
    return f"{fenced(line)}\nDigest `{plan.scenario.digest[:12]}`, planner {plan.version}.{quoted}"
