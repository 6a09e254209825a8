"""YAML as a tree of positions: each scalar stays the text that was written; no tags, no types, bounded aliases."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from planner.scenario.problem import Origin, Problems, Unreadable, did_you_mean

LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MOST_BYTES: Final = 1_000_000
MOST_CHARACTERS: Final = 3_000_000
"""Of a tree with its aliases written out; a file of the largest size without aliases stays below."""
MOST_DEPTH: Final = 24
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN: Final = re.compile("[\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
"""What YAML takes for the end of a line, of a comment too, or a screen for another order of letters: people who sign a
scenario would read another one than the planner does."""
NOTHING: Final = ("null", "Null", "NULL", "~")
"""How YAML writes that there is no value."""
_PLAIN_TAGS: Final = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


@dataclass(frozen=True, slots=True)
class Scalar:
    """One piece of text."""

    text: str
    at: Origin

    @property
    def size(self) -> int:
        """Characters, and one for itself."""
        return len(self.text) + 1


@dataclass(frozen=True, slots=True)
class Seq:
    """A list."""

    items: tuple[Node, ...]
    at: Origin
    size: int
    """Characters of everything in it."""


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping, in the order written."""

    entries: Mapping[str, tuple[Scalar, Node]]
    at: Origin
    size: int = 0

    @staticmethod
    def of(texts: Mapping[str, str], at: Origin) -> Map:
        """Return a mapping of texts as if it had been written at `at`."""
        return Map({name: (Scalar(name, at), Scalar(text, at)) for name, text in texts.items()}, at)

    @property
    def items(self) -> Collection[tuple[Scalar, Node]]:
        """Keys, with their positions, and values."""
        return self.entries.values()

    def get(self, name: str) -> Node | None:
        """Return the value under a key, or None."""
        return self.entries[name][1] if name in self.entries else None

    def at_path(self, path: str) -> Node | None:
        """Return what stands at a dotted path, or None."""
        node: Node | None = self
        for part in path.split("."):
            node = node.get(part) if isinstance(node, Map) else None
        return node

    def put(self, path: Sequence[str], node: Node) -> Map:
        """Return the mapping with `node` at `path`; what is missing on the way is made."""
        name, *rest = path
        key, old = self.entries.get(name, (Scalar(name, node.at), None))
        new = (old if isinstance(old, Map) else Map({}, node.at)).put(rest, node) if rest else node
        return Map({**self.entries, name: (key, new)}, self.at)

    def without(self, path: str) -> Map:
        """Return the mapping without what stands at a dotted path."""
        name, _, rest = path.partition(".")
        if not rest:
            return Map({key: item for key, item in self.entries.items() if key != name}, self.at)
        inner = self.get(name)
        return self.put([name], inner.without(rest)) if isinstance(inner, Map) else self


Node = Scalar | Seq | Map


def named_from(node: Node, names: Callable[[str], str]) -> Node:
    """Return a node with other names for the files that it was read from."""
    at = replace(node.at, file=names(node.at.file))
    match node:
        case Scalar():
            return Scalar(node.text, at)
        case Seq():
            return Seq(tuple(named_from(item, names) for item in node.items), at, node.size)
        case Map():
            return Map({key.text: (key, named_from(item, names)) for key, item in node.items}, at, node.size)


def text_of(node: Node | None) -> str:
    """Return a node as one would write it on one line; nothing for none."""
    match node:
        case Scalar():
            return node.text
        case Seq():
            return "[" + ", ".join(map(text_of, node.items)) + "]"
        case Map():
            return "{" + ", ".join(f"{key.text}: {text_of(value)}" for key, value in node.items) + "}"
        case None:
            return ""


def says(node: Node | None, word: str) -> bool:
    """Return whether a node is this word."""
    return isinstance(node, Scalar) and node.text == word


def unknown(
    problems: Problems, key: Scalar, path: str, known: Collection[str], what: str = "entry", new: str = ""
) -> None:
    """Note a name that nothing here has; new = how one is added."""
    wanted = "one of " + ", ".join([*known][:30]) if known else f"no {what}, as none is known here"
    wanted += f", or a new one in one piece: {new}" if new else ""
    problems.add(key.at, path, f"unknown {what}{did_you_mean(key.text, known)}", wanted, key.text)


def decode(data: bytes, file: str, problems: Problems) -> str:
    """Return a file's text."""
    start = Origin(file, 1, 1)
    if len(data) > MOST_BYTES:
        raise problems.refuse(start, "", "the file is too large", f"at most {MOST_BYTES} bytes", "more")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _after(data[: error.start].decode("utf-8-sig", "replace"), file)
        byte = f"byte 0x{data[error.start]:02x}"
        raise problems.refuse(at, "", "this is not UTF-8", "text saved as UTF-8", byte) from None
    if bad := _UNPRINTABLE.search(text):
        character = f"character 0x{ord(bad.group()):02x}"
        raise problems.refuse(_after(text[: bad.start()], file), "", "this is not text", "a text file", character)
    # a file in which all lines end with it, as on old Macs, is shown as it is read
    if (unseen := _UNSEEN.search(text if "\n" in text else text.replace("\r", "\n"))) is not None:
        wrong, found = "this begins a line or turns the writing round, unseen", f"character 0x{ord(unseen.group()):02x}"
        raise problems.refuse(_after(text[: unseen.start()], file), "", wrong, "none of these characters", found)
    if not text.strip():
        raise problems.refuse(start, "", "the file is empty", "something in it", "")
    return text


