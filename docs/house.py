"""Draw docs/house.svg: the house in one picture, its arrows from the imports as they are.

    python docs/house.py

Which packages there are, what each may import and what its files do import comes from tests/test_house.py, and so does
the floor that a package is on: what it may import stands below it. Only the place along a floor and the few words are
chosen here. Arrows go straight down. One that would only repeat a longer way is not drawn but named, after a plus.
"""

import sys
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from html import escape
from pathlib import Path

PICTURE = Path(__file__).with_suffix(".svg")
Graph = Mapping[str, Set[str]]

# Package or part of model -> where it stands, from and to [% of the width], and what it is for, line by line.
PLACES: dict[str, tuple[float, float, tuple[str, ...]]] = {
    "cli": (0, 100, ("one file per command; the only clock and environment",)),
    "page": (0, 41, ("a scenario and its answer", "on a page of this machine")),
    "api": (43, 84, ("what `planner` exports,", "and the commands call")),
    "report": (0, 84, ("page, summary and tables from records",)),
    "charts": (21.5, 84, ("draw what they are given",)),
    "comparison": (0, 19.5, ("two plans", "or more")),
    "grid": (21.5, 41, ("a grid", "of plans")),
    "learning": (43, 62.5, ("learns from", "history")),
    "pilot_review": (64.5, 84, ("said and", "happened")),
    "planning": (0, 84, ("the one place where the parts meet",)),
    "gate": (0, 20, ("may we,", "now?")),
    "store": (40.5, 58.5, ("the only", "SQLite")),
    "readings": (60.5, 100, ("the only sockets;", "tables that people keep")),
    "scenario": (60.5, 100, ("what a person writes,", "as numbers")),
    "output": (86, 100, ("the one", "way", "files are", "written")),
    "seal": (72.5, 84.5, ("is the", "plan as", "it was", "made?")),
    "model": (0, 71, ("mathematics: no file, no clock,", "stdlib and numpy alone")),
    "wording": (0, 38.5, ("reasons and numbers", "in plain sentences")),
    "admission": (0, 46, ("how many, and", "which limit binds")),
    "simulation": (0, 33, ("meetings drawn",)),
    "evidence": (48.5, 100, ("what people have seen",)),
    "overload": (0, 46, ("how often", "a limit is passed")),
    "workload": (0, 46, ("accounts", "to meetings")),
    "credit": (48.5, 71, ("the months",)),
    "calibration": (73, 100, ("from the pilot",)),
    "inputs": (0, 100, ("plain numbers that all share",)),
    "limit": (0, 71, ("what a limit allows, and why",)),
    "meanwhile": (73, 100, ("a second process",)),
}
GROUND = "model"
"""The package whose parts are drawn."""
WORLD = {"cli", "output", "page", "readings", "store"}
"""Packages that touch the world outside."""

LEGEND = (
    "↓ an import; it goes down, never up",
    "+ an import without an arrow of its own: it repeats a way",
    "   that is drawn already, or has no straight way down",
    "Thick walls: what touches the world outside",
)

WIDTH, MARGIN, GAP = 480, 10, 26
LINE, PAD = 15, 8
"""From line to line of text, and from text to wall."""

STYLE = """
svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.paper { fill: #fbfaf7; } .wall { fill: #ffffff; stroke: #5b6770; } .ground { fill: #e9efe6; stroke: #5b6770; }
.world { fill: #fdeccb; stroke: #8a5a00; stroke-width: 2; }
text { fill: #1c2429; } .also { fill: #4d5960; } .name { font-weight: 700; font-size: 13px; }
.way { stroke: #1f5f99; stroke-width: 1.8; fill: none; } .head { fill: #1f5f99; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14191d; } .wall { fill: #20282e; stroke: #8b99a3; } .ground { fill: #1b2a24; stroke: #8b99a3; }
  .world { fill: #40320f; stroke: #d9a441; }
  text { fill: #eef2f4; } .also { fill: #b9c4cb; }
  .way { stroke: #7fb8ea; } .head { fill: #7fb8ea; }
}
""".strip()


@dataclass(frozen=True, slots=True)
class Box:
    """A package, or a part of one."""

    name: str
    floor: int
    """0 is the lowest."""
    left: float
    right: float
    """[px]"""

    @property
    def middle(self) -> float:
        """Return the middle of its width [px]."""
        return (self.left + self.right) / 2


def floors(may: Graph) -> dict[str, int]:
    """Return each package's floor: one above the highest of those it may import, 0 where it may import none."""
    found: dict[str, int] = {}
    while len(found) < len(may):
        ready = {package: others for package, others in may.items() if package not in found and others <= set(found)}
        assert ready, f"a circle among {sorted(set(may) - set(found))}"
        found |= {package: 1 + max((found[other] for other in others), default=-1) for package, others in ready.items()}
    return found


def without_repeats(does: Graph) -> dict[str, set[str]]:
    """Return the imports that are not also made by way of another one."""

    def below(package: str) -> set[str]:
        return set(does[package]).union(*(below(other) for other in does[package]))

    return {
        package: {other for other in others if not any(other in below(one) for one in others)}
        for package, others in does.items()
    }


