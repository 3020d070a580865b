"""When employees are away: who writes it down, who stands in, who is told."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.actions.people import confirmers, unit_side
from office import away
from office.choices import MessageState, Role
from office.covering import Gap
from office.errors import Conflict, Refused
from office.messages import AWAY_UNCOVERED
from office.models import Away, ClosingDay, OutboxMessage, RoleGrant, User
from office.people import grant
from office.policies import rules_on
from office.reminders import REMINDERS, carry_out, setting_on
from office.workdays import local_date
from tests.conftest import Cast, Clock
from tests.factories import at, make_order

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
NOW = at(2026, 10, 5, 10)  # a Monday
MON, TUE, FRI = date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 16)


@pytest.fixture(autouse=True)
def monday(clock: Clock) -> None:
    clock(NOW)


def no_deputy(cast: Cast) -> None:
    RoleGrant.objects.filter(user=cast.deputy).delete()


def told(kind: str = "away_uncovered") -> list[tuple[User | None, str]]:
    rows = OutboxMessage.objects.filter(kind=kind).order_by("recipient_id").select_related("recipient")
    return [(row.recipient, row.body.replace("\N{NO-BREAK SPACE}", " ")) for row in rows]


def gaps(moment: datetime = NOW) -> list[tuple[str, date, date]]:
    return [(one.unit.code, one.gap.first, one.gap.last) for one in away.uncovered(moment)]


# --- writing it down -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["named", "deputy", "orderer"])
def test_employees_write_down_their_own(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    made = away.note(person, MON, FRI, by=person, at=NOW)
    assert (made.user, made.first_day, made.last_day, made.noted_by) == (person, MON, FRI, person)


@pytest.mark.parametrize("who", ["orderer", "stranger", "finance", "expert_user", "supervisor"])
def test_nobody_but_the_coordinator_writes_down_another_ones(cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="You may not do this"):
        away.note(cast.named, MON, FRI, by=getattr(cast, who), at=NOW)
    assert away.note(cast.named, MON, FRI, by=cast.coordinator, at=NOW).noted_by == cast.coordinator


def test_only_for_people_of_units(cast: Cast) -> None:
    with pytest.raises(Refused, match="This person has no role in a unit"):
        away.note(cast.finance, MON, FRI, by=cast.coordinator, at=NOW)
    assert not Away.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        pytest.param(FRI, MON, "The last day is before the first one.", id="wrong way round"),
        pytest.param(date(2026, 10, 1), date(2026, 10, 4), "These days are past.", id="past"),
        pytest.param(MON, date(2027, 10, 13), "Write down a year at most.", id="too long"),
        pytest.param(FRI, FRI, "An absence on these days is written down already.", id="over another"),
    ],
)
def test_days_that_make_no_sense(cast: Cast, first: date, last: date, said: str) -> None:
    away.note(cast.named, TUE, FRI, by=cast.named, at=NOW)
    with pytest.raises(Refused) as refused:
        away.note(cast.named, first, last, by=cast.named, at=NOW)
    assert str(refused.value.message) == said
    assert Away.objects.count() == 1


def test_the_second_click_changes_and_tells_nothing(cast: Cast) -> None:
    no_deputy(cast)
    first = away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    count = OutboxMessage.objects.count()
    assert away.note(cast.named, MON, FRI, by=cast.named, at=NOW + timedelta(seconds=1)) == first
    assert OutboxMessage.objects.count() == count


def test_back_again(cast: Cast) -> None:
    ahead = away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    away.end(ahead, by=cast.named, at=NOW)
    assert not Away.objects.exists()
    with pytest.raises(Conflict):
        away.end(ahead, by=cast.named, at=NOW)
    running = away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    away.end(running, by=cast.coordinator, at=at(2026, 10, 14, 9))
    running.refresh_from_db()
    assert running.last_day == date(2026, 10, 13)
    away.end(running, by=cast.named, at=at(2026, 10, 15, 9))  # over already
    with pytest.raises(Refused):
        away.end(running, by=cast.orderer, at=NOW)


# --- where nobody stands in ------------------------------------------------------------------------------------------


def test_with_a_deputy_nobody_is_told(cast: Cast) -> None:
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    assert gaps() == []
    assert told() == []


def test_without_a_deputy_the_coordinator_and_the_unit_are_told_at_once(cast: Cast) -> None:
    no_deputy(cast)
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    assert gaps() == [("Y01", MON, FRI)]
    assert [person for person, _text in told()] == [cast.coordinator, cast.orderer, cast.named]
    for person, text in told():
        assert "- Loviisan mielenterveystoimisto: Mon 12 Oct 2026 – Fri 16 Oct 2026" in text
        link = reverse("office:unit", args=[cast.unit.pk]) if person == cast.coordinator else "/units/away/"
        assert [row for row in text.splitlines() if row.startswith("http")] == [f"http://localhost:8000{link}"]


def test_the_deputy_who_goes_away_then_too_is_what_is_told(cast: Cast) -> None:
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    away.note(cast.deputy, TUE, TUE, by=cast.deputy, at=NOW)
    assert gaps() == [("Y01", TUE, TUE)]
    people = [person for person, _text in told()]
    assert people == [cast.coordinator, cast.orderer, cast.named, cast.deputy]
    assert "Tue 13 Oct 2026\n" in told()[0][1]


@pytest.mark.parametrize("mended", ["a deputy is chosen", "taken back"])
def test_not_told_any_more_when_it_is_mended_before_it_leaves(cast: Cast, mended: str) -> None:
    no_deputy(cast)
    made = away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    message = OutboxMessage.objects.filter(kind="away_uncovered").first()
    assert message is not None
    assert AWAY_UNCOVERED.still_true is not None
    assert AWAY_UNCOVERED.still_true(message)
    if mended == "taken back":
        away.end(made, by=cast.named, at=NOW)
    else:
        grant(cast.orderer, Role.DEPUTY, cast.unit, by=cast.coordinator, at=NOW)
    assert not AWAY_UNCOVERED.still_true(message)


# --- the reminder ----------------------------------------------------------------------------------------------------


def reminded(moment: datetime, clock: Clock) -> list[User | None]:
    """Whom the round of the day reminds."""
    clock(moment)
    OutboxMessage.objects.filter(kind="remind_away_uncovered").delete()
    one, day = REMINDERS["away_uncovered"], local_date(moment)
    carry_out(one, [day], setting_on(one, day, []), rules_on(day), at=moment)
    return [person for person, _text in told("remind_away_uncovered")]


@pytest.mark.parametrize(
    ("day", "comes"),
    [
        pytest.param(7, False, id="twelve days before"),
        pytest.param(12, True, id="seven days before"),
        pytest.param(13, False, id="six days before"),
        pytest.param(16, True, id="on Friday before a Monday"),
        pytest.param(19, True, id="it has begun on the week's first day"),
        pytest.param(20, False, id="on the second day"),
        pytest.param(26, True, id="a week later"),
        pytest.param(29, False, id="over"),
    ],
)
def test_when_the_reminder_comes(cast: Cast, clock: Clock, day: int, comes: bool) -> None:  # noqa: FBT001
    no_deputy(cast)
    away.note(cast.named, date(2026, 10, 19), date(2026, 10, 28), by=cast.named, at=NOW)
    expected = [cast.coordinator, cast.orderer, cast.named] if comes else []
    assert reminded(at(2026, 10, day, 9), clock) == expected


def test_who_was_told_today_is_not_reminded_today(cast: Cast, clock: Clock) -> None:
    no_deputy(cast)
    away.note(cast.named, MON, FRI, by=cast.named, at=at(2026, 10, 5, 8))
    assert reminded(at(2026, 10, 5, 9), clock) == []


def test_the_reminder_is_asked_again_when_it_leaves(cast: Cast, clock: Clock) -> None:
    no_deputy(cast)
    made = away.note(cast.named, date(2026, 10, 19), FRI + timedelta(days=7), by=cast.named, at=NOW)
    reminded(at(2026, 10, 12, 9), clock)
    message = OutboxMessage.objects.filter(kind="remind_away_uncovered").first()
    still_true = REMINDERS["away_uncovered"].kind.still_true
    assert message is not None
    assert still_true is not None
    assert still_true(message)
    away.end(made, by=cast.named, at=at(2026, 10, 12, 10))
    assert not still_true(message)


# --- who stands in ---------------------------------------------------------------------------------------------------


def test_while_the_named_employee_is_away_the_deputy_is_told_as_well(cast: Cast) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer)
    assert unit_side(order, NOW) == [cast.named, cast.orderer]
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    assert unit_side(order, at(2026, 10, 11, 12)) == [cast.named, cast.orderer]
    assert unit_side(order, at(2026, 10, 12, 0)) == [cast.named, cast.deputy, cast.orderer]
    assert unit_side(order, at(2026, 10, 16, 23)) == [cast.named, cast.deputy, cast.orderer]
    assert unit_side(order, at(2026, 10, 17, 0)) == [cast.named, cast.orderer]


def test_when_both_are_away_the_coordinator_hears_of_orders_to_confirm(cast: Cast) -> None:
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    assert confirmers(cast.unit, at(2026, 10, 13, 9)) == [cast.named, cast.deputy]
    away.note(cast.deputy, TUE, TUE, by=cast.deputy, at=NOW)
    assert confirmers(cast.unit, at(2026, 10, 13, 9)) == [cast.named, cast.deputy, cast.coordinator]
    assert confirmers(cast.unit, at(2026, 10, 14, 9)) == [cast.named, cast.deputy]


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_own_page(cast: Cast, client_for: SignIn) -> None:
    no_deputy(cast)
    client, page = client_for(cast.named), reverse("office:my_away")
    answer = client.post(page, {"first_day": "12.10.2026", "last_day": ""}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    text = answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Your absence is written down." in text
    assert "Loviisan mielenterveystoimisto: Mon 12 Oct 2026" in text
    made = Away.objects.get()
    assert (made.first_day, made.last_day) == (MON, MON)
    answer = client.post(page, {"first_day": "12.10.2026", "last_day": "16.10.2026"})
    assert "An absence on these days is written down already." in answer.content.decode()
    assert 'value="12.10.2026"' in answer.content.decode()
    assert client.post(reverse("office:away_end", args=[made.pk]), follow=True).redirect_chain == [(page, 302)]
    assert not Away.objects.exists()


def test_the_coordinator_writes_down_anybodys_on_the_units_page(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    client, page = client_for(cast.coordinator), reverse("office:unit", args=[cast.unit.pk])
    typed = {"person": cast.named.pk, "first_day": "5.10.2026", "last_day": "16.10.2026"}
    new = reverse("office:away_new", args=[cast.unit.pk])
    assert client.post(new, typed | {"person": cast.stranger.pk}).status_code == 200  # of another unit
    assert client.post(new, typed, follow=True).redirect_chain == [(page, 302)]
    text = client.get(page).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "away until Fri 16 Oct 2026" in text
    own = client_for(cast.deputy).get(reverse("induction:unit", args=[cast.unit.pk])).content.decode()
    assert "away until Fri 16 Oct 2026" in own.replace("\N{NO-BREAK SPACE}", " ")
    clock(at(2026, 10, 7, 9))
    ended = client.post(reverse("office:away_end", args=[Away.objects.get().pk]), {"unit": cast.unit.pk}, follow=True)
    assert ended.redirect_chain == [(page, 302)]
    assert Away.objects.get().last_day == date(2026, 10, 6)


def test_another_ones_absence_is_not_there(cast: Cast, client_for: SignIn) -> None:
    made = away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    for who in (cast.deputy, cast.orderer, cast.stranger):
        assert client_for(who).post(reverse("office:away_end", args=[made.pk])).status_code == 404
    assert Away.objects.count() == 1


def test_tasks_on_first_pages(cast: Cast, client_for: SignIn) -> None:
    no_deputy(cast)
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    said = "Loviisan mielenterveystoimisto: the named employee is away and no deputy is there."
    for who in (cast.coordinator, cast.named, cast.orderer):
        text = client_for(who).get("/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert said in text
        assert "Mon 12 Oct 2026 – Fri 16 Oct 2026" in text
    assert "the named employee is away" not in client_for(cast.stranger).get("/").content.decode()
    grant(cast.deputy, Role.DEPUTY, cast.unit, by=cast.coordinator, at=NOW)
    assert "the named employee is away" not in client_for(cast.coordinator).get("/").content.decode()


def test_the_same_questions_for_one_and_for_thirty(cast: Cast, client_for: SignIn, asks: Any) -> None:
    client, page = client_for(cast.coordinator), reverse("office:unit", args=[cast.unit.pk])
    away.note(cast.named, MON, FRI, by=cast.named, at=NOW)
    one = asks(client, page)
    for number in range(30):
        day = date(2026, 11, 1) + timedelta(days=number)
        Away.objects.create(user=cast.orderer, first_day=day, last_day=day, noted_at=NOW, noted_by=cast.orderer)
    assert asks(client, page) == one <= 10


@pytest.fixture
def asks(django_assert_max_num_queries: Any) -> Callable[[Client, str], int]:
    def count(client: Client, page: str) -> int:
        client.get(page)
        with django_assert_max_num_queries(10) as asked:
            client.get(page)
        return len(asked)

    return count


def test_gaps_know_the_offices_closing_days(cast: Cast, client_for: SignIn) -> None:
    no_deputy(cast)
    ClosingDay.objects.create(day=MON, reason="Closed")
    away.note(cast.named, MON, TUE, by=cast.named, at=NOW)
    assert [one.gap for one in away.uncovered(NOW)] == [Gap(cast.unit.pk, TUE, TUE)]
    assert OutboxMessage.objects.filter(kind="away_uncovered", state=MessageState.WAITING).exists()
    # the first pages and the unit's page say the same days as the message
    for page in ("/", reverse("office:my_away")):
        said = client_for(cast.named).get(page).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert ("Tue 13 Oct 2026" in said, "no deputy" in said or "No deputy" in said) == (True, True)
    unit = client_for(cast.coordinator).get(reverse("office:unit", args=[cast.unit.pk]))
    assert [one.gap for one in unit.context["uncovered"]] == [Gap(cast.unit.pk, TUE, TUE)]
    tasks = client_for(cast.coordinator).get("/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Mon 12 Oct 2026 – Tue 13 Oct 2026" not in tasks
