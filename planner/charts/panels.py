"""A chart as a value: panels one below the other, drawn on a figure of their own or on anybody's axes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from planner.charts import theme

Panel = tuple[float, Callable[[Axes], None]]
"""The height of its axes [inch], and what draws on them."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure: its name, its panels, what it says in a sentence, and its margins as `theme.figure` takes them."""

    name: str
    panels: Sequence[Panel]
    said: str = ""
    places: Mapping[str, float] = field(default_factory=dict)

    def make(self) -> Figure:
        """Return the figure; to be called, and saved, inside `theme.style`."""
        figure, axes = theme.figure(*(height for height, _ in self.panels), **self.places)
        for (_, draw), ax in zip(self.panels, axes, strict=True):
            draw(ax)
        return figure

    def picture(self) -> tuple[str, bytes]:
        """Return it as SVG and as PNG."""
        with theme.style(self.name):
            figure = self.make()
            return theme.svg(figure), theme.png(figure)

    def on(self, ax: Axes | Iterable[Axes] | None) -> Figure:
        """Return the figure, or that of the given axes, one for each panel, after drawing on them."""
        with theme.style(self.name):
            if ax is None:
                return self.make()
            several: object = [ax] if isinstance(ax, Axes) else ax
            axes = [one for one in several if isinstance(one, Axes)] if isinstance(several, Iterable) else []
            if len(axes) != len(self.panels):
                raise ValueError(f"chart {self.name!r} wants ax= with {len(self.panels)} axes, found {len(axes)}")
            for (_, draw), one in zip(self.panels, axes, strict=True):
                draw(one)
        figure = axes[0].get_figure(root=True)
        assert figure is not None  # axes that were taken off theirs cannot be drawn on
        return figure


def named(charts: Iterable[Chart], name: str) -> Chart:
    """Return the chart of a name."""
    known = {chart.name: chart for chart in charts}
    if name not in known:
        raise ValueError(f"there is no chart {name!r} here; wanted one of: {', '.join(known)}")
    return known[name]
