"""One function for each chart: (record, axes). They draw what they are given and compute nothing."""
