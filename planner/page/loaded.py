"""Loads what a process that plans needs, when it is imported: the libraries, the compiled loops, the template."""

import gc
import sys
from importlib import import_module

sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]  # as on the command line
gc.disable()  # all of this stays: looking for what may go would take a sixth of the time
import_module("planner.page.work")
import_module("planner.model.overload.contour_sum").load_loops()
import_module("planner.report.page").environment().get_template("report.html.j2")
gc.freeze()
gc.enable()
