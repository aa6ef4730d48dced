"""The three ladders: how patient we are with a network, with a login, with a mail server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.retry import GIVE_UP_AFTER, connection_delay, login_delay, next_delivery

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
attempts = st.integers(1, 10_000)
jitters = st.floats(0, 1, exclude_max=True)


def test_connection_ladder_doubles_from_five_seconds_to_fifteen_minutes():
    assert [connection_delay(n, 0.5) for n in range(1, 11)] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


@given(attempts, jitters)
def test_connection_delay_stays_between_five_seconds_and_fifteen_minutes(attempt, jitter):
    assert 5 <= connection_delay(attempt, jitter) <= 900


@given(attempts, jitters)
def test_connection_delay_never_shrinks_by_more_than_the_jitter(attempt, jitter):
    assert connection_delay(attempt + 1, 0) >= min(connection_delay(attempt, 0), 900)
    assert connection_delay(attempt, 0) <= connection_delay(attempt, jitter)


@given(st.lists(jitters, min_size=12, max_size=12))
def test_ten_minutes_of_throttling_see_at_most_twelve_attempts(draws):
    assert sum(connection_delay(n, jitter) for n, jitter in enumerate(draws, 1)) > 600


def test_login_ladder_is_one_five_fifteen_thirty_then_sixty_minutes():
    assert [login_delay(n, 0) / 60 for n in range(1, 8)] == [1, 5, 15, 30, 60, 60, 60]


@given(attempts, jitters)
def test_login_jitter_only_lengthens(attempt, jitter):
    assert login_delay(attempt, 0) <= login_delay(attempt, jitter) <= 1.1 * login_delay(attempt, 0)


@pytest.mark.parametrize(("hours", "at_most"), [(1, 8), (24, 30)])
def test_a_wrong_password_is_not_hammered(hours, at_most):
    waited, logins = 0.0, 1
    while (waited := waited + login_delay(logins, 0)) < hours * 3600:
        logins += 1
    assert logins <= at_most


def test_delivery_ladder():
    waits = [next_delivery(n, NOON, NOON, 0) - NOON for n in range(1, 9)]
    assert [wait / timedelta(minutes=1) for wait in waits] == [5, 15, 30, 60, 120, 240, 240, 240]


def test_delivery_ends_with_one_last_try_on_the_fifth_day():
    now, attempt = NOON, 0
    while (following := next_delivery(attempt := attempt + 1, NOON, now, 0)) is not None:
        assert following > now
        now = following
    assert now == NOON + GIVE_UP_AFTER
    assert 30 <= attempt <= 40


@given(attempts, jitters, st.timedeltas(timedelta(0), timedelta(days=6)))
def test_no_delivery_is_planned_in_the_past_or_after_the_fifth_day(attempt, jitter, age):
    following = next_delivery(attempt, NOON, NOON + age, jitter)
    if age >= GIVE_UP_AFTER:
        assert following is None
    else:
        assert NOON + age < following <= NOON + GIVE_UP_AFTER
