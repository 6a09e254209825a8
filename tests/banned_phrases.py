"""The phrases that nobody understands at first reading, and the words of ours that people do not use."""

import re

BANNED = (
    "as networks are",
    "every input as assumed",
    "with every input",
    "by a hair",
    "luck does not tell apart",
    "overloads a year at",
    "you could still say yes",
    "but none while",
    "already over before",
    r"\bof the draws\b",
    r"\bof the paths\b",
    r"\bbinds\b",
    r"(?<!Level )\b1 accounts\b",
    "never months",
    "further account can be admitted",
    "though nobody may come",
    "% of cases",
    "% confidence",
    r"\bas assumed",
    # --draws is the name of an option
    r"(?<!-)\bdraws\b",
    r"\bpaths\b",
    r"\bobjective\b",
    r"\bpermission\b",
    "chi-square",
    "closed form",
)


def banned_in(said: str) -> list[str]:
    """Return the phrases, as patterns, that a text has."""
    return [phrase for phrase in BANNED if re.search(phrase, said, re.IGNORECASE)]
