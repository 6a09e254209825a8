"""What somebody, or a broken disk, may do to a plan.json: changes of the document, and of its text."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

Document = dict[str, Any]
Edit = Callable[[Random, Document], None]
WRONG = (None, True, -1, 0, 0.5, "", "x", [], {}, [[]], {"x": 1}, 10**30, 1e308, "5", "nan", ["a"], -0.0)
"""Put in the place of anything."""


def _set(path: str, *values: Any) -> Edit:
    """Return a change of the entry at a path to one of some values; * is any entry of a list or an object."""

    def edit(rng: Random, plan: Document) -> None:
        at, key = _reached(rng, plan, path)
        if key is not None:
            at[key] = json.loads(json.dumps(rng.choice(values)))

    return edit


def _without(path: str) -> Edit:
    """Return a change that leaves one entry out."""

    def edit(rng: Random, plan: Document) -> None:
        at, key = _reached(rng, plan, path)
        if key is not None:
            del at[key]

    return edit


def _reached(rng: Random, at: Any, path: str) -> tuple[Any, Any]:
    """Return where an entry stands and its key, or no key where there is none."""
    *way, last = path.split(".")
    for step in way:
        if not at:
            return at, None
        at = at[_any(rng, at) if step == "*" else step]
    return at, (_any(rng, at) if last == "*" else last) if at else None


def _any(rng: Random, where: Any) -> Any:
    return rng.choice(list(where)) if isinstance(where, dict) else rng.randrange(len(where))


def _in_a_week(value: Any) -> Edit:
    def edit(rng: Random, plan: Document) -> None:
        for week in plan["weeks"][:1]:
            week[rng.choice(("low", "high"))][rng.randrange(168)] = value

    return edit


def _node_out_of_all(rng: Random, plan: Document) -> None:
    gone = plan["nodes"].pop()
    plan["reached"] = [node for node in plan["reached"] if node != gone]
    plan["weeks"] = [week for week in plan["weeks"] if week["node"] != gone]
    limits = plan["admission"]["limits"]
    plan["admission"]["limits"] = [row for row in limits if row["node"] != gone]


def _more(rng: Random, plan: Document) -> None:
    """Let more come, in each place where a number stands alone or in all of them."""
    admission, all_of_it = plan["admission"], rng.random() < 0.5
    if all_of_it or rng.random() < 0.5:
        admission["max_accounts"] = 50
    if all_of_it or rng.random() < 0.5:
        admission["by_level"] = dict.fromkeys(plan["offer"]["mix"], 50)
    if rng.random() < 0.5:
        for row in admission["limits"]:
            row["max_accounts"] = rng.choice((50, None))


def _curve(accounts: list[int], values: list[float]) -> Edit:
    def edit(rng: Random, plan: Document) -> None:
        for row in plan["curves"]:
            row.update(accounts=accounts, at_confidence=values)

    return edit


def _longer_week(rng: Random, plan: Document) -> None:
    for week in plan["weeks"][:1]:
        numbers = week[rng.choice(("low", "high"))]
        numbers[:] = rng.choice((numbers[1:], [*numbers, 0.0], [], numbers * 2))


def _wider_week(rng: Random, plan: Document) -> None:
    for week in plan["weeks"]:
        week.update(low=[0.0] * 168, high=[1e9] * 168, limit=1e9)


def _levels_swapped(rng: Random, plan: Document) -> None:
    counts = plan["admission"]["by_level"] or {}
    levels = [*counts][1:] + [*counts][:1]
    plan["admission"]["by_level"] = dict(zip(levels, counts.values(), strict=True))


def _one_less_than_nothing(rng: Random, plan: Document) -> None:
    """Let more of one level come for less than none of another: the sum stays."""
    counts = plan["admission"]["by_level"]
    if counts:
        counts["one"] = counts.get("one", 0) + 5
        counts["two"] = counts.get("two", 0) - 5


def _decided_on_more(_: Random, plan: Document) -> None:
    """Let people have decided on more than is on offer, in each place that says so but the offer."""
    if plan["decision"] is not None:
        more = plan["offer"]["accounts"] + 5
        plan["decision"].update(accounts=more, by_level={next(iter(plan["offer"]["mix"])): more})


def _anything(rng: Random, plan: Document) -> None:
    """Put something else in the place of any entry, at any depth."""
    at: Any = plan
    while True:
        key = _any(rng, at)
        if not isinstance(at[key], (dict, list)) or not at[key] or rng.random() < 0.3:
            at[key] = json.loads(json.dumps(rng.choice(WRONG)))
            return
        at = at[key]


EDITS: dict[str, Edit] = {
    "anything": _anything,
    "anything of the admission": lambda rng, plan: _anything(rng, plan["admission"]),
    "anything of the limits": lambda rng, plan: _anything(rng, {"limits": plan["admission"]["limits"]}),
    "anything of the weeks": lambda rng, plan: _anything(rng, {"weeks": plan["weeks"]}),
    "a key left out": _without("*"),
    "a key of the admission left out": _without("admission.*"),
    "a key of a limit left out": _without("admission.limits.*.*"),
    "a key of a section left out": lambda rng, plan: _without(f"{rng.choice(('objective', 'scenario'))}.*")(rng, plan),
    "an unknown key": _set("note", "harmless"),
    "schema": _set("schema", "planner.plan/2", None, ["planner.plan/4"]),
    "more may come": _more,
    "limits emptied": _set("admission.limits", []),
    "a limit left out": _without("admission.limits.*"),
    "no limit of a permission": _set("admission.limits.*.max_accounts", None),
    "a number of a limit": _set("admission.limits.*.max_accounts", 10**6, -1, 2.5, "5", True, [], 0),
    "kind of a limit": _set("admission.limits.*.kind", "reach", "advice", None, "permission"),
    "node of a limit": _set("admission.limits.*.node", "elsewhere", None, 1, "a"),
    "name of a limit": _set("admission.limits.*.limit", "luck", None, "users", "policy", "load"),
    "words of a limit": _set("admission.limits.*.reason", "told \ud800 \u001b[2J \u202e", None, 7, "x" * 9999),
    "the smallest number": _set("admission.max_accounts", None, 10**6, 0, 1, -1, True, "5", 5.0),
    "levels' counts": _set("admission.by_level", None, {}, [], {"one": 10**6}, {"one": "5"}, {"one": 5.0}, {"big": 5}),
    "levels' counts swapped": _levels_swapped,
    "less than none of a level": _one_less_than_nothing,
    "weeks emptied": _set("weeks", [], None, {}),
    "a week left out": _without("weeks.*"),
    "a week of another node": _set("weeks.*.node", "elsewhere", None, "a", "b"),
    "a week of another resource": _set("weeks.*.resource", "luck", None, "egress", "cameras", "online"),
    "a limit in a week": _set("weeks.*.limit", None, -1, "30", True, 1e308, 10**30, [], 0),
    "hours of a week": _longer_week,
    "an hour below nothing": _in_a_week(-1.0),
    "an hour of text": _in_a_week("0"),
    "an hour of nothing": _in_a_week(None),
    "an hour of truth": _in_a_week(True),
    "wide weeks": _wider_week,
    "a node left out of the nodes": _without("nodes.*"),
    "a node left out of everything": _node_out_of_all,
    "nodes": _set("nodes", [], "ab", None, ["a", "a"], ["a", 1], [""], {"a": 1}, ["a", "b", "c", "d"]),
    "nodes that nobody lands on": _set("reached", [], "ab", None, ["elsewhere"], ["a", 1], [""], {"a": 1}),
    "the page": _set("page_size", None, -1, "5", "5; 6 from 30", 5.5, True, 10**30),
    "the offer": _set("offer.mix", {}, {"one": 0}, {"one": -1}, {"one": "1"}, None, {"big": 1.0}, {"one": 1, "big": 1}),
    "the measure": _set("objective.measure", None, "luck", 3, ""),
    "the objective": _set("objective.at_most", None, "x", -1, True, 1e308),
    "the confidence": _set("objective.confidence", 0, 2, "0.9", None, True, 1e-300),
    "the review": _set("checkpoint", None, [], {}, {"after": None}, {"after": "6"}, {"after": True}, {"after": 6.0}),
    "months to the review": _set("checkpoint.after", -6, 0, 10**9, 10**30, 1201, 1199, 120_000, 1e300),
    "draws": _set("draws", 0, -5, "500", None, 500.5, True, 10**30),
    "half a character in a level": _set("admission.by_level", {"one\udcff": 5}),
    "the seed": _set("seed", None, "501", 1.5, 10**30),
    "the consent": _set("consented", "another thread", "half a \ud83d", 7, [], True, "", "  ", {}, None),
    "the zone": _set(
        "timezone", "Mars/Base", "", None, 7, "../../etc/passwd", "/etc/localtime", "a\0b", "z" * 300, "Europe"
    ),
    "the counting date": _set(
        "members_as_of",
        *("2021-13", "2021-02-30", "soon", 2021, "2021-3-4", "0000", "20210406", "2021-04-06T00:00", "9999-12-31"),
        *("0001-01-01", "２０２１", "2021-", "-2021", "2021-04-06-01", "", [], " 2021", "2 21", "+021", "2_21"),
    ),
    "made": _set(
        "made",
        *(None, 7, "", "yesterday", "2021-04-06", "2021-04-06T08:00:00", "2021-04-06T08:00:00+02:00", [], True),
        *("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "2031-04-06T08:00:00+00:00", "2021-04-06T08:00Z"),
    ),
    "a curve of two lengths": _without("curves.*.accounts.*"),
    "the counts of a curve": _set(
        "curves.*.accounts", [], None, "01", [0, 0], [5, 5, 5], [9, 1], [1, True], ["0", "9"]
    ),
    "a value of a curve": _set("curves.*.at_confidence.*", None, "x", -1, 1e308, True, [], 10**400),
    "an empty curve": _curve([], []),
    "a flat curve": _curve([5, 5], [1.0, 2.0]),
    "the name": _set("scenario.name", None, 7, "", "a\nb", "\ud800"),
    "the digest": _set("scenario.digest", None, 7, "", "d", []),
    "the assumptions": _set("assumptions", None, [1], [{}], [{"path": 7}], [{"path": "levels"}], "levels.one", {}),
    "what was seen": _set("experience", {}, [], "none", {"effective_draws": 0}, {"effective_draws": "900"}),
    "the draws' worth": _set("experience.effective_draws", -1, None, 399, True, "500", 1e308),
    "what was learned from": _set("calibrated", {}, [], "good", None, {"fit": "good"}, {"fit": "failed: x"}),
    "the fit": _set(
        "calibrated.fit",
        "good",
        "failed: ",
        "failed",
        "not known: ",
        "not known",
        "Good",
        "",
        None,
        True,
        ["good"],
        "failed: \ud800",
    ),
    "a part of what was learned from": _without("calibrated.*"),
    "what people decided": _set("decision", {}, [], None, "yes", {"accounts": 50}, {"accounts": 5, "by": "me"}),
    "the accounts decided on": _set("decision.accounts", 10**6, 41, -1, 0, 2.5, "5", True, None),
    "the levels decided on": _set("decision.by_level", {}, None, {"one": 50}, {"big": 5}, {"one": 6, "two": -1}),
    "who decided": _set("decision.by", "", "  ", None, 7, "\u3164", "half a \ud83d"),
    "the day of the decision": _set(
        "decision.on", "2999-01-01", "soon", "20210406", "2021-4-6", "2021-02-30", "", None, 20210406
    ),
    "the plan decided on": _set("decision.plan", "1a2b", "ABCDEF012345", None, 7, " "),
    "a part of the decision": _without("decision.*"),
    "more than people decided on": _decided_on_more,
    "the result": _set("result", None, "", "0" * 64, 7, []),
    "the seal": _set("seal", None, "", "0" * 64, 7, []),
}


def _flipped(rng: Random, text: bytes) -> bytes:
    at = rng.randrange(len(text))
    return text[:at] + bytes([text[at] ^ (1 << rng.randrange(8))]) + text[at + 1 :]


def _again(rng: Random, text: bytes) -> bytes:
    """Say one key twice, the first time or the last time as it stood."""
    key = rng.choice(("nodes", "weeks", "consented", "made", "seal", "admission"))
    if rng.random() < 0.5:
        return b"{" + json.dumps(key).encode() + b": [], " + text[1:]
    return text[:-1] + b", " + json.dumps(key).encode() + b": []}"


def _number(number: bytes) -> Callable[[Random, bytes], bytes]:
    return lambda _, text: text.replace(b'"max_accounts": ', b'"max_accounts": ' + number + b', "x": ', 1)


def _part(rng: Random, text: bytes) -> bytes:
    return text[: rng.randrange(len(text))]


def _deep(rng: Random, text: bytes) -> bytes:
    """Nest lists about as deep as Python can read, or deeper."""
    depth = rng.choice((400, 900, 950, 980, 990, 2000, 100_000))
    nested = b"[" * depth + b"]" * depth * rng.randint(0, 1)
    return rng.choice((nested, text[:-1] + b', "x": ' + nested + b"}"))


TEXTS: dict[str, Callable[[Random, bytes], bytes]] = {
    "nothing": lambda rng, _: rng.choice((b"", b" ", b"null", b"[]", b"{}", b"0", b'"plan"', b"\0" * 4096)),
    "a part": _part,
    "a bit": _flipped,
    "a key twice": _again,
    "a key twice inside": lambda _, text: text.replace(b'"by_level": ', b'"by_level": {}, "by_level": ', 1),
    "not a number": _number(b"NaN"),
    "endless": _number(b"1e999"),
    "Infinity": _number(b"-Infinity"),
    "as bytes": lambda rng, text: rng.choice((b"\xef\xbb\xbf" + text, b"\xff\xfe" + text, text + b"\xff")),
    "in UTF-16": lambda _, text: text.decode().encode("utf-16"),
    "a tail": lambda rng, text: text + rng.choice((b"{}", b"//", b"\0", b",", b"\n\n", b"]")),
    "5,000 digits": _number(b"9" * 5000),
    "deep": _deep,
    "another layout": lambda _, text: json.dumps(json.loads(text), indent=4, sort_keys=True).encode(),
    "another order": lambda _, text: json.dumps(dict(reversed(json.loads(text).items()))).encode(),
    "another zero": lambda _, text: text.replace(b"0.0,", b"-0.0,", 1),
    "another way to write it": lambda _, text: text.replace(b" 0.0,", b" 0e5,", 1),
}
