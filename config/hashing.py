"""One fingerprint of a configuration, the same however its files are laid out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from .loader import Config


def config_hash(config: Config) -> str:
    """Fingerprint the resolved values (names and labels included; order of keys, comments and layout not)."""
    return canonical_hash({item.name: _plain(getattr(config, item.name)) for item in fields(config) if item.compare})


def canonical_hash(value: Any) -> str:
    """Fingerprint plain values or a model: sha256 of JSON with sorted keys."""
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
