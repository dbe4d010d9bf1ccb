"""Attacks that have a test of their own: over HTTP, on the wire of each kind of provider, at random."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.adversary.cases import Family, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One attack; a test with its id in the name of its function, or of its parameter, plays it."""

    id: str
    classes: tuple[int, ...]
    family: Family
    place: Place
    goal: str


NAMED: tuple[Named, ...] = (
    Named(
        id="worst-calls-on-the-wire",
        classes=(43,),
        family=Family.SUPPLY,
        place=Place.SERVER,
        goal="a model server that makes the worst calls, on all four kinds of provider",
    ),
    Named(
        id="spend-on-the-wire",
        classes=(18, 43),
        family=Family.CONSUMPTION,
        place=Place.SERVER,
        goal="a model server that lets a session spend without end",
    ),
    Named(
        id="lie-about-usage-on-the-wire",
        classes=(18, 43),
        family=Family.CONSUMPTION,
        place=Place.SERVER,
        goal="a model server that says it used a billion words, to use the caps up",
    ),
    Named(
        id="redirect-on-the-wire",
        classes=(43, 26),
        family=Family.SUPPLY,
        place=Place.SERVER,
        goal="a model server that sends the client, and its key, elsewhere",
    ),
    Named(
        id="approve-what-was-not-shown",
        classes=(36, 34),
        family=Family.TRUST,
        place=Place.PASTE,
        goal="have an approval stand for another document, another workspace's version, or limits changed since",
    ),
    Named(
        id="replay-an-approval",
        classes=(36, 8),
        family=Family.TRUST,
        place=Place.EARLIER,
        goal="use an approval or a denied version again, or forge one in text",
    ),
    Named(
        id="any-call-at-random",
        classes=(6, 37, 42),
        family=Family.AGENCY,
        place=Place.SERVER,
        goal="any tool with any argument, valid or not, thousands of times",
    ),
    Named(
        id="forged-end-of-data",
        classes=(7, 42),
        family=Family.INJECTION,
        place=Place.HEADLINE,
        goal="make text from outside look as if it had ended",
    ),
)

OPEN: Mapping[str, str] = {}
"""Cases that are known not to hold, and why."""
