"""A workbook of 20,000 rows of five cells: calamine, openpyxl, and the reader of tables with its guards.

    python tests/benchmarks/bench_workbooks.py [ROWS]

Prints seconds of processor time, the middle of five runs in turn.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable

import openpyxl
import python_calamine
import xlsxwriter

from planner.readings import workbooks


def made(rows: int) -> bytes:
    """Return an XLSX of so many rows: three texts, a number and a day."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for row in range(rows):
        sheet.write_row(row, 0, [f"ocn-{row}", "level-1", "credit", 1, 44292])
    book.close()
    return out.getvalue()


def main(rows: int) -> None:
    """Measure, and print a line for each."""
    body = made(rows)

    def calamine() -> object:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body)) as book:
            return book.get_sheet_by_index(0).to_python()

    def by_openpyxl() -> object:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        return list(book.worksheets[0].iter_rows(values_only=True))

    ways: dict[str, Callable[[], object]] = {
        "calamine": calamine,
        "openpyxl": by_openpyxl,
        "planner's reader": lambda: list(workbooks.sheets(body)),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(5):
        for name, read in ways.items():
            start = time.process_time()
            read()
            took[name].append(time.process_time() - start)
    for name, times in took.items():
        print(f"{name}: {statistics.median(times):.2f} s for {rows:,} rows")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
