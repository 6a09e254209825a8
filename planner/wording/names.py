"""What people call nodes, networks, levels and sellers: the one place where a key becomes words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.model.limit import Limit, Reason
from planner.wording import phrases

_TOPICS = {
    ("usage", "duration"): "length of a meeting",
    ("usage", "size"): "people in a meeting",
    ("usage", "factor"): "work for the processor",
    ("usage", "duration_cv"): "unevenness of lengths",
    ("usage", "size_dispersion"): "evenness of sizes",
    ("usage", "spread"): "unevenness of accounts",
    ("usage", "season"): "busiest month",
    ("usage", "day_spread"): "busy days together",
    ("members", "growth"): "new members",
    ("networks", "reachable"): "businesses in reach",
    ("networks", "take_up"): "share that joins",
    ("networks", "sign_ups"): "sign-ups",
    ("networks", "churn"): "accounts that leave",
    ("networks", "late"): "fees paid late",
    ("networks", "unpaid"): "fees never paid",
    ("networks", "closes"): "end of the network",
    ("offer", "accounts"): "accounts on offer",
    ("offer", "cap"): "the pilot's own cap",
    ("offer", "mix"): "levels on offer",
    ("spending", "policy"): "how the credit is spent",
    ("spending", "prefer"): "who is asked first",
    ("spending", "hours"): "hours on sale",
    ("spending", "available"): "time a seller is there",
    ("labour", "available"): "volunteer hours",
    ("labour", "stops"): "when the volunteer stops",
    ("cash", "wind_down"): "when the pilot ends",
}
"""What the inputs are about whose names say it to the author of a scenario only, by section and last word."""
_CHANGED = {
    "experience": "what people have seen",
    "placement": "how meetings are placed",
    "members.accounts": "how many members there are",
    "spending.hourly_rate": "the hourly rate",
    "spending.policy": "how the credit is spent",
    "spending.prefer": "",
    "spending.supplier": "which bill is paid in credit",
    "labour.stops": "when the volunteer stops",
    "cash.wind_down": "when the pilot ends",
}
"""What a scenario may change, by path or section."""
_QUESTIONS = {
    "usage.everyone.meetings": "how many meetings a week does an account have?",
    "usage.everyone.size": "how many people come to a meeting?",
    "usage.everyone.duration": "how long is a meeting?",
    "members.growth": "how many new members come in a month?",
    "experience.talk": "for how many hours a week do members talk, all together?",
    "experience.most_users": "what is the most people anybody ever saw at once?",
    "experience.overloads": "how often was a server too full in the last year?",
    "usage.cpu.factor": "how busy is the server's processor with so many people?",
}
_KINDS = {"limits": "limit on ", "reserve": "reserve of "}
_GROUPS = {"nodes": "nodes", "networks": "networks", "levels": "levels", "usage": "levels"}
"""Whose keys stand in the paths of a section."""


@dataclass(frozen=True, slots=True)
class Names:
    """What people call each node, network, level and seller, by its key; without a name it is called by the key."""

    nodes: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    sellers: Mapping[str, str] = field(default_factory=dict)

    def node(self, key: str) -> str:
        """Return what a node is called."""
        return self.nodes.get(key, key)

    def server(self, key: str) -> str:
        """Return what a node is called where a bare key would not say what it is the key of: "server de"."""
        return self.nodes.get(key, f"server {key}")

    def network(self, key: str) -> str:
        """Return what a network is called."""
        return self.networks.get(key, key)

    def level(self, key: str) -> str:
        """Return what a level is called."""
        return self.levels.get(key, key)

    def mix(self, mix: Sequence[tuple[str, float]]) -> str:
        """Return the levels of a mix in words: "Level 1, Level 2 and Level 3"."""
        return phrases.listed([self.level(key) for key, share in mix if share > 0])

    def offer(self, accounts: int, mix: Sequence[tuple[str, float]]) -> str:
        """Return so many accounts [account] of a mix in words: "5 at Level 1"."""
        return f"{accounts:,} at {self.mix(mix)}"

    def limit(self, name: str, node: str | None = None) -> str:
        """Return what a limit is called: "users on the German server", "volunteer hours"."""
        return phrases.limit(name) if node is None else f"{phrases.limit(name)} on {self.node(node)}"

    def topic(self, path: str) -> str:
        """Return what a path of the scenario is about, its last word first, short enough for a chart."""
        section, *before, last = path.split(".") if "." in path else ("", path)
        if section == "experience":
            return f"what people have seen ({last})"
        if before == ["sellers"]:
            return self.sellers.get(last, last)
        kind = "".join(said for name, said in _KINDS.items() if name in before)
        where = [part for part in before if part not in {*_KINDS, "sellers", "cpu"}]
        group = "sellers" if "sellers" in before else _GROUPS.get(section)
        called: Mapping[str, str] = {} if group is None else getattr(self, group)
        where[:1] = [called.get(key, key) for key in where[:1]]
        said = kind + _TOPICS.get((section, last), last.replace("_", " "))
        return f"{said} ({', '.join(where)})" if where else said

    def changed(self, path: str) -> str:
        """Return what a scenario changes in words; "" = what goes along with something else that it changes."""
        section, _, rest = path.partition(".")
        if path.startswith("spending.sellers."):
            key = rest.split(".")[1]
            return f"what {self.sellers.get(key, key)} sells"
        if section == "networks":
            return f"which networks there are ({self.network(rest)})" if "." not in rest else self.topic(path)
        return _CHANGED.get(path, _CHANGED.get(section, self.topic(path)))

    def question(self, path: str) -> str:
        """Return what to find out about an input, as a question."""
        if path in _QUESTIONS:
            return _QUESTIONS[path]
        section, _, rest = path.partition(".")
        node, _, last = rest.partition(".limits.")
        if section == "nodes" and last in phrases.CAN_TAKE:
            return phrases.can_it_take(last, self.server(node))
        return f"what is the {self.topic(path)}?"

    def of(self, limit: Limit) -> Limit:
        """Return a limit with words in place of keys, for the sentence that is made of it."""
        about = dict(limit.reason.about)
        if "levels" in about:
            about["levels"] = tuple(map(self.level, about["levels"]))
        if "network" in about:
            about["network"] = self.networks.get(about["network"], f"the network {about['network']}")
        node = None if limit.node is None else self.server(limit.node)
        return replace(limit, node=node, reason=Reason(limit.reason.kind, about))


KEYS = Names()
"""Nothing has a name: everything is called by its key."""
