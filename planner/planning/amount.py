"""An amount of money or credit."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """Money or credit in minor units (pence, hundredths of a credit): never a float, never added across units."""

    minor: int
    unit: str
    """"GBP", "EUR", … or "credit"."""

    @property
    def decimal(self) -> Decimal:
        """Return it in pounds or credit."""
        return Decimal(self.minor).scaleb(-2)

    def __str__(self) -> str:
        """Return e.g. "45.00 GBP"."""
        return f"{self.decimal} {self.unit}"
