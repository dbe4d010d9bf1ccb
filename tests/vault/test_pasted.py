"""What people paste: keys with things around them, keys of others, addresses of all kinds."""

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.reason import Reason
from omc.vault.providers import PROVIDERS, Provider, mark_of, provider
from omc.vault.rules import (
    KeyState,
    PastedKey,
    check_budget,
    check_free,
    check_model,
    check_settings,
    clean_address,
    clean_key,
    clean_name,
    hint,
    may_be_default,
)

ANTHROPIC_KEY = "sk-ant-api03-0123456789abcdefghij9fQ2"
OPENAI_KEY = "sk-proj-0123456789abcdefghijklmn"
GOOGLE_KEY = "AIzaSyA0123456789abcdefghijklmnopqrstuv"


def row(name: str) -> Provider:
    found = provider(name)
    assert found is not None
    return found


def key_of(pasted: str, name: str, **more: object) -> PastedKey:
    made = clean_key(pasted, row(name), **more)  # ty: ignore[invalid-argument-type]
    assert isinstance(made, PastedKey), made
    return made


def refused(pasted: str, name: str, **more: object) -> Reason:
    made = clean_key(pasted, row(name), **more)  # ty: ignore[invalid-argument-type]
    assert isinstance(made, Reason), made
    return made


@pytest.mark.parametrize(
    "around",
    [
        "{}\n",
        "  {}  ",
        '"{}"',
        "'{}'\r\n",
        "“{}”",
        "\ufeff{}",
        "\u200b{}\u200b",
        "`{}`",
        "\t{}",
        "Bearer {}",
        'export ANTHROPIC_API_KEY="{}"',
        "ANTHROPIC_API_KEY={}\n",
        "Authorization: Bearer {}",
        "\u00a0{}\u00a0",
    ],
)
def test_what_stands_around_a_key_is_left_out_and_said_so(around: str) -> None:
    made = key_of(around.format(ANTHROPIC_KEY), "anthropic")
    assert made.key == ANTHROPIC_KEY
    assert made.notes == ("Spaces, quotes, line breaks or a name around the key were left out.",)


def test_a_clean_key_is_not_spoken_of() -> None:
    assert key_of(ANTHROPIC_KEY, "anthropic") == PastedKey(key=ANTHROPIC_KEY)


@pytest.mark.parametrize(
    ("pasted", "name", "code", "says"),
    [
        (f"{OPENAI_KEY}\n{OPENAI_KEY}", "openai", "key_line_break", "one line"),
        (f"my key {OPENAI_KEY}", "openai", "key_space", "without words"),
        ("x" * 1024 * 1024, "openai", "key_too_long", "1,048,576 characters"),
        ("🔑" * 20, "openai", "key_characters", "plain letters"),
        ("sk-proj-0123456789ééé", "openai", "key_characters", "plain letters"),
        ("sk-proj-\x000123456789abcdef", "openai", "key_characters", "plain letters"),
        ("sk-ant-…9fQ2", "anthropic", "key_masked", "middle hidden"),
        ("sk-proj-****************abcd", "openai", "key_masked", "middle hidden"),
        (ANTHROPIC_KEY, "openai", "key_of_another_service", "This looks like an Anthropic key. Choose Anthropic"),
        (OPENAI_KEY, "anthropic", "key_of_another_service", "This looks like an OpenAI key."),
        (GOOGLE_KEY, "openai", "key_of_another_service", "This looks like a Google (Gemini) key."),
        ("sk-or-v1-0123456789abcdef", "openai", "key_of_another_service", "https://openrouter.ai/api/v1"),
        ("omc_0123456789abcdefghij", "openai-compatible", "key_of_another_service", "token of OMC itself"),
        ("", "openai", "key_missing", "https://platform.openai.com"),
        ("   \n", "anthropic", "key_missing", "Paste a key of Anthropic"),
        ("sk-proj", "openai", "key_shape", "begins with sk-proj- or sk-"),
        ("hello-there-general", "google", "key_shape", "begins with AIza"),
    ],
)
def test_what_is_no_key_gets_a_sentence(pasted: str, name: str, code: str, says: str) -> None:
    reason = refused(pasted, name)
    assert (reason.code, reason.place) == (code, "/key")
    assert says in reason.text


def test_a_sentence_never_repeats_the_key() -> None:
    for pasted, name in [(ANTHROPIC_KEY, "openai"), (f"a {OPENAI_KEY}", "openai"), (f"{OPENAI_KEY}é", "openai")]:
        assert "0123456789" not in refused(pasted, name).text


def test_a_key_of_an_unknown_shape_can_be_kept_but_not_one_that_is_anothers() -> None:
    assert key_of("new-shape-0123456789", "openai", anyway=True).notes
    assert refused(ANTHROPIC_KEY, "openai", anyway=True).code == "key_of_another_service"


@pytest.mark.parametrize("pasted", [ANTHROPIC_KEY, "whatever-it-takes", "x", "sk-1"])
def test_at_an_address_of_ones_own_a_shape_is_advice(pasted: str) -> None:
    for name in ("openai-compatible", "openai", "google"):
        assert key_of(pasted, name, base_url="http://localhost:11434/v1").key == pasted


