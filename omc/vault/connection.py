"""A way to a model as a value: who, where, with which key. Light: whoever opens a key need not load a client."""

from dataclasses import dataclass

from omc.kit.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a call needs to know of its provider; it lives as long as the step that opened the key.

    `provider` is the id of a row of `PROVIDERS`. `base_url` None: the row's own address. `key` None: the server asks
    for none. `model` may be empty for a probe, which then takes one from the provider's list.
    """

    provider: str
    model: str
    base_url: str | None = None
    key: Secret | None = None
