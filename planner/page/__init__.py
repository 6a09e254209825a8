"""The proposer's page: a scenario as a form, its answer beside it, served to one browser on this machine."""
