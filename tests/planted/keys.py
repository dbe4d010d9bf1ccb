"""Keys that exist for one run only: each is made for one door or one failure, and is remembered by that name."""

import secrets
import string
from dataclasses import dataclass, field

KINDS = ("openai", "anthropic", "google", "openai-compatible")

_PREFIXES = {"openai": "sk-", "anthropic": "sk-ant-", "google": "AIza", "openai-compatible": ""}
_SIGNS = '"/+%\\&<'
"""What looks different once it is escaped: servers of one's own may take any sign in a key."""

_BODY = 36


@dataclass(slots=True)
class Planted:
    """What was planted, by name."""

    keys: dict[str, str] = field(default_factory=dict)

    def key(self, kind: str, name: str) -> str:
        """Make a key that looks like one of `kind`."""
        body = [secrets.choice(string.ascii_letters + string.digits) for _ in range(_BODY)]
        if kind == "openai-compatible":
            body[3:-4:4] = (secrets.choice(_SIGNS) for _ in body[3:-4:4])
        called = f"{kind}: {name}"
        assert called not in self.keys, called
        self.keys[called] = _PREFIXES[kind] + "".join(body)
        return self.keys[called]
