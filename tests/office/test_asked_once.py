"""Questions whose SQL stands already answer as a queryset would, for everybody, and refuse what they cannot ask."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from assignments.models import Offer, Session
from experts.models import Contract, Expert
from feetables.models import FeeTable
from office.asked_once import Question, Seen
from office.choices import Role
from office.models import RoleGrant, Unit, User
from tests.conftest import Cast
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order, make_unit, make_user

pytestmark = pytest.mark.django_db

OF_CODE = Question(lambda code: Unit.objects.filter(code=code).select_related("service_area"), code=str)
HELD: Question[tuple[str, int | None]] = Question(
    lambda user, moment: (
        RoleGrant.objects.in_force(moment).filter(user=user).order_by("pk").values_list("role", "unit")
    ),
    user=int,
    moment=datetime,
)


def test_rows_with_what_is_beside_them_in_one_query(django_assert_num_queries: Any) -> None:
    units = {code: make_unit(code, name_fi='Ää; "x" %s') for code in ("A", "B")}
    for code in ("A", "B", "A"):
        with django_assert_num_queries(1):
            found = OF_CODE(code=code)
            assert [(one, one.name_fi, one.service_area) for one in found] == [
                (units[code], 'Ää; "x" %s', units[code].service_area)
            ]
    assert OF_CODE(code="none of them") == []
    assert OF_CODE.one(code="A") == units["A"]
    assert OF_CODE.one(code="none of them") is None


def test_values_and_moments() -> None:
    unit = make_unit()
    one, other = make_user(roles=[(Role.STAFF, unit)]), make_user(roles=[Role.COORDINATOR])
    now = at(2026, 9, 21, 9)
    assert HELD(user=one.pk, moment=now) == [("staff", unit.pk)]
    assert HELD(user=other.pk, moment=now) == [("coordinator", None)]
    assert HELD(user=one.pk, moment=datetime(1900, 1, 1, tzinfo=UTC)) == []


def test_days_amounts_and_stored_explanations() -> None:
    make_fee_table(valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    holding = Question(
        lambda day: FeeTable.objects.filter(valid_from__lte=day, valid_to__gte=day, state="approved"), day=date
    )
    assert [table.valid_to for table in holding(day=date(2026, 12, 31))] == [date(2026, 12, 31)]
    assert holding(day=date(2027, 1, 1)) == []
    made = make_agreed_session(at(2026, 10, 7, 10))
    asked = Question(
        lambda pk: Session.objects.filter(pk=pk).annotate(
            covered=Exists(Contract.objects.filter(expert=OuterRef("expert")))
        ),
        pk=int,
    )
    found: Any = asked.one(pk=made.pk)
    made.refresh_from_db()
    assert (found.agreed_fee, found.terms, found.free_until, found.covered) == (
        made.agreed_fee, made.terms, made.free_until, True,
    )  # fmt: skip


def test_what_it_does_not_ask_is_refused() -> None:
    with pytest.raises(ValueError, match="This question asks for code"):
        OF_CODE()
    with pytest.raises(ValueError, match="This question asks for code"):
        OF_CODE(code="A", other=1)
    with pytest.raises(ValueError, match="each with a value"):
        OF_CODE(code=None)


def test_a_value_that_does_not_stand_in_the_sql_is_refused() -> None:
    within = Question(lambda word: Unit.objects.filter(name_fi__icontains=word), word=str)
    with pytest.raises(ValueError, match="A value reaches the SQL changed"):
        within(word="toimisto")
    unused = Question(lambda word: Unit.objects.filter(code="A"), word=str)  # noqa: ARG005 - that is the fault
    with pytest.raises(ValueError, match="Not in the SQL as they are: word"):
        unused(word="toimisto")
    beside = Question(lambda pk: Expert.objects.filter(pk=pk).prefetch_related("contracts"), pk=int)
    with pytest.raises(ValueError, match="a question of its own"):
        beside(pk=1)


def test_what_is_worked_out_from_a_value_would_stay_in_the_sql_and_is_refused() -> None:
    """Beside the value itself, too: the first asker's "a day before" would be everybody's."""
    changed = "A value reaches the SQL changed"
    around = Question(
        lambda moment: Session.objects.filter(starts_at__lt=moment, starts_at__gt=moment - timedelta(days=1)),
        moment=datetime,
    )
    with pytest.raises(ValueError, match=changed):
        around(moment=at(2026, 9, 21, 9))
    day = Question(lambda day: Contract.objects.filter(valid_from__in=[day, day + timedelta(days=1)]), day=date)
    with pytest.raises(ValueError, match=changed):
        day(day=date(2026, 9, 21))
    next_one = Question(lambda pk: Unit.objects.filter(pk__in=[pk, pk + 1]), pk=int)
    with pytest.raises(ValueError, match=changed):
        next_one(pk=1)


def test_nothing_can_fit(django_assert_num_queries: Any) -> None:
    never = Question(lambda pk: Unit.objects.filter(pk=pk, code__in=[]), pk=int)
    with django_assert_num_queries(0):
        assert never(pk=1) == []


@pytest.mark.django_db(transaction=True)
def test_in_several_threads_each_with_its_own_values() -> None:
    units = [make_unit(f"T{number}") for number in range(4)]
    found: dict[str, list[Unit]] = {}

    def ask(code: str) -> None:
        for _ in range(20):
            found[code] = OF_CODE(code=code)
        connection.close()

    threads = [Thread(target=ask, args=[unit.code]) for unit in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {unit.code: [unit] for unit in units}


class TestSeen:
    """The same rows as ``visible_to``, whoever reads."""

    SESSION = Seen(lambda reader, pk: Session.objects.visible_to(reader).filter(pk=pk), pk=int)
    OFFER = Seen(lambda reader, pk: Offer.objects.visible_to(reader).filter(pk=pk), pk=int)

    def readers(self, cast: Cast) -> Iterable[User]:
        both = make_user(roles=[(Role.STAFF, cast.unit), (Role.DEPUTY, cast.other_unit), Role.EXPERT])
        swapped = make_user(roles=[(Role.DEPUTY, cast.unit), (Role.STAFF, cast.other_unit)])
        nobody, gone = make_user(), make_user(roles=[(Role.STAFF, cast.unit)], is_active=False)
        return [
            cast.coordinator, cast.orderer, cast.named, cast.stranger, cast.expert_user, cast.second_expert_user,
            cast.finance, cast.supervisor, both, swapped, nobody, gone,
        ]  # fmt: skip

    def test_as_visible_to(self, cast: Cast) -> None:
        make_fee_table()
        here = make_agreed_session(at(2026, 10, 7, 10), unit=cast.unit, expert=cast.expert)
        there = make_agreed_session(at(2026, 10, 8, 10), unit=cast.other_unit, expert=cast.second_expert)
        order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(at(2026, 10, 9, 10), at(2026, 10, 9, 11))])
        offer = make_offer(order, cast.expert)
        seen = set()
        for reader in self.readers(cast):
            for session in (here, there):
                expected = list(Session.objects.visible_to(reader).filter(pk=session.pk))
                assert self.SESSION(reader, pk=session.pk) == expected
                seen.add((session.pk, bool(expected)))
            assert self.OFFER(reader, pk=offer.pk) == list(Offer.objects.visible_to(reader).filter(pk=offer.pk))
        assert len(seen) == 4  # each was seen by some and not by others

    def test_two_of_the_same_roles_in_other_units(self, cast: Cast) -> None:
        """The SQL stands already; the units are the second reader's own."""
        here = make_agreed_session(at(2026, 10, 7, 10), unit=cast.unit, expert=cast.expert)
        assert self.SESSION.one(cast.orderer, pk=here.pk) == here
        assert self.SESSION.one(cast.stranger, pk=here.pk) is None
