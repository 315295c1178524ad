"""A whole experiment in one working directory, stage by stage."""
