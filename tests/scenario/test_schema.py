"""The table of all entries: complete in itself, and the same to editors as to the reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from planner.scenario import fields, json_schema, schema, units
from planner.scenario.fields import INHERIT, NONE, Choice, Field, Named, Number, Section
from planner.scenario.reader import ScenarioError, read
from planner.scenario.schema import ROOT

HERE = Path(__file__).parents[1]
SCENARIOS = sorted((HERE.parent / "scenarios").glob("*.yaml"))
SMALL = HERE / "bad_scenarios" / "good" / "small.yaml"


def entries(one: Field = ROOT, path: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its path; `*` stands for a name of the author's."""
    yield path, one
    if isinstance(one, Section):
        inner = dict(one.fields)
    elif isinstance(one, Named):
        inner = {**one.fixed, "*": one.entry}
    else:
        inner = {}
    for name, field in inner.items():
        yield from entries(field, f"{path}.{name}".lstrip("."))


NUMBERS = {path: one for path, one in entries() if isinstance(one, Number)}


def as_data(node: yaml.Node) -> object:
    """Return YAML as an editor sees it (YAML 1.2: numbers are numbers, dates and `no` are text)."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: as_data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [as_data(item) for item in node.value]
    try:
        return node.value if node.style else json.loads(node.value)
    except ValueError:
        return node.value


def data(path: Path) -> object:
    """Return a scenario file as an editor sees it."""
    return as_data(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))


def test_every_entry_has_a_help() -> None:
    """What it means stands in the table, in a sentence's beginning, without a full stop."""
    for path, one in entries():
        assert one.help, path
        assert not one.help.endswith("."), path


def test_every_unit_is_known() -> None:
    """A unit of the table that nobody can write would make its entry impossible."""
    fill = {"money": "GBP", "any": "EUR", "credit": "credit", "key": "EUR"}
    for path, one in NUMBERS.items():
        for each in one.unit.split(" or "):
            assert units.unit(each.format_map(fill), frozenset({"credit"})), path


def test_every_default_is_within_its_own_bounds() -> None:
    """Reading a small file fills in each default as if it had been written; that gives no problem."""
    scenario = read(SMALL, ["spending.supplier={}", "usage.level-1={}"])
    for path, one in NUMBERS.items():
        if "*" not in path and one.default not in (INHERIT, None):
            assert path in scenario.estimates
    assert scenario.estimates["networks.ocn.closes"].ranged


def test_none_is_the_default_only_where_it_can_be_written() -> None:
    """And a decision has no range by default."""
    for path, one in NUMBERS.items():
        assert one.none or one.default != NONE, path
        assert one.ranged or not isinstance(one.default, tuple), path


def test_choices_have_their_default_among_them() -> None:
    """A default nobody could write would be a trap."""
    for path, one in entries():
        if isinstance(one, Choice) and one.default != INHERIT:
            assert one.default in one.options, path


def test_json_schema_is_one() -> None:
    """An editor's validator takes it."""
    jsonschema.Draft7Validator.check_schema(json_schema.whole())
    assert json.loads(json.dumps(json_schema.whole())) == json_schema.whole()


@pytest.mark.parametrize("path", [*SCENARIOS, SMALL], ids=lambda path: path.stem)
def test_json_schema_accepts_scenarios(path: Path) -> None:
    """What the reader takes, the editor does not underline."""
    jsonschema.validate(data(path), json_schema.whole())


def test_json_schema_has_every_entry() -> None:
    """Each entry of the table is in it with its help, its unit and its default."""
    whole = json_schema.whole()["else"]
    users = whole["properties"]["nodes"]["additionalProperties"]["anyOf"][0]["properties"]["limits"]["properties"][
        "users"
    ]
    assert users["description"] == "Users at once. Wanted: user or none. Default: none."
    text = json.dumps(whole, ensure_ascii=False)
    for _, one in entries():
        assert json.dumps(one.help, ensure_ascii=False)[1:-1] in text or one is ROOT


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("nodse", {}),
        ("nodes", ["de", "ca"]),
        ("nodes", {}),
        ("nodes.de.limts", {}),
        ("nodes.de.limits.usres", 5),
        ("levels.level-1", {"participants": 10}),
        ("offer.accounts", [5, 10]),
        ("offer.mix.level-1", 1),
        ("members.accounts", {"value": 5, "low": 1}),
        ("members.accounts", {"vlaue": 5}),
        ("objective", {"measure": "episode"}),
        ("spending.prefer", "social"),
        ("base", "other.yaml"),
    ],
)
def test_json_schema_refuses_what_the_reader_refuses(tmp_path: Path, path: str, value: object) -> None:
    """Names, shapes and words are underlined in the editor already."""
    found: Any = data(SMALL)
    *outer, name = path.split(".")
    inner = found
    for part in outer:
        inner = inner[part]
    inner[name] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, json_schema.whole())
    bad = tmp_path / "bad.yaml"
    bad.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(ScenarioError):
        read(bad)


def test_field_at_a_path() -> None:
    """Paths lead through the author's names; what is not there is None."""
    users = fields.field_at(ROOT, "nodes.any-name.limits.users")
    assert isinstance(users, Number)
    assert users.family == "limit"
    assert fields.field_at(ROOT, "usage.level-1.meetings") == fields.inherited(schema.ACCOUNT)["meetings"]
    assert fields.field_at(ROOT, "offer.nothing") is None
    assert fields.field_at(ROOT, "title.more") is None
