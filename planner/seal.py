"""The seal of plan.json: two hashes inside it that show whether it is still what was made; no signature.

`result` covers all but the time, the consent and the hashes: equal inputs, equal result. `seal` covers everything.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LARGEST = 20_000_000
"""[byte] A plan of a hundred servers has less than a tenth of it."""
DIGITS = 12
"""So many digits of the result are quoted in a consent."""
_APART = ("made", "consented", "result", "seal")
"""What the result does not cover."""


class NotWhole(ValueError):
    """The text is not one whole JSON object; the message says what is wrong, without quoting the text."""


def read(text: bytes) -> dict[str, Any]:
    """Return the JSON object in a text; a name given twice or a number without a value is refused."""
    if len(text) > LARGEST:
        raise NotWhole(f"larger than {LARGEST // 1_000_000} MB, which no plan is")
    try:
        document = json.loads(text.decode("utf-8"), **STRICT)
    except NotWhole:
        raise
    except (ValueError, RecursionError):
        raise NotWhole("empty, cut off or not JSON") from None
    if not isinstance(document, dict):
        raise NotWhole("not a JSON object")
    return document


def says_something(consent: str) -> bool:
    """Return whether a consent can be read: one line, with a letter or digit that is seen."""
    seen = any(sign.isalnum() and sign not in "\u115f\u1160\u3164\uffa0" for sign in consent)
    return seen and consent.isprintable()


def sealed(document: Mapping[str, Any], made: datetime) -> dict[str, Any]:
    """Return the document with the time it was made, the hash of its result and its seal."""
    if made.tzinfo is None:
        raise ValueError("the time at which a plan was made needs its offset from UTC")
    stamped = {**document, "made": made.astimezone(UTC).isoformat(timespec="seconds"), "result": result(document)}
    return {**stamped, "seal": _seal(stamped)}


def result(document: Mapping[str, Any]) -> str:
    """Return the hash of a plan's result: 64 hexadecimal digits."""
    return _hash({name: value for name, value in document.items() if name not in _APART})


def broken(document: Mapping[str, Any]) -> str | None:
    """Return what was changed since the document was sealed, in words; None = nothing."""
    if not all(isinstance(document.get(name), str) for name in ("made", "result", "seal")):
        return "it has no seal: it was made by an older version of the planner, or by hand"
    try:
        if result(document) != document["result"]:
            return "its result was changed after it was made"
        if _seal(document) != document["seal"]:
            return "the time it was made, or the consent, was changed after it was made"
    except ValueError:
        return "it holds a number that no plan holds"
    return None


def _seal(document: Mapping[str, Any]) -> str:
    return _hash({name: document.get(name) for name in _APART if name != "seal"})


def _hash(part: Mapping[str, Any]) -> str:
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise NotWhole("a name is given twice")  # which one is not said: the file may be no plan, and private
    return values


def _no_number(name: str) -> float:
    raise NotWhole(f"{name} is not a number")


STRICT: dict[str, Any] = {"object_pairs_hook": _once, "parse_constant": _no_number}
"""How `json.loads` refuses a name given twice and a number without a value."""
