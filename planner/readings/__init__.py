"""What the servers say, turned into `planner.model.observed` and nothing else. The only place that opens a socket."""


class ReadingError(Exception):
    """A reading that is missing, malformed or not understood; the message says which and why, in plain words."""


class TableError(ReadingError):
    """A table that cannot be used, and the line that says so."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(f"line {line}: {problem}")
