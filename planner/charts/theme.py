"""One look for all charts: a page as wide as a phone, few colours, words beside the lines instead of a legend."""

import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font
from PIL import Image

# Each colour of the light page is used for one thing only, so that the report can exchange it for its dark twin by
# its value. Blue against orange is told apart with every common colour blindness; so are the steps by lightness.
PAPER = "#fdfcfa"
INK = "#1c2126"
MUTED = "#57616b"
RULE = "#dbdfe3"
MAIN = "#0a5ea8"
"""What the chart is about: the central answer."""
BAND = "#bcd8ef"
"""Where eight of ten, or the stated share, lie."""
BEFORE = "#8a949e"
"""What is there already."""
LIMIT = "#b4430a"
"""What must not be passed."""
BARS = "#7fb2dc"
"""Permissions that do not bind."""
STEPS = ("#f3f5f6", "#cde1f1", "#a1c8e6", "#6ba7d4", "#2f78b3", "#123f6b")
"""From empty to full."""

_COLOURS = (
    ("paper", PAPER, "#14181c"),
    ("ink", INK, "#e9ecef"),
    ("muted", MUTED, "#a7b1bb"),
    ("rule", RULE, "#333c45"),
    ("main", MAIN, "#74b9f5"),
    ("band", BAND, "#1d4566"),
    ("before", BEFORE, "#7b8792"),
    ("limit", LIMIT, "#ff9d5c"),
    ("bars", BARS, "#3a78ad"),
    ("step-0", STEPS[0], "#1c2228"),
    ("step-1", STEPS[1], "#1b3a55"),
    ("step-2", STEPS[2], "#225580"),
    ("step-3", STEPS[3], "#3279b5"),
    ("step-4", STEPS[4], "#66aee8"),
    ("step-5", STEPS[5], "#c3e2fb"),
)
_FEW = (
    *(PAPER, INK, MUTED, RULE, MAIN, BAND, BEFORE, LIMIT, BARS),
    *("#aeafb0", "#6b6e70", "#cbcecf", "#999fa4", "#84add1", "#e3bba6", "#ca7a52"),
)
"""The colours of a small picture: the light page's, and the edges of its words and lines."""
DARK = {light: dark for _, light, dark in _COLOURS}
"""The same on a dark page: the light colours are the keys."""
NAMES = {light: name for name, light, _ in _COLOURS}
"""What the colours are called in the report's style sheet."""

DASHED = (0, (4, 1.5))
DOTTED = (0, (1.2, 1.6))

WIDTH = 4.2
"""Of a figure [inch]: as wide as a phone, where its text is then 11 px high."""
SIZE = 9.35
"""Of the text [point]."""
DPI = 200
"""Of the pictures: sharp on a phone."""
SMALL_DPI = 110
"""Of pictures that fit into the text of a forum's post: as wide as a phone."""
PACKED = 3
"""How hard the pictures are packed, of 9: twice as quick as 6, and larger by a twentieth."""
INSIDE = WIDTH * 72 - 14
"""Width between the margins of a figure [point]."""
PATCH = {"boxstyle": "square,pad=0.08", "facecolor": PAPER, "edgecolor": "none"}
"""Of paper behind words, so that no bar crosses them."""

_SETTINGS: Any = {  # matplotlib's own type lists each name
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same picture on every machine
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is a name
    "axes.titlesize": SIZE + 1,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 16,
    "axes.titlecolor": INK,
    "axes.edgecolor": BEFORE,
    "axes.linewidth": 0.8,
    "axes.facecolor": "none",
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "axes.spines.left"), False),
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    **dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color"), MUTED),
    **dict.fromkeys(("axes.labelsize", "xtick.labelsize", "ytick.labelsize"), SIZE),
    "xtick.major.size": 3,
    **dict.fromkeys(("ytick.major.size", "xtick.minor.size", "ytick.minor.size"), 0),
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.8,
    "hatch.linewidth": 0.9,
    "figure.facecolor": PAPER,
    "savefig.facecolor": "auto",
    "text.hinting": "none",  # the pictures are sharp enough without, and twice as quickly made
    "svg.fonttype": "none",  # text stays text: it can be searched, and takes the page's own font
    "path.simplify": True,
}


