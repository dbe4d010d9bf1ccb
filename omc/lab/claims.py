"""Finds what a text claims about performance: that something beats holding, gains, or is sure to.

What is asked, supposed, denied or hoped is no claim. A claim is about a strategy's past results or its future; what
has no good word for it (it lost, it did not beat holding) promotes nothing and needs no mark.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from omc.lab.number_words import folded


class Kind(StrEnum):
    """What a claim needs to be borne out: a figure above holding's, a gain, a test of chance; a promise, nothing."""

    BEATS = "beats"
    GAINS = "gains"
    PROVEN = "proven"
    PROMISED = "promised"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim and where it stands."""

    kind: Kind
    start: int
    stop: int


_THEM = (
    r"(?:simply\s+|just\s+)?(?:buy(?:ing)?[-\s]and[-\s]hold(?:ing)?|hodl(?:ing)?|hold(?:ing)?|the\s+market"
    r"|(?:the\s+)?benchmarks?|the\s+index|bitcoin|btc|ether(?:eum)?|eth|spot|passive)"
)
_FEW = r"(?:(?!(?:whether|if|not|never|no)\b)\w+\s+){0,3}?"
_WILL = (
    r"(?:will|shall|should|(?:is|are)\s+(?:going|expected|likely|sure|certain|set|bound|poised)\s+to|(?:can|could)\s+be\s+relied"
    r"\s+on\s+to)"
)
_DO_WELL = (
    r"(?:beat|outperform|profit|gain|earn|win|make\s+money|pay\s+off|be\s+profitable"
    r"|(?:keep|continue\s+to)\s+(?:beat|gain|earn|win)(?:n?ing)?)\b"
)
_GOOD = r"(?:strong|great|excellent|impressive|outstanding|stellar|high|solid|consistent|steady|reliable|attractive)"
_ITSELF = r"(?:it|strategy|system|rule|version|crossover|idea|approach|model)"
_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PROMISED: (
        r"\b(?:guarante\w+|risk[-\s]?free|sure\s+(?:thing|bet)|free\s+money|no\s+downside)",
        r"\b(?:can(?:not|'t|\s+not)|never|won't|will\s+not)\s+lose[sd]?\b|\bnever\s+lost\b",
        rf"\b{_WILL}\s+{_FEW}{_DO_WELL}",
    ),
    Kind.PROVEN: (
        r"\bstatistically\s+significant|\bsignificantly\s+(?:better|higher|outperform\w*)",
        r"\bnot\s+(?:just\s+|due\s+to\s+)*(?:luck|chance)\b",
        r"\b(?:proven|real|genuine|true|persistent|durable)\s+(?:edge|alpha)\b",
        r"\b(?:ha(?:s|ve)|shows?|carries|delivers?|generates?)\s+(?:an?\s+)?(?:\w+\s+)?(?:edge|alpha)\b",
        r"\b(?:is|are|proved|proves|looks)\s+(?:(?!not\b)\w+\s+)?robust\b",
    ),
    Kind.BEATS: (
        r"\bout-?perform\w*|\bbeat(?:s|en|ing)?\b|\b(?:crush|trounc|thrash|smash)(?:es|ed|ing)?\b|\bmarket[-\s]beating\b",
        rf"\b(?:surpass|exceed|top)(?:es|s|ed|ing|ped|ping)?\s+(?:\w+\s+){{0,2}}?{_THEM}",
        rf"\b(?:better|higher|more|superior|less\s+risky|safer)\s+(?:\w+\s+){{0,3}}?(?:than|to)\s+{_THEM}",
        rf"\b(?:ahead\s+of|wins?\s+(?:over|against)|won\s+(?:over|against))\s+{_THEM}|\bsuperior\s+(?:returns?|performance)",
    ),
    Kind.GAINS: (
        r"(?<![\w-])profitabl[ey]\b|\bprofitability\b|\bmoney[-\s]?maker\b|\bpa(?:ys|id)\s+off\b",
        r"\b(?:makes?|made|making|earn(?:s|ed|ing)?|turn(?:s|ed)?)\s+(?:\w+\s+){0,2}?(?:money|profits?)\b",
        rf"\bpositive\s+(?:\w+\s+)?returns?\b|\b{_GOOD}\s+(?:\w+\s+)?(?:returns?|profits?|gains?|performance)\b",
        r"\b(?:is|was|proved|proves)\s+(?:(?!not\b)\w+\s+)?(?:lucrative|a\s+(?:clear\s+)?(?:winner|success))\b",
        rf"\bworks\s+(?:very\s+)?(?:well|reliably)\b|\b{_ITSELF}\s+(?:has\s+)?(?:gains|gained|profits|profited|earns|earned)\b",
    ),
}
_PATTERNS = tuple((kind, re.compile(one, re.IGNORECASE)) for kind, ones in _KINDS.items() for one in ones)
# Where one clause ends and the next begins.
_CLAUSE = re.compile(r"[.!;:,\n\x00()]|。|\b(?:but|because|while|although|though|whereas)\b|\?", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|no|none|nothing|never|neither|nor|without|hardly|cannot|can't|\w+n't|fail(?:s|ed)?|unable|far\s+from"
    r"|instead\s+of|rather\s+than|lack(?:s|ed)?|short\s+of|nobody|un(?:clear|proven|likely))\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:whether|if|unless|could|may|might|would(?!\s+have)|can(?!\s+(?:see|be\s+seen|tell|say|conclude|trust|rely))"
    r"|suppose\w*|assum\w+|hypothes\w+|ask(?:s|ed)?|(?:goal|aim|question|idea)\s+(?:is|was)\s+(?:that|to)|aim(?:s|ed)\s+to"
    r"|in\s+order\s+to|to\s+see|claim(?:s|ed)?|expect\w*|hop(?:e|es|ed|ing)|needs?\s+to|ha(?:s|d|ve)\s+to|must"
    r"|tr(?:y|ies|ied)\s+to|(?:meant|supposed|designed)\s+to|too\s+\w+(?:\s+\w+)?\s+to|enough\s+to)\b",
    re.IGNORECASE,
)
# Words that turn a "not" round: "it cannot be denied that it beats holding".
_TURNED = re.compile(
    r"\b(?:den(?:y|ied|iable|ies)|undeniabl[ey]|doubt\w*|matter\w*|only|merely|just|surpris\w+|argue\w*)\b",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Claim]:
    """Return the claims of a text, in order of kind."""
    seen = folded(text)
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(seen):
            before = _clause_before(seen, found.start())
            if not _held_back(before) and not _asked(seen, found.end()):
                yield Claim(kind, found.start(), found.end())


def _clause_before(text: str, place: int) -> str:
    ends = [found.end() for found in _CLAUSE.finditer(text, 0, place)]
    return text[ends[-1] if ends else 0 : place]


def _held_back(before: str) -> bool:
    """Whether the words before a claim, in its clause, deny or only suppose it."""
    if _SUPPOSED.search(before):
        return True
    return _NOT.search(before) is not None and _TURNED.search(before) is None


def _asked(text: str, place: int) -> bool:
    ending = re.search(r"[.!?\n。]", text[place:])
    return ending is not None and ending.group() == "?"
