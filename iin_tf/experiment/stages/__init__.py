"""The stages of an experiment, one module each; `run(experiment)` does it."""
