"""Columns, bar by bar and paper trading decide the same: generated documents over bars of all that markets do.

Run `python -m bench.agreement [--documents 10000] [--bars 5000] [--workers 2] [--kept FILE]`. The documents come in
parts of 50; a part that is done is a line in the file, so that a run which was stopped goes on where it was. For each
document the bits of every step must be equal in both forms, and so must the account's fills and equity from the
decisions of both; the account that paper trading lives by, fed bar by bar, must fill the same; and what is decided on
the bars so far must be what was decided there at some random bars. A document that is refused must be refused with the
same words at the same bar. Every other part reads inputs that begin late and features of longer bars, too. Prints what
differs, and exits with 1 then.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np

from omc.engine import BarColumns, decide, read
from omc.engine.account import Account
from omc.engine.begun import begun
from omc.engine.decision import NAMES, WISHES, Decisions, signals, wanted_from
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import conditions
from omc.engine.operators import Conditions
from omc.engine.program import Program
from omc.engine.reading import compile_document
from omc.engine.running import run
from omc.engine.simulate import Settings, account, check_history
from omc.engine.tape import read_tape
from omc.engine.terms import history_of
from omc.kit.errors import Refusal
from tests.engine.agreement import bar_by_bar, in_columns
from tests.engine.builders import a_wild_market
from tests.engine.generated import documents, with_inputs

PART = 50
CUTS = 6


def differing(raw: dict[str, object], bars: BarColumns, seed: int) -> tuple[str, bool]:
    """What differs, or nothing; and whether the document was refused on these bars."""
    document = read(raw)
    program = compile_document(document)
    expected, found = in_columns(program, bars), bar_by_bar(program, bars)
    if found != expected:
        return "steps", bool(expected[1])
    if expected[1]:
        return "", True
    whole, one_by_one = conditions(program, bars, NAMES), _flags(program, found[0], len(bars))
    first = history_of(document, begun(program, bars)).bars
    if _account(document, program, whole, bars, first) != _account(document, program, one_by_one, bars, first):
        return "orders", False
    if _filled(document, bars) != _lived(document, bars):
        return "paper", False
    wanted = wanted_from(one_by_one, first)
    for cut in Random(seed).sample(range(1, len(bars) + 1), CUTS):
        if decide(document, bars.slice(0, cut)).wanted != WISHES[int(wanted[cut - 1])]:
            return f"decided at bar {cut}", False
    return "", False


def _filled(document: StrategyDocument, bars: BarColumns) -> list[tuple[float, ...]]:
    """Bar, quantity, price and fee of each fill, of the whole run."""
    decisions = signals(document, bars)
    if decisions.first >= len(bars):
        return []
    ran = run(document, bars, decisions.flags, first=decisions.first)
    columns = (ran.at + decisions.first, ran.fills.quantity, ran.fills.price, ran.fills.fee)
    fills = list(zip(*(column.tolist() for column in columns), strict=True))
    return fills if ran.lost_at is None else []


def _lived(document: StrategyDocument, bars: BarColumns) -> list[tuple[float, ...]]:
    """The same of the account that paper trading lives by."""
    tape, done = read_tape(document, bars, start=0), []
    lived = Account(document, capital=float(document.capital))
    for row in range(tape.first, len(bars)):
        made = lived.work(tape, row)[0] + lived.guard(tape, row)
        done += [(row, one.quantity, one.price, one.fee) for one in made]
        if lived.worth({symbol: tape.close(symbol, row) for symbol in document.universe}) <= 0.0:
            return []
        lived.close(tape, row)
    return done


def _flags(program: Program, steps: list[bytes], count: int) -> list[Conditions]:
    """The conditions as they came bar by bar; one that the document leaves out is never true."""
    slots = [program.conditions.get(name) for name in NAMES]
    never = np.zeros(count, dtype=np.bool_)
    return [never if slot is None else np.frombuffer(steps[slot], dtype=np.bool_) for slot in slots]


def _account(
    document: StrategyDocument, program: Program, flags: list[Conditions], bars: BarColumns, first: int
) -> str:
    """The hash of what an account goes through, or why it is refused."""
    decisions = Decisions(flags=tuple(flags), first=first, program=program)
    try:
        check_history(document, decisions, bars)
        return account(document, bars, decisions, settings=Settings()).result_hash
    except Refusal as refusal:
        return f"{refusal.code} {refusal.text}"


def part(number: int, count: int) -> dict[str, object]:
    """Compare one part's documents on a market of its own."""
    bars, refused, found = with_inputs(a_wild_market(count, seed=number), seed=number), 0, []
    for at, raw in enumerate(documents(seed=1_000 + number, count=PART, beside=number % 2 == 1)):
        what, was_refused = differing(raw, bars, at)
        refused += was_refused
        found += [{"what": what, "document": raw}] if what else []
    return {"part": number, "bars": count, "documents": PART, "refused": refused, "differing": found}


def missing(kept: Path, parts: int, count: int) -> Iterator[int]:
    """The parts that the file does not have."""
    known = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {line["part"] for line in known if line["bars"] == count}
    yield from (number for number in range(parts) if number not in done)


def parts(numbers: Iterator[int], count: int, workers: int, *, until: float) -> Iterator[dict[str, object]]:
    """Compare parts on so many processes; none is begun after `until`."""
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(part, number, count) for number in islice(numbers, workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
                if time.monotonic() < until:
                    running |= {pool.submit(part, number, count) for number in islice(numbers, 1)}


def main() -> None:
    """Run what is missing, and print the sum of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--bars", type=int, default=5_000)
    parser.add_argument("--kept", type=Path, default=Path("agreement.jsonl"))
    parser.add_argument("--workers", type=int, default=1, help="processes that share the parts")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after about so long")
    asked = parser.parse_args()
    numbers = missing(asked.kept, -(-asked.documents // PART), asked.bars)
    with asked.kept.open("a") as file:
        for found in parts(numbers, asked.bars, asked.workers, until=time.monotonic() + 60 * asked.minutes):
            file.write(json.dumps(found) + "\n")
            file.flush()
    lines = [json.loads(line) for line in asked.kept.read_text().splitlines()]
    lines = [line for line in lines if line["bars"] == asked.bars]
    total, refused = (sum(line[name] for line in lines) for name in ("documents", "refused"))
    differ = [one for line in lines for one in line["differing"]]
    print(f"{total} documents x {asked.bars} bars: {refused} refused alike, {len(differ)} differ")
    for one in differ:
        print(json.dumps(one))
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
