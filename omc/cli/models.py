"""`omc models`: a person's own models from a terminal: keys added, listed, tested, chosen, rotated, removed."""

import sys
from decimal import Decimal
from typing import TypeAlias

import click
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from omc.cli.base import answer, json_option, printable, run, table
from omc.cli.comparing import command as compare
from omc.cli.keys import asking, read_key
from omc.core.money import parse_decimal
from omc.core.reason import Reason
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.secret import Secret
from omc.lab import keys
from omc.lab.choosing import Fallback
from omc.vault import proving, rules, service
from omc.vault.answers import CredentialAnswer, TestAnswer, credential_answer, stored_answer, test_answer
from omc.vault.probing import StepState
from omc.vault.providers import PROVIDERS, provider
from omc.vault.proving import Draft, Proven

IDS = [row.id for row in PROVIDERS if not row.builtin]
MARKS = {StepState.OK: "✓", StepState.FAILED: "✗", StepState.NOTE: "·", StepState.SKIPPED: " "}

Json: TypeAlias = dict[str, object]


@click.group(name="models")
def command() -> None:
    """Use your own models: OpenAI, Anthropic, Google, and every server that speaks OpenAI's protocol."""


@command.command()
@click.option("--provider", "provider_id", type=click.Choice(IDS), required=True, help="Whose models they are.")
@click.option("--name", required=True, help="How lists and bills call it.")
@click.option("--base-url", help="The server's address, for one that is not at its provider's own.")
@click.option("--key-stdin", is_flag=True, help="Read the key from standard input.")
@click.option("--model", help="The model that sessions take unless they name one.")
@click.option("--monthly-budget", help="US dollars a month at most.")
@click.option("--free", is_flag=True, help="Declare that calls to this server cost nothing.")
@click.option("--default", "make_default", is_flag=True, help="Let new sessions begin with it.")
@click.option("--save-anyway", is_flag=True, help="Keep it, marked as not tested, when its test fails.")
@json_option
def add(  # noqa: PLR0913 - click gives every option as an argument
    *,
    provider_id: str,
    name: str,
    base_url: str | None,
    key_stdin: bool,
    model: str | None,
    monthly_budget: str | None,
    free: bool,
    make_default: bool,
    save_anyway: bool,
    as_json: bool,
) -> int:
    """Test a key and store it sealed. The key comes from standard input, or is asked for unseen.

    \b
    omc models add --provider anthropic --name Work --key-stdin < key.txt
    omc models add --provider openai-compatible --base-url http://localhost:11434/v1 --name Ollama --free
    """  # noqa: D301 - click reads the backspace as: keep these lines as they are
    row = provider(provider_id)
    assert row is not None, "click takes the table's ids only"
    usage = f"omc models add --provider {provider_id} --name {name!r} --key-stdin < key.txt"
    draft = Draft(
        provider=provider_id,
        name=name,
        base_url=base_url,
        key=read_key(from_stdin=key_stdin, needed=row.needs_key, usage=usage),
        free=free,
        monthly_budget=_budget(monthly_budget),
        default_model=model,
        make_default=make_default,
        save_anyway=save_anyway,
    )
    return run(_add(draft, as_json=as_json))


async def _add(draft: Draft, *, as_json: bool) -> int:
    async with asking() as (_, asker):
        return _answer_stored(await proving.add(asker, draft), as_json=as_json)


command.add_command(compare)


@command.command(name="list")
@json_option
def list_(*, as_json: bool) -> int:
    """List the stored keys: hints, states and this month's cost."""
    return run(_list(as_json=as_json))


async def _list(*, as_json: bool) -> None:
    async with asking() as (opened, asker), opened.database.session(opened.workspace) as session:
        spent = await service.spending(session, now=asker.clock())
        found = await service.list_credentials(session)
        rows = [credential_answer(row, spent.get(row.id), now=asker.clock()) for row in found]
    answer({"items": [_plain(row) for row in rows], "next": None}, as_json=as_json, shown=lambda: _table(rows))


@command.command()
@click.argument("name")
@json_option
def test(*, name: str, as_json: bool) -> int:
    """Test the key called NAME with one cheap real call. Exit code 1 when it fails."""
    return run(_test(name, as_json=as_json))


async def _test(name: str, *, as_json: bool) -> int:
    async with asking() as (opened, asker):
        async with opened.database.session(opened.workspace) as session:
            row = await service.find_by_name(session, name)
        shown = test_answer(await proving.retest(asker, row.id))
    answer(_plain(shown), as_json=as_json, shown=lambda: _steps(shown))
    return 0 if shown.ok else 1


@command.command()
@click.argument("name", required=False)
@click.option("--model", help="Which of its models; the one that it was used with unless said.")
@click.option("--none", "clear", is_flag=True, help="Let new sessions begin with the built-in analyst.")
@json_option
def default(*, name: str | None, model: str | None, clear: bool, as_json: bool) -> int:
    """Let new sessions begin with the key called NAME."""
    if clear == (name is not None):
        raise click.UsageError("Name a key, or say --none.")
    return run(_default(name, model, as_json=as_json))


async def _default(name: str | None, model: str | None, *, as_json: bool) -> None:
    _refuse(rules.check_model(model, "--model"))
    async with asking() as (opened, asker), opened.database.session(opened.workspace) as session:
        if name is None:
            await service.clear_default(session, by=asker.person)
            value: Json = {"default": None}
            text = "New sessions begin with the built-in analyst."
        else:
            found = await service.find_by_name(session, name)
            row = await service.set_default(session, found.id, model, by=asker.person)
            value = {"default": _plain(credential_answer(row, None, now=asker.clock()))}
            text = f"New sessions begin with {row.default_model} by the key “{row.name}”."
    answer(value, as_json=as_json, shown=lambda: printable(text))


