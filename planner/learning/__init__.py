"""A history makes the inputs of a scenario better known: prior to posterior, and the scenario that says so."""
