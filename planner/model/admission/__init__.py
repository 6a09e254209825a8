"""How many further accounts may come, which limit says so, and what would change it."""
