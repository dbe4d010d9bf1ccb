"""How a benchmark measures and tells: the smallest CPU time of several warm rounds, and figures by name."""

import argparse
import json
import time
from collections.abc import Callable, Mapping


def least_cpu_s(work: Callable[[], object], *, rounds: int = 5) -> float:
    """Return the smallest CPU time of this process over the rounds after a first one."""
    times = []
    for _ in range(rounds + 1):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times[1:])


def tell(figures: Callable[[], Mapping[str, float]], what: str | None) -> None:
    """Print figures, as one JSON object with `--json`."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    as_json, found = parser.parse_args().json, figures()
    if as_json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:60} {value:12.3f}")
