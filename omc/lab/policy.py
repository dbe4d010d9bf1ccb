"""The policy of the lab, as data: what each tool may read, change and cost. Decided outside the model, default deny.

A model is taken to obey whoever wrote the last text that it read. So nothing here asks what a text says: a tool without
a row is refused, an argument that its row does not name is refused, and no row may name a place of `NEVER`. What was
read leaves its labels on the result and on the session; they rise and never fall.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from omc.core.canonical import canonical
from omc.core.reason import Reason

MAX_DEPTH = 12


class Trust(IntEnum):
    """Who could have written a text, the more doubtful the higher."""

    HOUSE = 0
    """OMC itself: fixed words."""
    PERSON = 1
    """The person of the session, pastes included."""
    OWN = 2
    """The workspace's own data as ids, numbers, times and names of a grammar: no free text."""
    OUTSIDE = 3
    """Text that anybody may have written: headlines, imported cells, what an earlier session wrote."""


class Secrecy(IntEnum):
    """Whom a text may concern, the more private the higher. Secrets have no level: no tool can read one."""

    PUBLIC = 0
    WORKSPACE = 1
    ACCOUNT = 2
    """What the workspace owns: positions, profit, bills."""


class Place(StrEnum):
    """What a tool can change."""

    PLAN = "the plan of its session"
    QUESTION = "a question to its person"
    REPORT = "the report of its session"
    VERSIONS = "unapproved versions of strategies"
    TRIALS = "the count of trials and their results"
    MODELS = "trained models, which nothing uses until a version that names one is approved"
    PROPOSALS = "what waits for a person's decision"
    ORDERS = "orders and deployments"
    MONEY = "money, transfers and accounts"
    APPROVALS = "approvals and denials"
    CAPS = "caps and budgets"
    LIMITS = "limits, modes and the kill switch"
    KEYS = "keys and connections"
    MEMBERS = "people, roles and permissions"
    SCHEDULES = "schedules"
    DATA = "market data, books and other sessions"
    POLICY = "this policy"


