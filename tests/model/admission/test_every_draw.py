"""The joint number and each limit's against evaluating every draw at every instant, by halving: the same draws.

Within one account that comes to the node, or 3 %, at four confidences, with twelve draws of three scenarios;
`prove_numbers.py` takes 200 draws of six.
"""

from pathlib import Path

import prove_numbers
import pytest
from every_draw import EveryDraw, compared

from planner.model.overload import kernel

DRAWS = 12


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pilot-5", "random 1", "random 3"])
def test_numbers_are_those_of_evaluating_every_draw(name: str, tmp_path: Path) -> None:
    kernel.compiled()
    found = compared(EveryDraw(prove_numbers.scenario(name, tmp_path), DRAWS, 7), prove_numbers.CONFIDENCES)
    assert len(found) >= 9
    assert [one for one in found if not one.agrees] == []
