"""The decisions of identity, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.reason import Reason
from omc.identity import rules
from omc.identity.rules import OpenedBy, Scope

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_writing_never_implies_trading() -> None:
    assert rules.with_implied([Scope.WRITE]) == {Scope.READ, Scope.WRITE}
    assert rules.with_implied([Scope.TRADE]) == {Scope.READ, Scope.TRADE}
    assert rules.with_implied([Scope.ADMIN]) == set(Scope)


@pytest.mark.parametrize(
    ("email", "stored"),
    [("Ada@Example.org", "ada@example.org"), ("  a@b ", "a@b"), ("ünï@exämple.org", "ünï@exämple.org")],
)
def test_an_address_is_stored_in_one_form(email: str, stored: str) -> None:
    assert rules.normal_email(email) == stored


@pytest.mark.parametrize("email", ["", "ada", "a@", "@b", "a b@c", "a@b\x00", "a@@b", "x" * 300 + "@b"])
def test_what_is_no_address_is_refused_with_its_place(email: str) -> None:
    reason = rules.normal_email(email)
    assert isinstance(reason, Reason)
    assert reason.place == "/email"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short_password"),
        ("x" * 201, "long_password"),
        ("ada@example.org", "weak_password"),
        ("aaaaaaaaaaaa", "weak_password"),
    ],
)
def test_a_poor_password_is_refused(password: str, code: str) -> None:
    reason = rules.check_password(password, email="ada@example.org")
    assert reason is not None
    assert reason.code == code


def test_several_words_are_a_good_password() -> None:
    assert rules.check_password("several words are good", email="ada@example.org") is None


@given(proof=st.text(min_size=1), other=st.text(min_size=1))
def test_a_csrf_value_belongs_to_one_session(proof: str, other: str) -> None:
    proof, other = proof.encode("utf-8", "replace").decode(), other.encode("utf-8", "replace").decode()
    assert (rules.csrf_value(proof) == rules.csrf_value(other)) == (proof == other)
    assert proof not in rules.csrf_value(proof) or len(proof) < 4


def test_a_session_ends_unused_after_a_week_and_anyway_after_a_month() -> None:
    end = NOW + timedelta(days=30)
    assert rules.session_is_alive(NOW + timedelta(days=6), seen_at=NOW, expires_at=end)
    assert not rules.session_is_alive(NOW + timedelta(days=7), seen_at=NOW, expires_at=end)
    assert not rules.session_is_alive(end, seen_at=end - timedelta(minutes=1), expires_at=end)


def test_only_a_fresh_session_by_link_may_claim_the_account() -> None:
    assert rules.claims_account(NOW, opened_by=OpenedBy.LINK, created_at=NOW)
    assert not rules.claims_account(NOW + timedelta(hours=1), opened_by=OpenedBy.LINK, created_at=NOW)
    assert not rules.claims_account(NOW, opened_by=OpenedBy.PASSWORD, created_at=NOW)
