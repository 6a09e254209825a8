"""How often a node holds more than it may: the law of a resource and its four measures."""
