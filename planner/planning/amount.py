"""An amount of money or credit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """Money or credit in minor units (pence, hundredths of a credit): never a float, never added across units."""

    minor: int
    unit: str
    """"GBP", "EUR", … or "credit"."""

    def __str__(self) -> str:
        """Return e.g. "45.00 GBP"."""
        sign = "-" if self.minor < 0 else ""
        whole, cents = divmod(abs(self.minor), 100)
        return f"{sign}{whole}.{cents:02d} {self.unit}"
