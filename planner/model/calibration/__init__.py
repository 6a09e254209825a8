"""What a history of meetings says of the inputs, and whether the model fits it."""
