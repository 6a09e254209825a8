"""Which servers to ask, from one TOML file (docs/ops.md shows one); their secrets stand elsewhere."""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from planner.model.inputs.observations import NAME, NAME_WANTED, Load
from planner.readings import ReadingError, bbb, contents, naming, prometheus, scalelite, utf8
from planner.readings.transport import Secret, is_private

_LARGEST_SECRET, _LARGEST_FILE = 1000, 1_000_000
"""[byte]"""


@dataclass(frozen=True, slots=True)
class Servers:
    """Whom to ask."""

    bbb: tuple[bbb.Server, ...]
    scalelite: scalelite.Server | None
    prometheus: prometheus.Server | None
    load: Load
    """Whose load is read: a share of the CPU, from Prometheus, or the balancer's own number."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Return the names of all nodes that somebody is asked about."""
        pool = self.scalelite.nodes.values() if self.scalelite else ()
        watched = self.prometheus.nodes if self.prometheus else ()
        return tuple(dict.fromkeys([*(host.node for host in self.bbb), *pool, *watched]))


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, and how messages name it."""

    name: str
    entries: Mapping[str, Any]
    path: Path
    environ: Mapping[str, str]

    def known(self, **kinds: type) -> None:
        """Refuse a misspelt key, and a value of another kind; a secret written here by mistake is not repeated."""
        where = f"{self.name}." if self.name else ""
        for name, value in self.entries.items():
            if name in ("secret", "token", "password"):
                raise ReadingError(f"{where}{name}: a secret does not belong in this file: name a file with it alone")
            if name not in kinds:
                shown = name if re.fullmatch(r"[a-z_]{1,20}", name) else "a name"
                raise ReadingError(f"{where}{shown}: not known; wanted {', '.join(kinds)}")
            if not isinstance(value, kinds[name]):
                raise ReadingError(f"{where}{name}: wanted a {'table' if kinds[name] is dict else 'text'}")

    def url(self, *, private: bool) -> str:
        """Return the address."""
        url: str = self.entries.get("url", "")
        with naming(f"{self.name}.url"):
            if not is_private(url) and private:
                raise ReadingError("wanted https: what is sent and answered here is not for others to read")
        return url

    def algorithm(self, known: tuple[bbb.Algorithm, ...] = bbb.ALGORITHMS) -> bbb.Algorithm:
        """Return how calls are signed."""
        wanted = self.entries.get("checksum", known[0])
        if wanted not in known:
            raise ReadingError(f"{self.name}.checksum: wanted one of {', '.join(known)}")
        return cast(bbb.Algorithm, wanted)

    def has_pages(self) -> bool:
        """Return whether this version of BigBlueButton shows viewers a page of the cameras: 2.3 and later do."""
        said = re.match(r"(\d{1,3})\.(\d{1,3})(\.|-|$)", self.entries.get("version", "2.3"))
        if said is None:
            raise ReadingError(f'{self.name}.version: wanted what `bbb-conf --version` says, such as "2.2.36"')
        return (int(said[1]), int(said[2])) >= (2, 3)

    def ca_file(self) -> Path | None:
        """Return the file of certificates to trust; None = the system's."""
        file = self.entries.get("ca_file")
        return None if file is None else self.path.parent / file

    def texts(self) -> dict[str, str]:
        """Return the table `nodes`."""
        nodes = self.entries.get("nodes")
        if not isinstance(nodes, dict) or not nodes or not all(isinstance(v, str) and v for v in nodes.values()):
            raise ReadingError(f"{self.name}.nodes: wanted a table of texts")
        return nodes

    def secret(self, name: str, key: str = "secret_file") -> Secret:
        """Return a secret from the environment, or from a file that only its owner can read."""
        variable, file, where = _variable(name), self.entries.get(key), f"{self.name}.{key}"
        if variable in self.environ:
            return _checked(self.environ[variable], variable)
        if file is None:
            raise ReadingError(f"no secret for {name}: set {variable}, or name a {key}")
        place = self.path.parent / file
        # no path in the message: who writes the secret itself there would see it repeated
        body, about = contents(place, _LARGEST_SECRET, where)
        if about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):  # of what was opened, not of what stands there a moment later
            advice = f"chmod 600 {place}, and have a new one made"
            raise ReadingError(f"{place}: others may read or change this secret: {advice}")
        with naming(where):
            return _checked(utf8(body), where)


