"""What all results have in common: tables as data frames, charts, and one sentence that says what they are."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from planner.report.tables import Table

if TYPE_CHECKING:  # who only wants the answer should not wait for matplotlib and pandas
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from planner.charts.panels import Chart


class Frame(property):
    """A table of a result as a DataFrame, made when it is asked for."""

    def __init__(self, make: Callable[[Any], Table], doc: str) -> None:
        super().__init__(lambda result: make(result).frame, doc=f"{doc} A DataFrame.")

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: type | None = None) -> "pd.DataFrame": ...  # type: ignore[override]


class Result:
    """A result: `record` holds all of it, frozen; the rest shows it."""

    def _charts(self) -> "Iterable[Chart]":
        raise NotImplementedError

    def _says(self) -> str:
        raise NotImplementedError

    def chart(self, name: str, ax: "Axes | Iterable[Axes] | None" = None) -> "Figure":
        """Return a chart: a matplotlib Figure that shows itself in a notebook.

        Parameters
        ----------
        name : str
            Which chart; `charts` lists them, and so does the error for a name that is none.
        ax : matplotlib Axes, several of them, or None
            Draw on these, one for each panel of the chart; None = on a new figure, as wide as a phone.

        Raises
        ------
        ValueError
            If there is no such chart, or it has another number of panels.
        """
        from planner.charts.panels import named

        return named(self._charts(), name).on(ax)

    @property
    def charts(self) -> list[str]:
        """The names of the charts there are."""
        return [chart.name for chart in self._charts()]

    def __repr__(self) -> str:
        """Return what it is in a sentence."""
        return f"<{type(self).__name__}: {self._says()}>"
