"""Plain records that formulas take, ranges with named random streams, and accounts on nodes."""
