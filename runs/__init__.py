"""Experiments: design, seeds, engine and store of results."""
