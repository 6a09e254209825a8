"""The library: the functions that `planner` exports and the commands call, and the results they return."""
