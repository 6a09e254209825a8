"""What the servers say, turned into `planner.model.observed` and nothing else. The only place that opens a socket."""


class ReadingError(Exception):
    """A reading that is missing, malformed or not understood; the message says which and why, in plain words."""
