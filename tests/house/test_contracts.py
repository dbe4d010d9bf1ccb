"""The import contracts hold, and each of them bites when it is broken on purpose."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# contract, the module that breaks it, the import that does
BREACHES = [
    ("floors", "omc/core/money.py", "import omc.identity.service"),
    ("slices", "omc/books/tables.py", "import omc.books.service"),
    ("lab", "omc/lab/service.py", "import omc.venues.paper"),
    ("pure", "omc/floor/rules.py", "import sqlalchemy"),
    ("web", "omc/books/service.py", "import fastapi"),
    ("queue", "omc/lab/work.py", "import procrastinate"),
    ("models", "omc/engine/service.py", "import pydantic_ai"),
    ("venues", "omc/floor/service.py", "import omc.venues.paper"),
    ("opening", "omc/lab/service.py", "import omc.vault.opening"),
    ("sealing", "omc/lab/service.py", "import omc.vault.sealing"),
    ("settings", "omc/books/service.py", "import omc.settings"),
    ("light", "omc/lab/service.py", "import polars"),
    ("compiled", "omc/engine/kernels/simulation.py", "import numba"),
    ("circles", "omc/ledgers/columns.py", "import omc.engine.service"),
]


def lint(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(ROOT / "omc", target / "omc", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_the_contracts_hold(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES, ids=[breach[0] for breach in BREACHES])
def test_a_broken_contract_is_noticed(copy: Path, contract: str, module: str, line: str) -> None:
    path = copy / module
    kept = path.read_text()
    path.write_text(f"{kept}\n{line}\n")
    try:
        result = lint(copy, "--contract", contract)
    finally:
        path.write_text(kept)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def test_every_contract_has_a_breach() -> None:
    declared = [
        line.split('"')[1] for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith("id = ")
    ]
    assert [breach[0] for breach in BREACHES] == declared
