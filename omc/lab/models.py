"""Which model a session gets: its row in the vault's table says who builds it; builders are imported on first use."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from omc.kit.errors import Refusal
from omc.vault.providers import provider_of

if TYPE_CHECKING:
    from pydantic_ai.models import Model

BUILT_IN: Mapping[str, str] = {"analyst": "omc.lab.analyst"}
"""Built-in models and the modules whose `model()` makes them."""


def resolve(model_id: str) -> "Model":
    """Return the model of a session; refuses one that is not on offer any more."""
    row = provider_of(model_id)
    if row is None or not row.builtin or model_id not in BUILT_IN:
        raise Refusal("model_unknown", 422, f"The model {model_id!r} is not on offer any more. Open a new session.")
    made: Model = import_module(BUILT_IN[model_id]).model()
    return made
