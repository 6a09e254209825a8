"""summary.md: at most 320 words to paste on a forum: answer, table, question, two pictures, how to make it again."""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from jinja2 import Environment

from planner.planning import Option, Plan, change_in_words
from planner.report.answer import UNLESS, answer, coping, horizon, short
from planner.report.page import command, environment
from planner.wording import phrases

WORDS = 320
"""The summary has no more."""
POST = 32_000
"""The longest post that Discourse takes unless its admins allow more (`max_post_length`) [character]."""
CAPTIONS = 12
"""So many of them are kept for what stands below the pictures."""
_SHORTER = (
    (12, 4, True), (8, 2, True), (6, 2, True), (5, 1, True), (4, 1, True), (3, 0, True),
    (3, 0, False), (2, 0, False), (1, 0, False), (1, -1, False),
)  # fmt: skip
"""Rows, changes against the base, and whether what can be spared is said: each shorter than the one before. At -1 the
warnings are only counted, and what was changed is said without what it was."""
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
        shown = f"![{PICTURES[name]}](data:image/png;base64,{base64.b64encode(picture).decode()})\n\n"
        before, last = whole.rsplit("\n\n", 1)
        if len(whole) + len(shown) <= POST and len(f"{before} {shown} {last}".split()) <= WORDS:
            whole = f"{before}\n\n{shown}{last}"
    return whole


def _words(plan: Plan) -> str:
    """Return the summary without pictures: as many rows as its length allows, at last the warnings by their number."""
    for rows, changes, spare in _SHORTER:
        whole = _markdown(plan, rows, changes, spare)
        if len(whole.split()) <= WORDS - CAPTIONS:
            break
    return whole


def _markdown(plan: Plan, rows: int, changes: int, spare: bool) -> str:
    said = answer(plan)
    if not spare:
        choices = tuple(one for one in said.choices if not one.spare)
        # the question below says so too
        said = replace(said, choices=choices, number=said.number.replace(UNLESS, ""))
    # the table has the months on paper, and what a scenario changes says in how many cases the hours are bought
    hours = "" if "hours are bought" in said.changes else said.hours
    return rendered(
        "summary.md.j2",
        plan=plan,
        answer=said,
        paragraphs=(said.changes, said.decision, said.servers, hours),
        changes=max(0, changes),
        brief=changes < 0,
        here=[change_in_words(one, plan.names) for one in plan.changes if one.where == "--set"],
        written=[one for one in plan.changes if one.where != "--set"],
        options=options(plan, rows),
        coping=coping,
        horizon=horizon(plan),
        question=_question(plan),
        block=command_to_paste(command(plan), f"planner plan … (whole in report.html) --seed {plan.seed}"),
    )


def rendered(template: str, **said: object) -> str:
    """Return Markdown from a template, its blocks an empty line apart; free text goes through the filter `text`."""
    whole = _as_markdown().get_template(template).render(said)
    return re.sub(r"\n{3,}", "\n\n", whole).strip() + "\n"


@cache
def _as_markdown() -> Environment:
    """Return where Markdown is made: as the pages, but that nothing is escaped for HTML."""
    made = environment().overlay(autoescape=False)
    made.filters = made.filters | {"text": text}
    return made


def text(free: str, most: int = 60) -> str:
    """Return free text as Markdown shows it, and nothing more: no link, tag, mention, emphasis, table or code."""
    # It must not stand at the beginning of a line, where `#`, `-` and `1.` mean something.
    shown = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", " ".join(free.split()))
    shown = re.sub(r"[\\`*\[\]<>|~&@#$]|:(?=\S)|(?<!\w)_|_(?!\w)", r"\\\g<0>", short(shown, most))
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", shown)


def options(plan: Plan, most: int) -> list[Option]:
    """Return the first options, that of the offer among them however few there are."""
    asked = [row for row in plan.options if row.accounts == plan.offered and not row.varies][:1]
    shown = [row for row in plan.options if row not in asked][: most - len(asked)]
    return sorted([*asked, *shown], key=plan.options.index)


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
    first = f"at account {plan.checkpoint.at_accounts} or " if plan.checkpoint.at_accounts is not None else ""
    when = f", and look again {first}after {plan.checkpoint.after} months"
    return f"**For consent:** we offer {phrases.accounts(several)} for credit in {network}{when}. Does anybody object?"


def fenced(line: str) -> str:
    """Return a line as a block of code in Markdown, within more backticks than it holds in a row."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence}\n{line}\n{fence}"


def command_to_paste(command: str, otherwise: str) -> str:
    """Return a command as a block of code; one that is too long for a forum stands in the page."""
    line = " ".join(command.split())
    return fenced(otherwise if len(line) > 300 or len(line.split()) > 30 else line)
