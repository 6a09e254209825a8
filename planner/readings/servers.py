"""Which servers to ask, from one TOML file (docs/ops.md shows one); their secrets stand elsewhere."""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from planner.model.inputs.observations import NAME, NAME_WANTED
from planner.readings import ReadingError, bbb, contents, prometheus
from planner.readings.transport import Secret, is_private

_LARGEST_SECRET = 1000
"""[byte]"""
_LARGEST_FILE = 1_000_000
"""[byte]"""


@dataclass(frozen=True, slots=True)
class Bbb:
    """A node that answers getMeetings itself."""

    node: str
    url: str
    secret: Secret
    checksum: bbb.Algorithm
    ca_file: Path | None


@dataclass(frozen=True, slots=True)
class Scalelite:
    """A balancer that says load and state of the nodes behind it."""

    url: str
    secret: Secret
    checksum: bbb.Algorithm
    nodes: Mapping[str, str]
    ca_file: Path | None


@dataclass(frozen=True, slots=True)
class Servers:
    """Whom to ask."""

    bbb: tuple[Bbb, ...]
    scalelite: Scalelite | None
    prometheus: prometheus.Server | None
    load: Literal["cpu", "scalelite"]
    """Whose load is read: a share of the CPU, from Prometheus, or the balancer's own number."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Return the names of all nodes that somebody is asked about."""
        named = [one.node for one in self.bbb]
        named += list(self.scalelite.nodes.values()) if self.scalelite else []
        named += list(self.prometheus.nodes) if self.prometheus else []
        return tuple(dict.fromkeys(named))


def load(path: Path, environ: Mapping[str, str]) -> Servers:
    """Return the servers that the file at `path` names, with their secrets."""
    body, _ = contents(path, _LARGEST_FILE)
    try:
        data = tomllib.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadingError(f"{path}: not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        # the place alone: the text may quote what stands there, which may be a secret
        place = re.search(r"\((at [^()]*)\)$", str(error))
        raise ReadingError(f"{path}: not TOML{f', {place[1]}' if place else ''}") from None
    try:
        _known(data, {"load": str, "nodes": dict, "scalelite": dict, "prometheus": dict}, "")
        nodes = data.get("nodes", {})
        meant = data.get("load", "cpu" if "prometheus" in data else "scalelite")
        if meant not in ("cpu", "scalelite"):
            raise ReadingError('load: wanted "cpu" or "scalelite"')
        servers = Servers(
            bbb=tuple(_bbb(_named(name, "nodes"), _table(nodes, name, "nodes."), path, environ) for name in nodes),
            scalelite=_scalelite(data["scalelite"], path, environ) if "scalelite" in data else None,
            prometheus=_prometheus(data["prometheus"], path, environ) if "prometheus" in data else None,
            load="cpu" if meant == "cpu" else "scalelite",
        )
        if not servers.nodes:
            raise ReadingError("names no node")
    except ReadingError as error:
        raise ReadingError(f"{path}: {error}") from None
    return servers


def _bbb(name: str, table: dict[str, Any], path: Path, environ: Mapping[str, str]) -> Bbb:
    where = f"nodes.{name}."
    _known(table, {"url": str, "secret_file": str, "checksum": str, "ca_file": str}, where)
    secret = _secret(name, table.get("secret_file"), path, environ, f"{where}secret_file")
    return Bbb(
        name, _url(table, where, private=True), secret, _algorithm(table, where), _beside(path, table.get("ca_file"))
    )


def _scalelite(table: dict[str, Any], path: Path, environ: Mapping[str, str]) -> Scalelite:
    where = "scalelite."
    _known(table, {"url": str, "secret_file": str, "checksum": str, "ca_file": str, "nodes": dict}, where)
    secret = _secret("scalelite", table.get("secret_file"), path, environ, f"{where}secret_file")
    hosts = {host.lower(): _named(node, f"{where}nodes") for host, node in _texts(table, where).items()}
    return Scalelite(
        _url(table, where, private=True), secret, _algorithm(table, where), hosts, _beside(path, table.get("ca_file"))
    )


def _prometheus(table: dict[str, Any], path: Path, environ: Mapping[str, str]) -> prometheus.Server:
    where = "prometheus."
    _known(table, {"url": str, "token_file": str, "ca_file": str, "nodes": dict}, where)
    asks = "token_file" in table or _variable("prometheus") in environ
    token = _secret("prometheus", table.get("token_file"), path, environ, f"{where}token_file") if asks else None
    url = _url(table, where, private=token is not None)
    nodes = {_named(node, f"{where}nodes"): labels for node, labels in _texts(table, where).items()}
    return prometheus.Server(url, nodes, token, _beside(path, table.get("ca_file")))


def _named(name: str, where: str) -> str:
    """Return the name of a node, if it is one; else it is not repeated: it may be anything."""
    if not NAME.match(name):
        raise ReadingError(f"{where}: wanted {NAME_WANTED}")
    return name


def _secret(name: str, file: str | None, path: Path, environ: Mapping[str, str], where: str) -> Secret:
    """Return a secret from the environment, or from a file that only its owner can read."""
    variable = _variable(name)
    if variable in environ:
        return _checked(environ[variable], variable)
    if file is None:
        raise ReadingError(f"no secret for {name}: set {variable}, or name a secret_file")
    place = path.parent / file
    # no path in the message: who writes the secret itself there would see it repeated
    body, about = contents(place, _LARGEST_SECRET, where)
    if about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):  # of what was opened, not of what stands there a moment later
        raise ReadingError(
            f"{place}: others may read or change this secret: chmod 600 {place}, and have a new one made"
        )
    return _checked(body.decode("utf-8-sig", "replace"), where)


