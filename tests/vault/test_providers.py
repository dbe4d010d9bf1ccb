"""The table of providers is the one place that says which models there are."""

import re

from omc.lab.models import BUILT_IN, resolve
from omc.vault.providers import PROVIDERS, ModelKind, Pricing, provider, provider_of


def test_every_id_stands_once() -> None:
    ids = [row.id for row in PROVIDERS]
    assert len(ids) == len(set(ids))
    assert [provider(name) for name in ids] == list(PROVIDERS)
    assert provider("nobody") is None


def test_a_row_is_either_built_in_or_says_how_it_is_built_and_probed() -> None:
    for row in PROVIDERS:
        assert row.builtin == (row.build is None) == (row.probe is None), row.id
        assert row.builtin or row.fields, row.id
        re.compile(row.key_shape or "")


def test_every_built_in_model_can_be_made() -> None:
    offered = [model.id for row in PROVIDERS if row.builtin for model in row.models]
    assert offered == list(BUILT_IN)
    assert [resolve(name).model_name for name in offered] == offered


def test_the_analyst_is_offered_as_rules_without_a_key_and_never_as_ai() -> None:
    row = provider_of("analyst")
    assert row is not None
    assert (row.kind, row.pricing, row.fields) == (ModelKind.RULES, Pricing.FREE, ())
    (choice,) = [model for model in row.models if model.id == "analyst"]
    assert choice.label == "Analyst (built in, no key)"
    assert not re.search(r"\bAI\b|intelligen", f"{choice.label} {row.label}")