@command.command()
@click.argument("name")
@click.argument("new_name")
@json_option
def rename(*, name: str, new_name: str, as_json: bool) -> int:
    """Call the key NAME from now on NEW_NAME."""
    return run(_rename(name, new_name, as_json=as_json))


async def _rename(name: str, new_name: str, *, as_json: bool) -> None:
    clean = rules.clean_name(new_name)
    if isinstance(clean, Reason):
        raise Refusal(clean.code, 422, clean.text)
    async with asking() as (opened, asker), opened.database.session(opened.workspace) as session:
        found = await service.find_by_name(session, name)
        row = await service.change(session, found.id, {"name": clean}, by=asker.person)
    answer(
        _plain(credential_answer(row, None, now=asker.clock())),
        as_json=as_json,
        shown=lambda: printable(f"It is called “{row.name}”."),
    )


@command.command()
@click.argument("name")
@click.option("--key-stdin", is_flag=True, help="Read the new key from standard input.")
@click.option("--save-anyway", is_flag=True, help="Take the new key, marked as not tested, when its test fails.")
@json_option
def rotate(*, name: str, key_stdin: bool, save_anyway: bool, as_json: bool) -> int:
    """Put a new key in the place of the one called NAME, once it passed its test. Running sessions move over."""
    key = read_key(from_stdin=key_stdin, needed=True, usage=f"omc models rotate {name!r} --key-stdin < key.txt")
    assert key is not None, "a key was read or refused"
    return run(_rotate(name, key, save_anyway=save_anyway, as_json=as_json))


async def _rotate(name: str, key: Secret, *, save_anyway: bool, as_json: bool) -> int:
    async with asking() as (opened, asker):
        async with opened.database.session(opened.workspace) as session:
            row = await service.find_by_name(session, name)
        return _answer_stored(await proving.rotate(asker, row.id, key, save_anyway=save_anyway), as_json=as_json)


@command.command()
@click.argument("name")
@click.option("--to", "heir", help="Let its running sessions go on with this key; without it they end.")
@click.option("--model", help="With which model of that key; its own default unless said.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(*, name: str, heir: str | None, model: str | None, yes: bool, as_json: bool) -> int:
    """Erase the key called NAME. What it cost stays in the books, and so do its sessions' transcripts."""
    if not yes and not sys.stdin.isatty():
        raise Refusal("not_confirmed", 409, f"Say that you mean it: omc models remove {name!r} --yes")
    if not yes:
        click.confirm(f"Erase the key “{printable(name)}”?", abort=True, err=True)
    return run(_remove(name, heir, model, as_json=as_json))


async def _remove(name: str, heir: str | None, model: str | None, *, as_json: bool) -> None:
    async with asking() as (opened, asker), opened.database.session(opened.workspace) as session:
        row = await service.find_by_name(session, name)
        reassign = None if heir is None else await _heir(session, heir, model)
        ended, moved = await keys.remove(session, row.id, reassign=reassign, by=asker.person, now=asker.clock())
    lines = [f"“{row.name}” is erased."]
    lines += [f"The session {one} goes on with the other key." for one in moved]
    lines += [f"The session {one} has ended." for one in ended]
    value: Json = {
        "removed": row.id,
        "name": row.name,
        "ended": [str(one) for one in ended],
        "moved": [str(one) for one in moved],
    }
    answer(value, as_json=as_json, shown=lambda: printable("\n".join(lines)))


async def _heir(session: AsyncSession, name: str, model: str | None) -> Fallback:
    row = await service.find_by_name(session, name)
    chosen = model or row.default_model
    if chosen is None:
        raise Refusal("model_missing", 422, f"Say with which model of “{row.name}”: --model ID", place="--model")
    return Fallback(credential_id=row.id, model=chosen)


# --- below ------------------------------------------------------------------------------------------------------------


def _budget(written: str | None) -> Decimal | None:
    try:
        return None if written is None else parse_decimal(written)
    except ValueError as error:
        raise click.UsageError(f"--monthly-budget: {error}.") from None


def _answer_stored(proven: Proven, *, as_json: bool) -> int:
    stored = stored_answer(proven, None, now=utc_now())
    row, passed = stored.credential, stored.test.ok
    how = "is stored and works" if passed else "is stored, marked as not tested, and is never chosen by itself"
    lines = [_steps(stored.test), f"“{row.name}” ({row.hint or 'no key'}) {how}."]
    if row.is_default:
        lines.append(f"New sessions begin with {row.default_model}.")
    elif passed:
        lines.append(f"Begin new sessions with it: omc models default {row.name!r}")
    answer(_plain(stored), as_json=as_json, shown=lambda: printable("\n".join(lines)))
    return 0 if passed else 1


def _steps(test: TestAnswer) -> str:
    lines = [f"{MARKS[step.state]} {step.text} ({step.latency_ms} ms)" for step in test.steps]
    lines += [f"· {note}" for note in test.notes]
    if test.failure is not None:
        lines.append(f"{test.failure.text} {test.failure.next}")
        if test.failure.link is not None:
            lines.append(test.failure.link)
    return printable("\n".join(lines))


def _table(rows: list[CredentialAnswer]) -> str:
    if not rows:
        return "No key is stored yet. Add one: omc models add --provider anthropic --name Work --key-stdin < key.txt"
    cells = [
        (
            f"{row.name}{' (default)' if row.is_default else ''}",
            row.provider,
            row.default_model or "",
            row.hint,
            row.state.value.replace("_", " "),
            row.spent_this_month,
        )
        for row in rows
    ]
    head = ("name", "provider", "model", "key", "state", "USD this month")
    return printable(table(head, cells, right=("USD this month",)))


def _plain(value: BaseModel) -> Json:
    return value.model_dump(mode="json")


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