NEVER = frozenset(
    {
        Place.ORDERS,
        Place.MONEY,
        Place.APPROVALS,
        Place.CAPS,
        Place.LIMITS,
        Place.KEYS,
        Place.MEMBERS,
        Place.SCHEDULES,
        Place.DATA,
        Place.POLICY,
    }
)
"""What no tool changes, whatever its row says: a person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """How far a text is to be trusted, and whom it may concern."""

    trust: Trust = Trust.HOUSE
    secrecy: Secrecy = Secrecy.PUBLIC


UNREAD = Labels()
"""The labels of who has read nothing but the house's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the policy: what a tool reads, changes, and may use up.

    `calls` are of one session in all, `argument_bytes` and `output_bytes` of one call, `rows` of the longest list that
    a result shows to a model.
    """

    reads: str
    labels: Labels
    arguments: frozenset[str]
    writes: frozenset[Place] = frozenset()
    egress: bool = False
    money: bool = False
    reversible: bool = True
    argument_bytes: int = 2_000
    output_bytes: int = 100_000
    rows: int = 200
    calls: int = 200


_OWN = Labels(trust=Trust.OWN, secrecy=Secrecy.WORKSPACE)
_OUTSIDE = Labels(trust=Trust.OUTSIDE, secrecy=Secrecy.WORKSPACE)
_ACCOUNT = Labels(trust=Trust.OWN, secrecy=Secrecy.ACCOUNT)

POLICY: Mapping[str, Rule] = {
    "set_plan": Rule(
        reads="nothing",
        labels=UNREAD,
        arguments=frozenset({"items"}),
        writes=frozenset({Place.PLAN}),
        argument_bytes=20_000,
    ),
    "set_stage": Rule(
        reads="nothing",
        labels=UNREAD,
        arguments=frozenset({"stage", "handing_over"}),
        writes=frozenset({Place.PLAN}),
        argument_bytes=8_000,
    ),
    "ask_person": Rule(
        reads="nothing",
        labels=UNREAD,
        arguments=frozenset({"question"}),
        writes=frozenset({Place.QUESTION}),
        argument_bytes=10_000,
    ),
    "list_markets": Rule(reads="names and spans of bar series", labels=_OWN, arguments=frozenset()),
    "measure_bars": Rule(reads="bars", labels=_OWN, arguments=frozenset({"series_id", "start", "end"})),
    "list_observations": Rule(reads="names and spans of observations", labels=_OUTSIDE, arguments=frozenset({"kind"})),
    "search_sessions": Rule(
        reads="goals and answers of earlier sessions", labels=_OUTSIDE, arguments=frozenset({"words"}), calls=30
    ),
    "query_data": Rule(
        reads="bars and observations, in a process of its own that is ended",
        labels=_OWN,
        arguments=frozenset({"sql", "series_ids", "observed", "start", "end"}),
        argument_bytes=20_000,
        calls=60,
    ),
    "measure_features": Rule(
        reads="bars and observations",
        labels=_OWN,
        arguments=frozenset({"series_id", "expressions", "horizon_bars", "inputs", "start", "end"}),
        argument_bytes=12_000,
        calls=100,
    ),
    "study_events": Rule(
        reads="bars and observations",
        labels=_OWN,
        arguments=frozenset({"series_id", "event", "before_bars", "after_bars", "start", "end"}),
        argument_bytes=12_000,
        calls=100,
    ),
    "draw_chart": Rule(
        reads="bars and observations",
        labels=_OWN,
        arguments=frozenset({"series_id", "title", "expressions", "inputs", "start", "end"}),
        argument_bytes=12_000,
        calls=50,
    ),
    "train_model": Rule(
        reads="bars and observations",
        labels=_OWN,
        arguments=frozenset({"series_id", "spec", "start", "end"}),
        writes=frozenset({Place.TRIALS, Place.MODELS}),
        argument_bytes=32_000,
        calls=20,
    ),
    "sweep_parameters": Rule(
        reads="bars and one version",
        labels=_OWN,
        arguments=frozenset({"version_id", "series_id", "values", "start", "end"}),
        writes=frozenset({Place.TRIALS}),
        argument_bytes=8_000,
        calls=20,
    ),
    "list_exams": Rule(reads="what is sealed, and its tries", labels=_OWN, arguments=frozenset()),
    "sit_exam": Rule(
        reads="one version",
        labels=_OWN,
        arguments=frozenset({"version_id", "exam_id"}),
        writes=frozenset({Place.TRIALS}),
        reversible=False,
        calls=3,
    ),
    "read_books": Rule(reads="totals of the books", labels=_ACCOUNT, arguments=frozenset({"currency"}), calls=30),
    "draft_strategy": Rule(
        reads="nothing",
        labels=_OWN,
        arguments=frozenset({"document"}),
        writes=frozenset({Place.VERSIONS}),
        argument_bytes=64_000,
        calls=100,
    ),
    "run_backtest": Rule(
        reads="bars and one version",
        labels=_OWN,
        arguments=frozenset({"version_id", "series_id", "start", "end"}),
        writes=frozenset({Place.TRIALS}),
    ),
    "walk_forward": Rule(
        reads="bars and one version",
        labels=_OWN,
        arguments=frozenset({"version_id", "series_id", "windows_count", "start", "end"}),
        writes=frozenset({Place.TRIALS}),
        calls=50,
    ),
    "write_report": Rule(
        reads="the session's evidence",
        labels=_OWN,
        arguments=frozenset(
            {"answer", "verdict", "confidence", "confidence_because", "sections", "limitations", "would_change"}
        ),
        writes=frozenset({Place.REPORT}),
        argument_bytes=64_000,
        calls=20,
    ),
    "propose_strategy": Rule(
        reads="the session's evidence",
        labels=_OWN,
        arguments=frozenset({"backtest_evidence", "why", "recommended"}),
        writes=frozenset({Place.PROPOSALS}),
        argument_bytes=10_000,
        calls=5,
    ),
}


def permit(
    name: str,
    arguments: Mapping[str, object],
    *,
    used: int,
    labels: Labels,
    said: Sequence[str] = (),
    rules: Mapping[str, Rule] = POLICY,
) -> Reason | None:
    """Return why this call may not be made, or None.

    `used` counts the tool's calls so far in the session, `said` is what its person wrote. What cannot be taken back
    needs a message of the person that names each argument letter for letter, and a session free of text from outside.
    """
    rule = rules.get(name)
    if rule is None:
        return Reason(code="not_in_policy", text=f"The policy has no row for {name!r}, so it cannot be called.")
    if rule.egress or rule.money or rule.writes & NEVER:
        return Reason(code="never_by_a_model", text=f"No model may do what {name} does. Propose it; a person decides.")
    if unknown := sorted(set(arguments) - rule.arguments):
        return Reason(
            code="undeclared_argument", text=f"{name} takes no {unknown[0]!r:.80}.", place=f"/{unknown[0]:.80}"
        )
    if (size := len(canonical(arguments))) > rule.argument_bytes:
        words = f"These arguments have {size:,} bytes; {name} takes at most {rule.argument_bytes:,}. Write less."
        return Reason(code="arguments_too_large", text=words)
    if used >= rule.calls:
        words = f"{name} was called {used} times in this session, which is all that it may be. Go on without it."
        return Reason(code="calls_used_up", text=words)
    return None if rule.reversible else _person_wants(name, arguments, labels, said)


def fits(name: str, output: Mapping[str, object], *, rules: Mapping[str, Rule] = POLICY) -> Reason | None:
    """Return why a result may not be handed on, or None."""
    rule = rules[name]
    if (size := len(canonical(output))) > rule.output_bytes:
        words = f"The result has {size:,} bytes; {name} gives at most {rule.output_bytes:,}. Ask for less at once."
        return Reason(code="result_too_large", text=words)
    if (rows := _rows(output)) > rule.rows:
        words = f"The result has {rows:,} rows; {name} gives at most {rule.rows:,}. Ask for less at once."
        return Reason(code="too_many_rows", text=words)
    return None


def labels_of(name: str, *, rules: Mapping[str, Rule] = POLICY) -> Labels:
    """Return the labels of a tool's result; of a tool that does not exist nothing was read."""
    rule = rules.get(name)
    return UNREAD if rule is None else rule.labels


def together(read: Iterable[Labels]) -> Labels:
    """Return the labels of who has read all of these."""
    seen = [UNREAD, *read]
    return Labels(trust=max(one.trust for one in seen), secrecy=max(one.secrecy for one in seen))


def _person_wants(name: str, arguments: Mapping[str, object], labels: Labels, said: Sequence[str]) -> Reason | None:
    if labels.trust is Trust.OUTSIDE:
        words = f"{name} cannot be taken back, and this session has read text from outside. The person can do it."
        return Reason(code="needs_a_person", text=words)
    if arguments and any(all(str(value) in text for value in arguments.values()) for text in said):
        return None
    wanted = " and ".join(f"{argument} {value}" for argument, value in sorted(arguments.items()))
    words = f"{name} cannot be taken back. It runs when the person has written {wanted} in one message; ask."
    return Reason(code="needs_a_person", text=words)


def _rows(value: object, depth: int = MAX_DEPTH) -> int:
    match value:
        case Mapping() if depth:
            return max((_rows(part, depth - 1) for part in value.values()), default=0)
        case list() | tuple() if depth:
            return max(len(value), max((_rows(part, depth - 1) for part in value), default=0))
        case _:
            return 0
