"""Entries that most scenarios leave alone: the bit rates of media, and what only the simulation can hold."""

from typing import Final

from planner.scenario.fields import Choice, Field, Number, Section

LESS_EACH: Final = "less_each"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MEDIA: Final[dict[str, Field]] = {
    "camera": Number("Bit rate of one camera stream", "Mbit/s", "0.2 Mbit/s", most=1e4),
    "many_cameras": Choice(
        "less_each: from 8 cameras in a meeting on each sends less, BigBlueButton's own default; same_each: never",
        (LESS_EACH, "same_each"),
        LESS_EACH,
    ),
    "audio": Number("Bit rate of the sound that one user is sent", "Mbit/s", "0.04 Mbit/s", most=1e4),
    "screenshare": Number("Bit rate of a shared screen, for each user it is sent to", "Mbit/s", "1 Mbit/s", most=1e4),
}

SIMULATION: Final = Section(
    "What the closed form cannot hold; all off. Where any is on, the servers' limits are judged by simulation",
    {
        "fixed_weekly": Number(
            "Share of the meetings in a weekly series: the same slot, a size of its own", "%", "0 %", "share", most=1.0
        ),
        "surge": Number(
            "Factor on the meetings of each week's surge day; the answers are for such weeks",
            "",
            "1",
            above=True,
            most=100,
        ),
        "surge_day": Choice("The surge day", DAYS, "wednesday"),
        "late": Number("Share of viewers who come late: a meeting grows while it runs", "%", "0 %", "share", most=1.0),
        "late_by": Number("The meeting's age when the late ones have come", "h", "15 min", above=True, most=24),
    },
)
