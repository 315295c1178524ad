"""From a config to a fitted network."""