def test_a_local_server_needs_no_key() -> None:
    assert key_of("", "openai-compatible", base_url="http://localhost:11434/v1") == PastedKey(key="")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (ANTHROPIC_KEY, "sk-ant-…9fQ2"),
        (OPENAI_KEY, "sk-proj-…klmn"),
        (GOOGLE_KEY, "AIza…stuv"),
        ("abcdefghijklmnopqrst", "…qrst"),
        ("short-key-12", "…12"),
        ("tiny", "…"),
        ("", ""),
    ],
)
def test_a_hint_shows_the_kind_and_the_last_four_and_less_of_a_short_key(key: str, shown: str) -> None:
    assert hint(key) == shown


@given(st.text(string.ascii_letters + string.digits + "-_", min_size=16, max_size=200))
def test_a_hint_never_shows_more_than_a_known_prefix_and_four_characters(key: str) -> None:
    mark = mark_of(key)
    assert hint(key) == f"{mark.prefix if mark else ''}…{key[-4:]}"


@given(st.text(max_size=5_000), st.sampled_from([found for found in PROVIDERS if not found.builtin]), st.booleans())
def test_any_paste_is_a_printable_key_or_a_reason(pasted: str, found: Provider, anyway: bool) -> None:
    made = clean_key(pasted, found, anyway=anyway)
    if isinstance(made, PastedKey):
        assert made.key.isascii()
        assert made.key.isprintable()
        assert " " not in made.key
        assert clean_key(made.key, found, anyway=anyway) == PastedKey(
            key=made.key, notes=tuple(note for note in made.notes if "left out" not in note)
        )


def test_the_longest_beginning_says_whose_a_key_is() -> None:
    assert [
        (mark.provider if (mark := mark_of(key)) else None) for key in (ANTHROPIC_KEY, OPENAI_KEY, "sk-x", "y")
    ] == [
        "anthropic",
        "openai",
        "openai",
        None,
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("  https://Models.Example.com/v1/chat/completions ", "https://models.example.com/v1"),
        ("https://openrouter.ai/api/v1/models", "https://openrouter.ai/api/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://192.168.1.20:1234/v1", "http://192.168.1.20:1234/v1"),
    ],
)
def test_an_address_is_kept_without_what_is_added_to_it_anyway(given: str, kept: str) -> None:
    made = clean_address(given, row("openai-compatible"))
    assert not isinstance(made, Reason)
    assert made.base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "localhost:11434",
        "ftp://h/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://a b/v1",
        "http://user:secret@h/v1",
        "http://h/v1?key=1",
        "http://h/v1#x",
        "http://h:0/v1",
        "http://h:99999/v1",
        "http://h\\@evil/v1",
        "https://" + "a" * 600,
        "http://\x00/",
        "http://0x7f.1/v1",
        "http://exämple/v1",
        "http://h:22/",
    ],
)
def test_what_is_no_address_gets_a_sentence(given: str) -> None:
    made = clean_address(given, row("openai-compatible"))
    assert isinstance(made, Reason)
    assert (made.code, made.place) == ("address_malformed", "/base_url")
    assert made.text.endswith((".", "/v1"))
    assert "secret" not in made.text


def test_a_provider_has_its_own_address_and_takes_a_gateways() -> None:
    assert clean_address(None, row("anthropic")) == clean_address("  ", row("anthropic"))
    made = clean_address("http://gateway.example.com/v1/messages", row("anthropic"))
    assert not isinstance(made, Reason)
    assert made.base_url == "http://gateway.example.com/v1"
    assert made.notes == ("/messages was left out of the address: OMC adds it.",)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b", "a\u202eb", ANTHROPIC_KEY])
def test_a_name_is_short_printable_and_no_key(name: str) -> None:
    assert isinstance(clean_name(name), Reason)


def test_a_name_is_kept_with_single_spaces() -> None:
    assert clean_name("  Work \n account ") == "Work account"


def test_numbers_have_bounds() -> None:
    nothing = {"temperature": None, "top_p": None, "max_tokens": None, "effort": None}
    assert check_budget(None) is check_budget(Decimal(0)) is check_budget(Decimal("25.50")) is None
    assert check_budget(Decimal(-1))
    assert check_budget(Decimal("1e30"))
    assert check_settings(**nothing) is None
    for name, wrong in [("temperature", Decimal(3)), ("top_p", Decimal(0)), ("max_tokens", 0), ("effort", "most")]:
        reason = check_settings(**{**nothing, name: wrong})  # ty: ignore[invalid-argument-type]
        assert reason is not None
        assert reason.place == f"/{name}"
    assert check_model("gpt 4")
    assert check_model(OPENAI_KEY)
    assert check_model("meta-llama/llama-3.3-70b-instruct:free") is check_model(None) is None


def test_only_an_own_address_can_be_declared_free() -> None:
    assert check_free(free=True, base_url=None)
    assert check_free(free=True, base_url="http://localhost:1/v1") is check_free(free=False, base_url=None) is None


@pytest.mark.parametrize("state", list(KeyState))
def test_a_key_that_never_passed_is_never_the_default(state: KeyState) -> None:
    assert may_be_default(state, passed_once=False) is not None
    known = may_be_default(state, passed_once=True) is None
    assert known == (state not in {KeyState.NOT_TESTED, KeyState.REJECTED})
