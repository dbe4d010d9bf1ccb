"""The command line: a table of commands, each loaded only when it is called."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from omc.kit.errors import InstallationError, Refusal
from omc.kit.process import leave_no_core
from omc.kit.secret import without_keys

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_INSTALLATION = 3
EXIT_INTERRUPTED = 130

EPILOG = (
    "Everything lives in OMC_DATA_DIR (default ./.data). Commands start the embedded database when none runs "
    "and use the running one when it does. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, "
    "3 the installation cannot work, 130 interrupted."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One command: where it lives and what `--help` says of it, so that help loads nothing."""

    name: str
    module: str
    section: str
    help: str


COMMANDS = (
    Row(name="up", module="up", section="Run", help="Start everything and print the address to open."),
    Row(name="serve", module="serve", section="Run", help="Serve the page and the API."),
    Row(name="work", module="work", section="Run", help="Run background jobs."),
    Row(name="link", module="link", section="Run", help="Print a new one-time sign-in link for the owner."),
    Row(name="data", module="data", section="Research", help="Import candles, list series, make synthetic markets."),
    Row(name="backtest", module="backtest", section="Research", help="Test a strategy document on a series."),
    Row(name="sweep", module="sweep", section="Research", help="Try many parameter sets, train beside test."),
    Row(
        name="walk-forward", module="walk_forward", section="Research", help="Fit window by window, trade what follows."
    ),
    Row(name="lookahead", module="lookahead", section="Research", help="Prove that a document reads no future."),
    Row(name="validate", module="validate", section="Research", help="All checks of a document, and the verdict."),
    Row(name="train", module="train", section="Research", help="Train a model whose output a strategy can use."),
    Row(name="compare", module="compare", section="Research", help="Lay backtests side by side."),
    Row(name="research", module="research", section="Research", help="Ask a research question and follow its steps."),
    Row(name="lab", module="lab", section="Research", help="Sessions: find, stop, change, fork, keep, schedule."),
    Row(name="books", module="books", section="Research", help="Profit and loss, from the books or from a file."),
    Row(name="models", module="models", section="Models", help="Add, test, choose, rotate and remove model keys."),
    Row(name="vault", module="vault", section="Models", help="Change the root key that seals them; verify all."),
    Row(name="doctor", module="doctor", section="Maintain", help="Check the installation and explain what is wrong."),
    Row(name="migrate", module="migrate", section="Maintain", help="Bring the database's schema up to date."),
    Row(name="web", module="web", section="Maintain", help="Build the page from its sources."),
)


class Table(click.Group):
    """A group whose commands are the table's rows."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order."""
        del ctx
        return [row.name for row in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one row's module; by convention it defines `command`."""
        del ctx
        for row in COMMANDS:
            if row.name == cmd_name:
                command = importlib.import_module(f"omc.cli.{row.module}").command
                assert isinstance(command, click.Command)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the rows under their sections."""
        del ctx
        for section in dict.fromkeys(row.section for row in COMMANDS):
            with formatter.section(section):
                formatter.write_dl([(row.name, row.help) for row in COMMANDS if row.section == section])


@click.group(cls=Table, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="omc", prog_name="omc")
def root() -> None:
    """OMC: research and trading for crypto on your own machine."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with a code that means something."""
    leave_no_core()
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer with the exit code, after the error has been explained on standard error."""
    try:
        code = root.main(args=arguments, prog_name="omc", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Refusal as refusal:
        return _complain(f"{refusal.place}: {refusal.text}" if refusal.place else refusal.text, EXIT_REFUSED)
    except InstallationError as error:
        return _complain(error.text, EXIT_INSTALLATION)
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a closed pager) has had enough: not an error, and nothing more can be said to it.
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


def _complain(text: str, code: int) -> int:
    click.echo(f"omc: {without_keys(text)}", err=True)
    return code
