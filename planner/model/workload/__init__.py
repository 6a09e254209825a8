"""From accounts to meetings in progress, and what one of them holds of a resource."""
