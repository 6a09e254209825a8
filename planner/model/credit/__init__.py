"""The credit of one network month by month, and the limits that it sets."""
