"""How likely a resource's occupancy exceeds its limit: the compound Poisson law, summed along a circle."""
