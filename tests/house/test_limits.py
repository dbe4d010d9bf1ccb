"""The size and shape of the code: what no linter checks for us."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES = 400
FUNCTION_LINES = 50
TYPESCRIPT_LINES = 250
PRODUCT = {path: path.read_text() for path in sorted((ROOT / "omc").rglob("*.py"))}
TREES = {path: ast.parse(source) for path, source in PRODUCT.items()}
GENERATED = ROOT / "web" / "src" / "api"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_file_fits_the_eye() -> None:
    assert [name(path) for path, source in PRODUCT.items() if source.count("\n") > FILE_LINES] == []


def test_a_function_fits_the_eye() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, tree in TREES.items()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def test_inside_the_house_nothing_is_of_any_type() -> None:
    used = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "Any") or (isinstance(node, ast.Attribute) and node.attr == "Any")
    ]
    assert used == []


def test_a_module_opens_with_what_it_owns() -> None:
    assert [name(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_a_typescript_file_fits_the_eye() -> None:
    own = [path for path in (ROOT / "web" / "src").rglob("*.ts*") if not path.is_relative_to(GENERATED)]
    assert own
    assert [name(path) for path in own if path.read_text().count("\n") > TYPESCRIPT_LINES] == []