class Chart(Figure):
    """A figure that shows itself in a notebook: IPython has no picture for a figure made without pyplot."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture, and the width at which it is shown: half its pixels, to be sharp on any screen."""
        out = io.BytesIO()
        with style():
            self.savefig(out, format="png", dpi=DPI)
        return out.getvalue(), {"width": round(self.get_figwidth() * DPI / 2)}


@contextmanager
def style(salt: str = "planner") -> Iterator[None]:
    """Set the look while charts are drawn and written; the salt makes the names inside an SVG the same every time."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": salt}):
        yield


def figure(
    *heights: float, left: float = 0.4, above: float = 0.46, between: float = 0.72, below: float = 0.44
) -> tuple[Chart, list[Axes]]:
    """Return a figure as wide as a phone with one pair of axes of a height [inch] below the other."""
    whole = above + sum(heights) + (len(heights) - 1) * between + below
    made = Chart(figsize=(WIDTH, whole))
    axes = []
    top = whole - above
    for height in heights:
        axes.append(made.add_axes((left / WIDTH, (top - height) / whole, 1 - (left + 0.14) / WIDTH, height / whole)))
        top -= height + between
    return made, axes


def bare(ax: Axes) -> None:
    """Take away scales and grid where every value is written beside its mark."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)


def heading(ax: Axes, title: str, below: str = "") -> None:
    """Put a title over the axes and, under it, what the vertical axis counts; both begin at the figure's left edge."""
    left = 4 - points(ax, ax.get_position().x0)
    look: dict[str, Any] = {"xycoords": "axes fraction", "annotation_clip": False}
    title = text(title, INSIDE, SIZE + 1, bold=True)
    annotate(ax, title, (0, 1), (left, 17 if below else 6), fontsize=SIZE + 1, fontweight="bold", **look)
    if below:
        annotate(ax, text(below), (0, 1), (left, 6), fontsize=SIZE, color=MUTED, **look)


def points(ax: Axes, share: float) -> float:
    """Return a share [-] of the width of the figure that the axes are on [point]."""
    figure = ax.get_figure(root=True)
    return share * (WIDTH if figure is None else figure.get_figwidth()) * 72


Place = tuple[float, float]


def annotate(ax: Axes, words: str, at: Place, offset: Place, **look: Any) -> None:
    """Write words beside a point, so many points [point] away."""
    ax.annotate(words, at, offset, textcoords="offset points", **look)


def dot(ax: Axes, x: float, y: float, **look: Any) -> None:
    """Draw a dot at a point of the data, or what other marker is wanted."""
    ax.plot([x], [y], ls="", **{"marker": "o", **look})


def row_name(ax: Axes, y: float, words: str, **look: Any) -> None:
    """Write the name of a row at the left edge, at a height of the data [-]."""
    annotate(ax, words, (0, y), (4, 0), xycoords=("axes fraction", "data"), **look)


def month_axis(ax: Axes, last: int, step: int | None = None) -> None:
    """Mark the months [month] from 0 to the last: every half year, or fewer when the horizon is far."""
    ax.set_xlim(0, last)
    ax.set_xticks(month_ticks(last) if step is None else range(0, last + 1, step))
    ax.set_xlabel("months from the start")


