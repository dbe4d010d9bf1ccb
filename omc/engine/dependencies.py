"""Owns which expression depends on which: their order, whoever is in a circle, and the parameters that each uses."""

from collections.abc import Iterable, Mapping

from omc.engine.syntax import Apply, Name, Tree


def in_order(trees: Mapping[str, Tree | None]) -> tuple[list[str], dict[str, str]]:
    """Return the names so that each comes after those it uses, and those in a circle with what they depend on there."""
    uses = {name: [used for used in names_in(tree) if used in trees] for name, tree in trees.items()}
    order: list[str] = []
    waiting = set(uses)
    while ready := [name for name in uses if name in waiting and not waiting.intersection(uses[name])]:
        order.extend(ready)
        waiting.difference_update(ready)
    circles = {name: ", ".join(sorted(waiting.intersection(uses[name]))) for name in uses if name in waiting}
    return order, circles


def parameters_used(trees: Mapping[str, Tree | None], parameters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the parameters that each tree depends on, by its place; features come before what names them."""
    known, found = frozenset(parameters), dict[str, tuple[str, ...]]()
    for place, tree in trees.items():
        names = names_in(tree)
        below = [found.get(f"/features/{name}", ()) for name in names]
        found[place] = tuple(sorted(names.intersection(known).union(*below)))
    return found


def names_in(tree: Tree | None) -> set[str]:
    """Return every name that an expression uses, those of operators apart."""
    match tree:
        case Name():
            return {tree.text}
        case Apply():
            return set().union(*(names_in(argument) for argument in tree.arguments))
        case _:
            return set()
