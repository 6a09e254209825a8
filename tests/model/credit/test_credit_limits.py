"""The sentences of the credit side's limits."""

from planner.model.credit.credit_limits import amount


def test_minor_units_as_a_person_writes_them() -> None:
    """Two decimals, and commas between thousands."""
    assert (amount(4500), amount(123_456)) == ("45.00", "1,234.56")