def _checked(text: str, where: str) -> Secret:
    text = text.strip()
    if not 0 < len(text) <= _LARGEST_SECRET or not text.isascii() or not text.isprintable() or " " in text:
        raise ReadingError(f"{where}: wanted a secret in one line of letters and digits")
    return Secret(text)


def _variable(name: str) -> str:
    return "PLANNER_SECRET_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())


def _url(table: dict[str, Any], where: str, *, private: bool) -> str:
    url: str = table.get("url", "")
    try:
        safe = is_private(url)
    except ReadingError as error:
        raise ReadingError(f"{where}url: {error}") from None
    if private and not safe:
        raise ReadingError(f"{where}url: wanted https: what is sent and answered here is not for others to read")
    return url


def _algorithm(table: dict[str, Any], where: str) -> bbb.Algorithm:
    wanted = table.get("checksum", bbb.ALGORITHMS[0])
    for algorithm in bbb.ALGORITHMS:
        if wanted == algorithm:
            return algorithm
    raise ReadingError(f"{where}checksum: wanted one of {', '.join(bbb.ALGORITHMS)}")


def _texts(table: dict[str, Any], where: str) -> dict[str, str]:
    nodes = table.get("nodes")
    if (
        not isinstance(nodes, dict)
        or not nodes
        or not all(isinstance(value, str) and value for value in nodes.values())
    ):
        raise ReadingError(f"{where}nodes: wanted a table of texts")
    return dict(nodes)


def _table(tables: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    table = tables[name]
    if not isinstance(table, dict):
        raise ReadingError(f"{where}{name}: wanted a table")
    return table


def _known(table: Mapping[str, Any], kinds: Mapping[str, type], where: str) -> None:
    """Refuse a misspelt key, and a value of another kind; a secret written here by mistake is not repeated."""
    for name, value in table.items():
        if name in ("secret", "token"):
            raise ReadingError(f"{where}{name}: a secret does not stand in this file: name a file that holds it alone")
        if name not in kinds:
            shown = name if re.fullmatch(r"[a-z_]{1,20}", name) else "a name"
            raise ReadingError(f"{where}{shown}: not known; wanted {', '.join(kinds)}")
        if not isinstance(value, kinds[name]):
            raise ReadingError(f"{where}{name}: wanted a {'table' if kinds[name] is dict else 'text'}")


def _beside(path: Path, file: str | None) -> Path | None:
    return None if file is None else path.parent / file
