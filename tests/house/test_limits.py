"""The size and shape of the code: what no linter checks for us."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES = 400
FUNCTION_LINES = 50
TYPESCRIPT_LINES = 250
PRODUCT = sorted((ROOT / "omc").rglob("*.py"))
TYPESCRIPT = sorted(
    path for path in (ROOT / "web" / "src").rglob("*.ts*") if "api" not in path.relative_to(ROOT / "web/src").parts
)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_a_file_and_its_functions_fit_the_eye(path: Path) -> None:
    source = path.read_text()
    long = [
        f"{node.name} has {length} lines"
        for node in functions(ast.parse(source))
        if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert source.count("\n") <= FILE_LINES, f"{name(path)} has more than {FILE_LINES} lines"
    assert not long, f"{name(path)}: {long}"


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_inside_the_house_nothing_is_of_any_type(path: Path) -> None:
    used = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name | ast.Attribute)
            and (node.id if isinstance(node, ast.Name) else node.attr) == "Any"]  # fmt: skip
    assert not used, f"{name(path)} uses Any in lines {used}"


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_a_module_opens_with_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"


@pytest.mark.parametrize("path", TYPESCRIPT, ids=name)
def test_a_typescript_file_fits_the_eye(path: Path) -> None:
    assert path.read_text().count("\n") <= TYPESCRIPT_LINES