def standing(may: Graph, left: float, right: float) -> list[Box]:
    """Return the packages where they stand between two walls, the highest floor first."""
    assert set(may) <= set(PLACES), f"docs/house.py has no place for {sorted(set(may) - set(PLACES))}"
    level = floors(may)
    return [
        Box(name, level[name], *(left + share / 100 * (right - left) for share in PLACES[name][:2]))
        for name in sorted(may, key=lambda package: (-level[package], PLACES[package][0]))
    ]


def straight(packages: Sequence[Box], does: Graph) -> dict[tuple[str, str], float]:
    """Return where an arrow goes straight down for each import that has such a way, through no package between."""
    by_name, taken, found = (
        {package.name: package for package in packages},
        list[float](),
        dict[tuple[str, str], float](),
    )
    once = without_repeats(does)
    for upper in packages:
        for lower in sorted((by_name[name] for name in once[upper.name]), key=lambda package: package.left):
            left, right = max(upper.left, lower.left), min(upper.right, lower.right)
            between = [package for package in packages if lower.floor < package.floor < upper.floor]
            free = [
                x
                for x in range(round(left) + 6, round(right) - 5)
                if not any(package.left - 6 < x < package.right + 6 for package in between)
                and all(abs(x - other) > 5 for other in taken)
            ]
            if free:
                taken.append(min(free, key=lambda x: abs(x - (left + right) / 2)))
                found[upper.name, lower.name] = taken[-1]
    return found


def said(package: Box, does: Graph, ways: Mapping[tuple[str, str], float]) -> tuple[str, ...]:
    """Return what is written in a package below its name: what it is for, and what it imports without an arrow."""
    also = sorted(other for other in does[package.name] if (package.name, other) not in ways)
    if len(does[package.name]) == len(does) - 1:
        also = ["every other package"]
    wide = package.right - package.left > 200
    return (*PLACES[package.name][2], *([f"+ {', '.join(also)}"] if wide and also else [f"+ {name}" for name in also]))


def storeys(
    may: Graph, does: Graph, left: float, right: float, top: float, cellar: float = 0.0
) -> tuple[list[str], dict[str, tuple[float, float]]]:
    """Return the packages and the arrows between them as SVG, and each one's top and bottom [px].

    The package whose parts are drawn is made higher by `cellar` [px].
    """
    packages, walls, out = standing(may, left, right), dict[str, tuple[float, float]](), list[str]()
    ways = straight(packages, does)
    for floor in sorted({package.floor for package in packages}, reverse=True):
        here = [package for package in packages if package.floor == floor]
        bottom = top + 2 * PAD + LINE * (1 + max(len(said(package, does, ways)) for package in here))
        bottom += cellar if any(package.name == GROUND for package in here) else 0.0
        for package in here:
            walls[package.name] = top, bottom
            out += _box(package, top, bottom, said(package, does, ways))
        top = bottom + GAP
    for (upper, lower), x in ways.items():
        out.append(_arrow(x, walls[upper][1], walls[lower][0]))
    return out, walls


def _arrow(x: float, top: float, bottom: float) -> str:
    return f'<path class="way" d="M{x:g} {top:g}V{bottom - 8:g}"/><path class="head" d="M{x:g} {bottom:g}l-4.5 -9h9z"/>'


def _box(package: Box, top: float, bottom: float, lines: Sequence[str]) -> list[str]:
    kind = "world" if package.name in WORLD else "ground" if package.name == GROUND else "wall"
    size = f'width="{package.right - package.left:.1f}" height="{bottom - top:g}"'
    out = [f'<rect class="{kind}" x="{package.left:.1f}" y="{top:g}" {size} rx="3"/>']
    for row, line in enumerate((package.name, *lines)):
        style = "name" if row == 0 else "also" if line.startswith("+") else "for"
        y = top + PAD + 11 + LINE * row
        out.append(
            f'<text class="{style}" x="{package.middle:.1f}" y="{y:g}" text-anchor="middle">{escape(line)}</text>'
        )
    return out


def draw(packages: Graph, imports: Graph, parts: Graph, part_imports: Graph) -> str:
    """Return the picture as SVG.

    Parameters
    ----------
    packages, parts : mapping of str to set of str
        What each package, and each part of model, may import.
    imports, part_imports : mapping of str to set of str
        What its files do import.
    """
    left, right, inset = MARGIN, WIDTH - MARGIN, 8
    within = left + inset, left + PLACES[GROUND][1] / 100 * (right - left) - inset
    depth = _lowest(storeys(parts, part_imports, *within, 0.0)[1]) + inset
    house, walls = storeys(packages, imports, left, right, MARGIN, depth)
    inside, _ = storeys(parts, part_imports, *within, walls[GROUND][1] - depth)
    bottom = _lowest(walls)
    return _document([*house, *inside, *_legend(bottom + GAP)], bottom + GAP + len(LEGEND) * LINE)


def _lowest(walls: Mapping[str, tuple[float, float]]) -> float:
    return max(bottom for _, bottom in walls.values())


def _legend(top: float) -> list[str]:
    return [
        f'<text class="also" x="{MARGIN}" y="{top + LINE * row:g}">{escape(line)}</text>'
        for row, line in enumerate(LEGEND)
    ]


def _document(body: Sequence[str], height: float) -> str:
    title = "The house: packages one above the other, an arrow down for each import"
    size = f'width="{WIDTH}" height="{height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height:g}" role="img">',
            f"<title>{title}</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="paper" {size}/>',
            *body,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from test_house import as_built  # the tables that the tests hold

    PICTURE.write_text(draw(*as_built()), encoding="utf-8")
