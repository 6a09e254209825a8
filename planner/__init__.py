"""Plans how many mutual-credit memberships a co-op can take in."""

__version__ = "0.1.0"
