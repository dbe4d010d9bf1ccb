"""Loops over bars, written once in plain Python and compiled by numba where there is much to do.

Each module here holds functions on sequences of numbers that numba can compile: no keyword arguments, no objects, one
IEEE 754 operation after the other in a fixed order, so that both ways give the same bits. numba is loaded with the
first long run (it takes half a second), never with the module; without numba everything works, only slower.
"""

import os
import sys
from collections.abc import Callable, MutableSequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

ENOUGH = 50_000
"""Bars times loops from which a compiled one saves more than reading it from disk takes."""

PATIENCE = 1_000_000
"""Bars times loops that a process runs over before compiled code saves more than loading numba takes, a second."""

_ready: set[FunctionType] = set()
"""Kernels that a long run of this process had compiled: from then on they serve short runs too."""

_waited = [0]
"""Values that long loops ran over uncompiled, all together."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


def chosen(function: Callable[Given, Result], work: int) -> Callable[Given, Result]:
    """Return `function`, a kernel, compiled when there are at least `ENOUGH` values to run over or it is already.

    The first long loops of a process run as they are, until `PATIENCE` is over, so that a single run is done by then.

    A compiled kernel takes arrays; the plain one is quickest on lists. `is_compiled` tells which one it is.
    """
    assert isinstance(function, FunctionType)
    if function not in _ready and (work < ENOUGH or not _is_worth_loading(work)):
        return function
    _ready.add(function)
    return cast("Callable[Given, Result]", compiled(function.__module__)[function.__name__])


def _is_worth_loading(work: int) -> bool:
    if _ready or not _numba_is_there():
        return bool(_ready)
    _waited[0] += work
    return _waited[0] >= PATIENCE


@cache
def _numba_is_there() -> bool:
    return find_spec("numba") is not None


def be_impatient() -> None:
    """Compile loops from `ENOUGH` on as if the process had run long already."""
    _waited[0] = PATIENCE


def is_compiled(function: Callable[..., object]) -> bool:
    """Say whether a kernel is to be given arrays."""
    return not isinstance(function, FunctionType)


def sequence(column: NDArray[np.float64], loop: Callable[..., object]) -> MutableSequence[float]:
    """Return a column as a kernel that was `chosen` is quickest on it; what the plain one writes is in the list."""
    return cast("MutableSequence[float]", column) if is_compiled(loop) else column.tolist()


@cache
def compiled(module_name: str) -> dict[str, object]:
    """Return every function of a kernel module, compiled when it is first called and kept on disk."""
    numba, module = import_module("numba"), sys.modules[module_name]
    numba.config.CACHE_DIR = str(_kept())  # ty: ignore[missing-attribute] - made when numba is loaded
    space = dict(vars(module))
    for name, function in _functions(module):
        if function.__module__ != module_name:
            space[name] = compiled(function.__module__)[function.__name__]
            continue
        # The same code over names that mean compiled functions; numba finds the file, and so its cache, by the code.
        # Kernels make no arrays, so that none need be counted: that costs more than much of what is done with them.
        copy = FunctionType(function.__code__, space, name, function.__defaults__)
        copy.__module__, copy.__qualname__ = module_name, function.__qualname__
        space[name] = numba.njit(cache=True, error_model="numpy", _nrt=False)(copy)
    return space


@cache
def _kept() -> Path:
    """Where compiled code is kept: by all kernels' sources, as numba looks at one file and a kernel calls others."""
    here = Path(__file__).parent
    state = sha256()
    for path in sorted(here.glob("*.py")):
        state.update(path.read_bytes())
    place = here if os.access(here, os.W_OK) else Path.home() / ".cache" / "omc"
    return place / "__pycache__" / f"compiled-{state.hexdigest()[:16]}"


def _functions(module: ModuleType) -> list[tuple[str, FunctionType]]:
    found = [(name, one) for name, one in vars(module).items() if isinstance(one, FunctionType)]
    return [(name, one) for name, one in found if one.__module__.startswith(f"{__name__}.")]
