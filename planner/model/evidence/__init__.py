"""What people know without logs: how likely each draw of the inputs makes what they saw."""
