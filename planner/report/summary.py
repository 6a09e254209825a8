"""summary.md: at most 320 words to paste on a forum: answer, table, question, two pictures, how to make it again."""

import base64
import re
from collections.abc import Mapping

from planner.planning import Plan
from planner.report.answer import Answer, answer, coping, horizon, short
from planner.report.page import command
from planner.wording import phrases

WORDS = 320
"""The summary has no more."""
POST = 32_000
"""The longest post that Discourse takes unless its admins allow more (`max_post_length`) [character]."""
CAPTIONS = 12
"""So many of them are kept for what stands below the pictures."""
PICTURES = {"risk": "how often the servers cope", "hours": "hours bought"}
"""Charts that are pasted with the summary, and what they show."""


def markdown(plan: Plan, pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the summary as Markdown, with every free text shown as text.

    Small PNGs stand in it as data URIs, which outlast pasting where files beside it do not, after all that is said:
    where a forum takes none away they are seen, elsewhere the text and its table read whole. What would make a post too
    long is left out.
    """
    whole = _words(plan)
    for name, picture in (pictures or {}).items():
        shown = f"![{PICTURES[name]}]({_uri(picture)})\n\n"
        before, last = whole.rsplit("\n\n", 1)
        if len(whole) + len(shown) <= POST and len(f"{before} {shown} {last}".split()) <= WORDS:
            whole = f"{before}\n\n{shown}{last}"
    return whole


def _uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _words(plan: Plan) -> str:
    """Return the summary without pictures: as many rows as its length allows."""
    for rows, changes in ((12, 4), (10, 2), (8, 2), (6, 2), (5, 0), (4, 0), (3, 0), (2, 0)):
        whole = _markdown(plan, rows, changes)
        if len(whole.split()) <= WORDS - CAPTIONS:
            break
    return whole


def _markdown(plan: Plan, rows: int, changes: int) -> str:
    parts = [
        f"## {text(plan.scenario.title, 80)}",
        _changes(plan, changes, here=True),
        *_first_screen(answer(plan)),
        _warnings(plan),
        _changes(plan, changes),
        _options(plan, rows),
        _question(plan),
        _again(plan),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _first_screen(said: Answer) -> list[str]:
    """Return the answer's paragraphs, the choices as a list, and the number."""
    # the table has the months on paper, and what a scenario changes says in how many cases the hours are bought
    hours = "" if "hours are bought" in said.changes else said.hours
    paragraphs = [text(one, 500) for one in (said.changes, said.servers, hours, said.decision) if one]
    choices = [f"{k}. **{text(each.does, 160)}** {text(each.follows, 240)}" for k, each in enumerate(said.choices, 1)]
    return [*paragraphs, "\n".join(choices), text(said.number, 300)]


def text(free: str, most: int = 60) -> str:
    """Return free text as Markdown shows it, and nothing more: no link, tag, mention, emphasis, table or code."""
    # It must not stand at the beginning of a line, where `#`, `-` and `1.` mean something.
    shown = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", " ".join(free.split()))
    shown = re.sub(r"[\\`*\[\]<>|~&@#$]|:(?=\S)|(?<!\w)_|_(?!\w)", r"\\\g<0>", short(shown, most))
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", shown)


def _warnings(plan: Plan) -> str:
    """Return the first thing that a reader must not miss; the others stand in the report."""
    more = f" ({len(plan.warnings) - 1} more in the report)" if len(plan.warnings) > 1 else ""
    return f"**Warning:** {text(plan.warnings[0], 180)}{more}" if plan.warnings else ""


def _changes(plan: Plan, most: int, here: bool = False) -> str:
    """Return what was changed against the base, or for this plan alone: the title knows nothing of that."""
    rows = [row for row in plan.changes if (row.where == "--set") == here]
    said = [f"{text(row.path, 40)} {text(row.old, 16)} → {text(row.new, 16)}" for row in rows[:most]]
    more = len(rows) - len(said)
    if not rows or not (said or here):
        return ""
    named = f"{', '.join(said)}{f', and {more} more' if more else ''}" if said else f"{more} in all, see the report"
    return f"Changed {'for this plan' if here else 'against the base'}: {named}."


def _options(plan: Plan, most: int) -> str:
    # no spaces beside the bars: word counters take each bar for a word
    rows = ["|option|a month|hours|months on paper|servers cope, of 100|", "|---|---|---|---|---|"]
    asked = [row for row in plan.options if row.accounts == plan.offered and "," not in row.name][:1]
    shown = [row for row in plan.options if row not in asked][: most - len(asked)]
    for row in sorted([*asked, *shown], key=plan.options.index):
        months = f"over {horizon(plan)}" if row.months_to_afford is None else str(row.months_to_afford)
        name, cope = text(row.name, 40), coping(plan, row)
        rows.append(f"|{name}|{row.income_per_month}|{row.hours_per_month:.1f}|{months}|{cope}|")
    return "\n".join(rows)


def _question(plan: Plan) -> str:
    most = plan.admission.max_accounts
    network = text(plan.names.network(plan.credit.network), 40)
    if plan.decision is not None:
        return (
            f"**Decided.** The gate lets {phrases.accounts(plan.decision.accounts)} in, and holds what a reading shows."
        )
    if most == 0:
        return "**For consent:** which of these? Until a decision is written down, the gate lets nobody in."
    several = plan.offered if most is None else min(most, plan.offered)
    when = ""
    if plan.checkpoint is not None:
        first = f"at account {plan.checkpoint.at_accounts} or " if plan.checkpoint.at_accounts is not None else ""
        when = f", and look again {first}after {plan.checkpoint.after} months"
    return f"**For consent:** we offer {phrases.accounts(several)} for credit in {network}{when}. Does anybody object?"


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
