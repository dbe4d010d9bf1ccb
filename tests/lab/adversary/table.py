"""The score table of `docs/security/injection.md`, made from the cases.

`python -m tests.lab.adversary.table` writes it.

A case that stands here is played by the tests, which fail when its limit does not hold; one that is known not to hold
has to say so in `OPEN`, and is listed as such.
"""

from collections import Counter
from pathlib import Path

from omc.lab.policy import POLICY, Rule
from tests.lab.adversary.listed import CASES
from tests.lab.adversary.named import NAMED, OPEN

DOCUMENT = Path(__file__).parents[3] / "docs" / "security" / "injection.md"
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"


def generated() -> str:
    """The generated part, between its marks."""
    held = len(CASES) + len(NAMED) - len(OPEN)
    whole = len(CASES) + len(NAMED)
    classes = Counter(number for row in (*CASES, *NAMED) for number in row.classes)
    lines = [
        f"**{held} of {whole} cases hold**, over {len(classes)} classes of attack.",
        "",
        "| case | what its author wants | his text stands in | class | holds |",
        "|---|---|---|---|---|",
        *(
            f"| {row.id} | {row.goal} | {row.place} | {row.family} | {'**no**' if row.id in OPEN else 'yes'} |"
            for row in (*CASES, *NAMED)
        ),
        "",
        *([f"- **{name}** does not hold: {why}" for name, why in OPEN.items()] or ["Nothing is known not to hold."]),
        "",
        "What each tool may do, from `omc/lab/policy.py`:",
        "",
        "| tool | reads | result is | changes | taken back? | bytes in, out | calls |",
        "|---|---|---|---|---|---|---:|",
        *(_tool(name, rule) for name, rule in POLICY.items()),
    ]
    return "\n".join(lines)


def written(document: str) -> str:
    """The document with its generated part made anew."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{generated()}\n{END}{tail}"


def _tool(name: str, rule: Rule) -> str:
    labels = f"{rule.labels.trust.name.lower()}, {rule.labels.secrecy.name.lower()}"
    changes = "; ".join(sorted(rule.writes)) or "nothing"
    sizes = f"{rule.argument_bytes:,}, {rule.output_bytes:,}"
    back = "yes" if rule.reversible else "**no**: the person names it"
    return f"| `{name}` | {rule.reads} | {labels} | {changes} | {back} | {sizes} | {rule.calls} |"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