def _after(before: str, file: str) -> Origin:
    """Return the position that comes after the text `before`."""
    return Origin(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def parse(text: str, file: str, problems: Problems, line: int = 1, col: int = 1) -> Node:
    """Return the tree of one YAML document."""
    builder = _Builder(file, problems, line, col)
    try:
        return builder.document(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        at = builder.origin(error.problem_mark or error.context_mark)
        lines = text.split("\n")
        row = min(at.line - line, len(lines) - 1)
        shift = col if row == 0 else 1
        if at.line - line > row:  # the parser takes the end for the beginning of a line that is not there
            at = Origin(file, line + row, len(lines[row]) + shift)
        before = lines[row][: at.col - shift + 1]
        if "\t" in before:
            tab = Origin(file, at.line, before.index("\t") + shift)
            problems.add(tab, "", "a tab cannot be read here", "spaces to indent and to separate", "a tab")
        else:
            words = str(error.problem)
            if error.context and error.context_mark:
                words = f"{error.context} begun in line {builder.origin(error.context_mark).line}, {words}"
            words = "" if problems.quiet else f" ({words})"  # one of the two parsers repeats what it found
            problems.add(at, "", f"this cannot be read as YAML{words}", "name: value, indented with spaces")
        raise Unreadable from None
    except yaml.YAMLError as error:
        wrong = "this cannot be read as YAML" + ("" if problems.quiet else f" ({error})")
        raise problems.refuse(Origin(file, line, col), "", wrong, "a text file") from None


@dataclass(slots=True)
class _Builder:
    """Makes the tree from the parser's events."""

    file: str
    problems: Problems
    line: int
    col: int

    def origin(self, mark: Any) -> Origin:
        """Return where a mark of the parser lies."""
        if mark is None:
            return Origin(self.file, self.line, self.col)
        return Origin(self.file, mark.line + self.line, mark.column + (self.col if mark.line == 0 else 1))

    def refuse(self, event: yaml.Event, wrong: str, wanted: str, found: str) -> Unreadable:
        """Note a problem after which no tree can be trusted."""
        return self.problems.refuse(self.origin(event.start_mark), "", wrong, wanted, found)

    def document(self, events: Iterator[yaml.Event]) -> Node:
        """Return the tree of the one document."""
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.refuse(event, "a second document begins here", "one scenario in a file", "---")
                root = self.node(next(events), events, {}, 0)
        if root is None:
            raise self.problems.refuse(self.origin(None), "", "there is nothing here", "a scenario", "")
        return root

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], anchors: dict[str, Node], depth: int) -> Node:
        """Return the node that begins with `event`."""
        at = self.origin(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise self.refuse(event, "this alias has no anchor before it", "&name before *name", f"*{event.anchor}")
            return anchors[event.anchor]
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if depth > MOST_DEPTH:
            raise self.refuse(event, "this is nested too deeply", f"at most {MOST_DEPTH} levels", "one more")
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            raise self.refuse(event, "tags are not allowed", "plain text, lists and mappings", event.tag)
        made: Node
        if isinstance(event, yaml.ScalarEvent):
            if bad := _UNPRINTABLE.search(event.value):  # by an escape: it would reach terminals and reports
                raise self.refuse(event, "this is not text", "no control characters", f"0x{ord(bad.group()):02x}")
            # YAML's word for nothing, unless it stands in quotes, is not a text that says "null"
            made = Scalar("" if event.implicit[0] and event.value in NOTHING else event.value, at)
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(item := next(events), yaml.SequenceEndEvent):
                items.append(self.node(item, events, anchors, depth + 1))
            made = Seq(tuple(items), at, 1 + sum(item.size for item in items))
        else:
            made = self.mapping(at, events, anchors, depth)
        if made.size > MOST_CHARACTERS:
            wanted = f"at most {MOST_CHARACTERS} characters with all aliases written out"
            raise self.refuse(event, "aliases make this too large", wanted, f"{made.size}")
        if event.anchor:
            anchors[event.anchor] = made
        return made

    def mapping(self, at: Origin, events: Iterator[yaml.Event], anchors: dict[str, Node], depth: int) -> Map:
        """Return a mapping; a key that comes twice is a problem, and the first stays."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        size = 1
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, anchors, depth + 1)
            value = self.node(next(events), events, anchors, depth + 1)
            size += key.size + value.size
            if not isinstance(key, Scalar):
                raise self.refuse(event, "a name must be text", "name: value", text_of(key))
            here = Scalar(key.text, self.origin(event.start_mark))
            if key.text in entries:
                wanted = f"it once (first in line {entries[key.text][0].at.line})"
                self.problems.add(here.at, "", "this name is written twice", wanted, key.text)
            else:
                entries[key.text] = (here, value)
        return Map(entries, at, size)
