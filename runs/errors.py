"""What is said when an experiment cannot be run as asked."""

from __future__ import annotations


class ExperimentError(ValueError):
    """What was asked cannot be run as written; the message says what is wrong and the way out."""


class StorageError(Exception):
    """The disk does not take results: it is full, or may not be written to."""