def load(path: Path, environ: Mapping[str, str]) -> Servers:
    """Return the servers that the file at `path` names, with their secrets."""
    body, _ = contents(path, _LARGEST_FILE)
    with naming(path):
        text = utf8(body)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # the place alone: the text may quote what stands there, which may be a secret
        place = re.search(r"\((at [^()]*)\)$", str(error))
        raise ReadingError(f"{path}: not TOML{f', {place[1]}' if place else ''}") from None
    whole = _Table("", data, path, environ)
    with naming(path):
        whole.known(load=str, nodes=dict, scalelite=dict, prometheus=dict)
    _apart(path, text, [*data.get("nodes", ()), *(name for name in ("scalelite", "prometheus") if name in data)])
    with naming(path):
        meant = data.get("load", "cpu" if "prometheus" in data else "scalelite")
        if meant not in ("cpu", "scalelite"):
            raise ReadingError('load: wanted "cpu" or "scalelite"')
        pool, metrics = (data.get(name) for name in ("scalelite", "prometheus"))
        servers = Servers(
            bbb=tuple(_bbb(whole, name, entries) for name, entries in data.get("nodes", {}).items()),
            scalelite=None if pool is None else _scalelite(replace(whole, name="scalelite", entries=pool)),
            prometheus=None if metrics is None else _prometheus(replace(whole, name="prometheus", entries=metrics)),
            load="cpu" if meant == "cpu" else "scalelite",
        )
        if not servers.nodes:
            raise ReadingError("names no node")
        _each_once("nodes", "url", {host.node: _address(host.url) for host in servers.bbb})
        _each_once("prometheus.nodes", "labels", servers.prometheus.nodes if servers.prometheus else {})
    return servers


def _apart(path: Path, text: str, names: list[str]) -> None:
    """Refuse two names whose secret is the same variable: one server would be asked with the other's secret."""
    for count, name in enumerate(names):
        other = next((other for other in names[:count] if _variable(other) == _variable(name)), "")
        if NAME.match(name) and NAME.match(other):
            header = re.compile(rf"\s*\[.*(?<![\w-])({re.escape(name)}|{re.escape(other)})(?![\w-])")
            last = max((number for number, line in enumerate(text.splitlines(), 1) if header.match(line)), default=0)
            place = f"{path}:{last}" if last else f"{path}"
            raise ReadingError(
                f"{place}: {other} and {name} would both take their secret from {_variable(name)}: call one otherwise"
            )


def _each_once(where: str, what: str, of: Mapping[str, str]) -> None:
    """Refuse two nodes that are one: while it is empty, the other would read as empty too."""
    owner: dict[str, str] = {}
    for node, says in of.items():
        if (other := owner.setdefault(says, node)) != node:
            raise ReadingError(f"{where}: {other} and {node} have the same {what}: wanted each server under one name")


def _address(url: str) -> str:
    """Return an address as it is compared: http or https, with or without /api, in small letters or not."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix("/api").rstrip("/")
    return f"{(parts.hostname or '').rstrip('.')}:{parts.port or 443}{path}"


def _bbb(whole: _Table, name: str, entries: object) -> bbb.Server:
    where = f"nodes.{_named(name, 'nodes')}"
    if not isinstance(entries, dict):
        raise ReadingError(f"{where}: wanted a table")
    table = replace(whole, name=where, entries=entries)
    table.known(url=str, secret_file=str, checksum=str, ca_file=str, version=str)
    secret = table.secret(name)
    return bbb.Server(name, table.url(private=True), secret, table.algorithm(), table.ca_file(), table.has_pages())


def _scalelite(table: _Table) -> scalelite.Server:
    table.known(url=str, secret_file=str, checksum=str, ca_file=str, nodes=dict)
    secret = table.secret("scalelite")
    hosts: dict[str, str] = {}
    for text, name in table.texts().items():
        host, node = scalelite.host(text), _named(name, "scalelite.nodes")
        if not host:
            raise ReadingError("scalelite.nodes: wanted host names, or addresses, as `rake servers` shows them")
        if other := hosts.get(host):
            raise ReadingError(f"scalelite.nodes: {node} has the host that {other} has: wanted each host once")
        hosts[host] = node
    return scalelite.Server(
        table.url(private=True), secret, table.algorithm(scalelite.ALGORITHMS), hosts, table.ca_file()
    )


def _prometheus(table: _Table) -> prometheus.Server:
    table.known(url=str, token_file=str, user=str, password_file=str, ca_file=str, nodes=dict)
    user, file = table.entries.get("user", ""), "token_file"
    if "user" in table.entries or "password_file" in table.entries:
        file = "password_file"
        if "token_file" in table.entries or not re.fullmatch(r"[!-9;-~]{1,200}", user):
            raise ReadingError(
                "prometheus: wanted user and password_file, or token_file, not both; a user has no colon"
            )
    asks = file in table.entries or bool(user) or _variable("prometheus") in table.environ
    token = table.secret("prometheus", file) if asks else None
    url = table.url(private=token is not None)
    nodes = {_named(node, "prometheus.nodes"): labels for node, labels in table.texts().items()}
    return prometheus.Server(url, nodes, token, table.ca_file(), user)


def _named(name: str, where: str) -> str:
    """Return the name of a node, if it is one; else it is not repeated: it may be anything."""
    if not NAME.match(name):
        raise ReadingError(f"{where}: wanted {NAME_WANTED}")
    return name


def _checked(text: str, where: str) -> Secret:
    text = text.strip()
    if not 0 < len(text) <= _LARGEST_SECRET or not text.isascii() or not text.isprintable() or " " in text:
        raise ReadingError(f"{where}: wanted a secret in one line of letters and digits")
    return Secret(text)


def _variable(name: str) -> str:
    return "PLANNER_SECRET_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())
