"""Numbers written in words: shares, multiples, counts of trades, percentages in several languages.

A number word alone claims nothing ("one of them"); it does beside a unit, a fraction, or something that is counted.
"""

import re
import unicodedata
from collections.abc import Iterator

_ONE = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion"
    r"|half|a\s+quarter|a\s+third)"
)
_MANY = rf"(?!one\b){_ONE}(?:[-\s]+(?:and\s+)?{_ONE}){{0,8}}"
_UNIT = (
    r"(?:%|percent|per\s+cent|percentage\s+points?|basis\s+points?|bps|times|fold|x\b|usdt?|usdc|dollars?|euros?"
    r"|btc|eth|bitcoins?)"
)
_PARTS = r"(?:halves|thirds|quarters|fourths|fifths|sixths|sevenths|eighths|ninths|tenths|twentieths|hundredths)"
_COUNTED = (
    r"(?:trades?|positions?|wins?|losses|winners|losers|winning|losing|closed|bars|drawdowns?|fills|entries|exits)"
)
_OF_IT = r"(?:the|its|as|that|what|all|those|these|my|your|their|every|of)\b"

_NO_NUMBER = "in|as|the|und|der|die|das|des|les|los|las"
_PERCENT = r"prozent|por\s?ciento|pour\s?cent|pourcents?|procent\w{0,3}|per\s?cento|por\s?cento|процент\w{0,4}|yüzde"

_PATTERNS = (
    rf"\b{_ONE}(?:[-\s]+(?:and\s+|point\s+)?{_ONE}){{0,8}}[-\s]{{0,3}}{_UNIT}",
    rf"\b{_ONE}[-\s]+{_PARTS}\b",
    r"\b(?:one|a)[-\s]+(?:half|third|quarter|fourth|fifth|sixth|eighth|tenth|hundredth)\s+of\b",
    rf"(?<!first )(?<!second )(?<!other )(?<!latter )(?<!earlier )(?<!later )(?<!last )(?<!each )\bhalf\s+{_OF_IT}",
    rf"\b{_ONE}\s+(?:out\s+of|in(?:\s+every)?)\s+{_ONE}\b",
    rf"\b{_MANY}\s+of\s+(?:the\s+)?{_MANY}\b",
    rf"\b{_MANY}\s+{_COUNTED}\b",
    r"\b(?:a\s+|several\s+|some\s+)?dozens?\b(?=\s+(?:of|\w+s)\b)|\b(?:hundreds|thousands|millions|billions)\s+of\b",
    r"\ba\s+(?:hundred|thousand|million|billion)\b",
    rf"\b(?:twice|thrice)\s+(?:as|the|its|that|what|more|over)\b|\b(?:double|triple|quadruple|treble)\s+{_OF_IT}",
    r"\b(?:single|double|triple|two|three|four|five|six|seven)[-\s](?:digits?|figures?)\b",
    r"\b(?:doubl|tripl|trebl|quadrupl)(?:es|ed|ing)\b|\bhalv(?:e|ed|ing)\b|\b\w{2,12}fold\b",
    rf"\b(?!(?:{_NO_NUMBER})\b)[^\W\d_]{{2,40}}(?:\s+[^\W\d_]{{1,20}}){{0,2}}?\s+(?:{_PERCENT})\b",
    r"\byüzde\s+\w{2,20}",
    r"\w{1,20}\s?(?:प्रतिशत|퍼센트|パーセント)|\w{2,20}\s+(?:بالمئة|بالمائة|في\s+المئة|في\s+المائة)",
    r"百分之\w{1,8}|[一二三四五六七八九十百千万两半]{1,8}(?:倍|成|割|個百分點|个百分点|個百分点)",
    r"\b(?:verdoppelt|verdreifacht|halbiert|doublée?|triplée?|duplic[oó]|triplic[oó]|удвоил\w{0,4}|翻倍|翻了一番)",
)
_WORDS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS)

# Letters of other scripts that look like Latin ones.
_ALIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝѵгАВЕКМНОРСТУХαβεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhqwvrABEKMHOPCTYXaBeikvoptuxABEZHIKMNOPTYX"
)


def folded(text: str) -> str:
    """Return the text as it looks, in plain letters and as long as it is: dressed and look-alike letters taken off."""
    return _plain(text).translate(_ALIKE)


def number_words(text: str) -> Iterator[tuple[int, int]]:
    """Spans of numbers in words."""
    plain = _plain(text)
    for seen in {plain, plain.translate(_ALIKE)}:
        for pattern in _WORDS:
            yield from (found.span() for found in pattern.finditer(seen))


def _plain(text: str) -> str:
    return "".join(one if one.isascii() else _undressed(one) for one in text)


def _undressed(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
