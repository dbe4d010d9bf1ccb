"""Every way a model call can fail, with its sentence for a person, what to do next, and whether trying again helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong. The words are stored with calls and events: never renamed."""

    BAD_KEY = "bad_key"
    FORBIDDEN = "forbidden"
    REGION = "region"
    NO_CREDIT = "no_credit"
    MODEL_UNKNOWN = "model_unknown"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    CUT = "cut"
    MALFORMED = "malformed"
    BAD_TOOL_ARGUMENTS = "bad_tool_arguments"
    CONTEXT_TOO_LONG = "context_too_long"
    REFUSED = "refused"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_BIG = "too_big"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    ADDRESS_REFUSED = "address_refused"
    REDIRECTED = "redirected"
    NOT_AN_API = "not_an_api"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a kind of failure means: said to a person, and whether a retry helps or the provider may charge for it."""

    says: str
    mend: str
    retry: bool = False
    billed: bool = False


FACTS: Mapping[FailureKind, Facts] = {
    FailureKind.BAD_KEY: Facts(
        "The provider does not accept this key.",
        "Copy the key again from the provider's page, and give it here again.",
    ),
    FailureKind.FORBIDDEN: Facts(
        "The key is known, but it may not do this.",
        "Give the key access to this model on the provider's page, or choose another model.",
    ),
    FailureKind.REGION: Facts(
        "The provider does not serve the country or region that this server stands in.",
        "Use another provider, or run OMC where the provider serves.",
    ),
    FailureKind.NO_CREDIT: Facts(
        "The account at the provider has no credit or quota left.",
        "Add credit or raise the limit on the provider's billing page, then test again.",
    ),
    FailureKind.MODEL_UNKNOWN: Facts(
        "The provider does not know this model, or this key may not see it.",
        "Choose another model, or check how the provider spells it.",
    ),
    FailureKind.RATE_LIMITED: Facts(
        "The provider asks to slow down: this key has made too many requests.",
        "Wait a little; the key itself works.",
        retry=True,
    ),
    FailureKind.OVERLOADED: Facts(
        "The provider is overloaded.",
        "Try again in a few minutes, or choose a fallback model.",
        retry=True,
    ),
    FailureKind.SERVER_ERROR: Facts(
        "Something broke at the provider.",
        "Try again in a few minutes; the provider's status page tells more.",
        retry=True,
        billed=True,
    ),
    FailureKind.CONNECT_TIMEOUT: Facts(
        "No connection to the provider could be made in time.",
        "Check the address and whether this server may reach it (firewall, VPN).",
        retry=True,
    ),
    FailureKind.TIMEOUT: Facts(
        "The provider did not answer in time.",
        "Try again, allow more time, or choose a faster model.",
        retry=True,
        billed=True,
    ),
    FailureKind.CUT: Facts(
        "The answer broke off before its end.",
        "Try again; if it happens often, a proxy or the server cuts long answers.",
        retry=True,
        billed=True,
    ),
    FailureKind.MALFORMED: Facts(
        "The answer is not in the form that this kind of provider speaks.",
        "Check that the address and the kind of provider belong together.",
        retry=True,
        billed=True,
    ),
    FailureKind.BAD_TOOL_ARGUMENTS: Facts(
        "The model called a tool with arguments that are not JSON.",
        "Try again; a model that does this often is not fit for tools.",
        retry=True,
        billed=True,
    ),
    FailureKind.CONTEXT_TOO_LONG: Facts(
        "The conversation is longer than this model can read.",
        "Choose a model with a longer context, or open a new session with a narrower goal.",
    ),
    FailureKind.REFUSED: Facts(
        "The model, or the provider's content filter, declined to answer.",
        "Word the goal differently, or choose another model.",
        billed=True,
    ),
    FailureKind.EMPTY: Facts(
        "The model gave an empty answer.",
        "Try again, or choose another model.",
        retry=True,
        billed=True,
    ),
    FailureKind.TOO_LONG: Facts(
        "The answer reached the token limit before its end.",
        "Raise the preset's max tokens, or lower its reasoning effort.",
        billed=True,
    ),
    FailureKind.TOO_BIG: Facts(
        "The server sent more than OMC takes for one answer.",
        "Check the address: a model's answer is never this large.",
        billed=True,
    ),
    FailureKind.REJECTED: Facts(
        "The provider rejected the request itself.",
        "Remove settings that this model does not take (temperature, top-p, effort), or choose another model.",
    ),
    FailureKind.UNREACHABLE: Facts(
        "Nothing answers at this address.",
        "Check the address and that the server runs; for a local server, start it first.",
        retry=True,
    ),
    FailureKind.TLS: Facts(
        "The connection could not be secured: the server's certificate is not trusted or does not match.",
        "Check the address (http or https), or have the certificate mended; OMC never skips the check.",
    ),
    FailureKind.ADDRESS_REFUSED: Facts(
        "OMC does not connect to this address.",
        "Enter a public https address; the operator can allow private networks.",
    ),
    FailureKind.REDIRECTED: Facts(
        "The server sends us to another address, which OMC never follows with a key.",
        "Enter the final address as the base URL if you trust it.",
    ),
    FailureKind.NOT_AN_API: Facts(
        "There is no model API at this address.",
        "Check the path: most servers want an address that ends in /v1.",
    ),
    FailureKind.UNKNOWN: Facts(
        "The model call failed in a way that OMC does not know.",
        "Try again, or choose another model.",
        billed=True,
    ),
}
