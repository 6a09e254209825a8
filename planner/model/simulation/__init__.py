"""Meetings drawn one by one, placed on nodes and counted against their limits."""
