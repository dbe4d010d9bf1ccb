"""Generated documents: expressions of the language, for properties that every strategy must have."""

from hypothesis import strategies as st

from omc.engine import StrategyDocument
from tests.engine.builders import a_document

_COLUMNS = st.sampled_from(["open", "high", "low", "close", "volume"])
_WINDOW = st.integers(2, 12)


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    windowed = st.sampled_from(["sma", "ema", "wilder", "rsi", "highest", "lowest", "stdev", "bollinger_middle", "lag"])
    return st.one_of(
        st.builds("{}({}, {})".format, windowed, inner, _WINDOW),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("macd({}, {}, {})".format, inner, _WINDOW, _WINDOW),
        st.builds("macd_signal({}, {}, {}, {})".format, inner, _WINDOW, _WINDOW, _WINDOW),
        st.builds("atr({})".format, _WINDOW),
        st.builds("({} / (1 + abs({})))".format, inner, inner),
    )


numbers = st.recursive(_COLUMNS | st.just("100"), _numbers, max_leaves=4)
_compared = st.one_of(
    st.builds("{} {} {}".format, numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers),
    st.builds("{}({}, {})".format, st.sampled_from(["crosses_above", "crosses_below"]), numbers, numbers),
)
conditions = st.recursive(
    _compared,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=3,
)


@st.composite
def documents(draw: st.DrawFn) -> StrategyDocument:
    """Any document that compiles, long only or long and short."""
    sides = {"entry": draw(conditions), "exit": draw(conditions)}
    if draw(st.booleans()):
        sides |= {"short_entry": draw(conditions), "short_exit": draw(conditions)}
    sizing = {"kind": "fraction", "fraction": draw(st.sampled_from(["0.1", "0.5"]))}
    return a_document(features={}, sizing=sizing, **sides)
