"""Questions asked together get the answers that each would get alone."""

from datetime import date

import pytest
from django.db.models import Count, DateTimeField, Value
from django.db.models.functions import Cast

from assignments.models import Session
from feetables.models import FeeItem, FeeTable
from office.models import Unit
from office.together import ask_together
from tests.factories import at, make_agreed_session, make_fee_table, make_unit

pytestmark = pytest.mark.django_db


def test_as_each_alone(django_assert_num_queries: object) -> None:
    make_unit("A", name_fi='Ää; "x" %s')
    make_unit("B")
    make_fee_table(valid_to=date(2026, 12, 31))
    make_agreed_session(at(2026, 10, 7, 10))
    questions = [
        Unit.objects.order_by("-code").values_list("code", "name_fi", "is_active"),
        FeeItem.objects.order_by("code").values_list("code", "amount", "amount_max", "table__valid_to"),
        Session.objects.values_list("starts_at", "free_until", "agreed_fee", "unit__name_fi", "expert__first_name"),
        FeeTable.objects.values("state").annotate(number=Count("pk")).values_list("state", "number"),
        Unit.objects.filter(name_fi__contains="%s").values_list("name_fi"),
        Unit.objects.filter(pk__in=[]).values_list("pk"),
        Unit.objects.filter(code="none of them").values_list("pk"),
        Unit.objects.values_list("code", Cast(Value(None), DateTimeField())).union(
            FeeItem.objects.values_list("code", "table__approved_at"), all=True
        )[:3],
    ]
    alone = [list(question) for question in questions]
    assert [len(rows) for rows in alone[4:7]] == [1, 0, 0]
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert ask_together(questions) == alone


def test_nothing_asked_nothing_queried(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert ask_together([]) == []
        assert ask_together([Unit.objects.none().values_list("pk")]) == [[]]
