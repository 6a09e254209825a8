"""What bigbluebutton-exporter counts while BigBlueButton answers, refuses or is gone, and what it says of that.

After the source of version 0.7.1 (github.com/greenstatic/bigbluebutton-exporter at bbb24ab, bbb-exporter/). One flag in
api_lib.py, `api_get_call`, is set by all calls; `get_meetings` in api.py makes an empty list of every failure;
`collect` in collector.py asks for recordings afterwards, and shows the flag as the last of these calls left it.
"""

from dataclasses import dataclass
from typing import Literal

Answer = Literal["listed", "refused", "refused without a message", "error page", "not XML", "gone"]
FAILURES: tuple[Answer, ...] = ("refused", "refused without a message", "error page", "not XML", "gone")


@dataclass
class FakeExporter:
    """One exporter, from its start on."""

    up: bool = False
    """settings._api_up, which begins so."""
    recordings: int = 4
    """Calls to getRecordings: one for each state; 1 with RECORDINGS_METRICS_READ_FROM_DISK, 0 without the metrics."""

    def call(self, answer: Answer) -> bool:
        """Return whether a call has data, and set the flag; a refusal with its message leaves it as it was."""
        if answer != "refused":
            self.up = answer == "listed"
        return answer == "listed"

    def scrape(self, there: tuple[int, ...], meetings: Answer, recordings: Answer) -> tuple[tuple[int, ...], int]:
        """Return the sizes of the meetings that are counted of those there, and bbb_api_up."""
        counted = there if self.call(meetings) else ()
        for _ in range(self.recordings):
            self.call(recordings)
        return counted, int(self.up)