def month_ticks(last: int) -> range:
    """Return the months [month] to mark of so many."""
    return range(0, last + 1, 3 if last <= 15 else 6 if last <= 48 else 12 * max(1, last // 96))


def key(ax: Axes, *entries: tuple[Artist, str]) -> None:
    """Put a line of signs and what they mean under the heading, where lines leave no place for words of their own."""
    anchor = ((3.6 - points(ax, ax.get_position().x0)) / points(ax, ax.get_position().width), 1.0)
    space = {"borderaxespad": 0.0, "borderpad": 0.3, "handlelength": 1.3, "handletextpad": 0.4, "columnspacing": 1.1}
    look: dict[str, Any] = {"frameon": False, "fontsize": SIZE, "labelcolor": MUTED, **space}
    handles, words = zip(*entries, strict=True)
    ax.legend(handles, words, loc="lower left", bbox_to_anchor=anchor, ncols=len(entries), **look)


def label(
    ax: Axes,
    x: float,
    y: float,
    words: str,
    colour: str = INK,
    offset: Place = (0, 3),
    weight: str = "normal",
    **at: Any,
) -> None:
    """Write words at a point of the data, on a thin patch of paper so that lines do not cross them."""
    look = {"color": colour, "fontsize": SIZE, "fontweight": weight, "ha": "left", "va": "bottom", **at}
    look |= {"bbox": {"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}, "zorder": 6}
    annotate(ax, text(words, INSIDE, bold=weight == "bold"), (x, y), offset, annotation_clip=False, **look)


def text(words: str, most: float = INSIDE, size: float = SIZE, bold: bool = False) -> str:
    """Return words as a chart can show them: on one line, no wider than `most` [point], in signs that the font has."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in words[:400])
    # what is left of category C steers the direction of writing, or is nothing at all
    clean = " ".join("".join(c for c in kept if not unicodedata.category(c).startswith("C")).split())
    known = _signs(bold)
    clean = "".join(c if ord(c) in known else "\ufffd" for c in clean)
    if width(clean, size, bold) <= most:
        return clean
    while clean and width(clean + "…", size, bold) > most:
        clean = clean[:-1]
    return clean.rstrip() + "…"


def width(words: str, size: float = SIZE, bold: bool = False) -> float:
    """Return how wide words are [point]; other fonts that a browser may take are narrower."""
    return sum(_advance(ord(c), bold) for c in words) * size


@cache
def _advance(sign: int, bold: bool) -> float:
    """Return the width of a sign of 1 point."""
    return _font(bold).load_char(sign).linearHoriAdvance / 65536 / 10


@cache
def _signs(bold: bool) -> frozenset[int]:
    """Return the signs that the font has: asking it each time takes as long as drawing the words."""
    return frozenset(_font(bold).get_charmap())


@cache
def _font(bold: bool) -> FT2Font:
    font = FT2Font(findfont(FontProperties(family=["DejaVu Sans"], weight="bold" if bold else "normal")))
    font.set_size(10, 72)
    return font


def svg(made: Figure) -> str:
    """Return a figure as SVG: the same bytes for the same figure."""
    out = io.StringIO()
    made.savefig(out, format="svg", metadata={"Date": None, "Creator": "planner"})
    drawn = out.getvalue()
    # the reader's own sans-serif; the font of the pictures is wider, so what fits there fits here
    return drawn.replace("font-family: 'DejaVu Sans'", "font-family: system-ui, 'DejaVu Sans', sans-serif")


def png(made: Figure) -> bytes:
    """Return a figure as PNG, sharp on a phone: the same bytes for the same figure."""
    out = io.BytesIO()
    packed = {"compress_level": PACKED}
    made.savefig(out, format="png", dpi=DPI, metadata={"Software": "planner"}, pil_kwargs=packed)
    return out.getvalue()


def small_png(made: Figure) -> bytes:
    """Return a figure as a PNG of 16 colours, an eighth as large: the same bytes for the same figure."""
    made.savefig(out := io.BytesIO(), format="png", dpi=SMALL_DPI)
    palette = Image.new("P", (1, 1))
    palette.putpalette(bytes.fromhex("".join(_FEW).replace("#", "")))
    few = Image.open(out).convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(small := io.BytesIO(), "PNG", bits=4, optimize=True)
    return small.getvalue()
