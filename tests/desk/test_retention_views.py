"""The coordinator's pages of retention."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.models import RemovalReport, RetentionRun
from desk.retention import carry_out
from experts.models import Absence, Expert
from fees.models import PaymentRun
from office.models import RetentionPeriod, User
from tests.conftest import Cast, Clock
from tests.desk.years_ago import ended_expert, paid_month
from tests.factories import at, make_expert

DAY_AFTER = at(2024, 11, 29, 9)


def test_the_page_tells_what_would_go_and_removes_nothing(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    paid_month(cast, date(2014, 10, 1))
    clock(DAY_AFTER)
    page = client_for(cast.coordinator).get(reverse("desk:retention")).content.decode().replace("\xa0", " ")
    assert "Not carried out yet." in page
    assert "Fri 28 Nov 2014" in page
    assert "Remove now what is over its time" in page
    assert PaymentRun.objects.count() == 1
    assert not RetentionRun.objects.exists()


def test_the_coordinator_has_it_done_now_and_reads_the_report(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    Absence.objects.create(expert=cast.expert, first_day=date(2023, 1, 1), last_day=date(2023, 1, 2))
    clock(DAY_AFTER)
    browser = client_for(cast.coordinator)
    answer = browser.post(reverse("desk:carry_out"), follow=True)
    page = answer.content.decode()
    assert "1 record was removed." in page
    assert "Carla Coordinator" in page
    assert "Absences" in page
    assert RetentionRun.objects.get().by == cast.coordinator
    browser.post(reverse("desk:carry_out"))
    assert RemovalReport.objects.count() == 1


def test_a_period_is_changed_and_what_is_wrong_is_told(cast: Cast, client_for: Callable[[User], Client]) -> None:
    browser = client_for(cast.coordinator)
    path = reverse("desk:retention_period", args=["fees"])
    for typed, words in (
        ("83", "The law demands at least 84 months."),
        ("ten", "Write a whole number of months."),
        ("-1", "Ensure this value is greater than or equal to 0."),
        ("601", "Ensure this value is less than or equal to 600."),
        ("", "This field is required."),
    ):
        page = browser.post(path, {"months": typed}).content.decode()
        assert words in page
        assert not typed or f'value="{typed}"' in page
    assert not RetentionPeriod.objects.exists()
    assert browser.post(path, {"months": "132"}).headers["Location"] == reverse("desk:retention")
    assert "11 years" in browser.get(reverse("desk:retention")).content.decode()


@pytest.mark.parametrize("code", ["account", "nothing"])
def test_a_class_without_a_period_has_no_page(cast: Cast, client_for: Callable[[User], Client], code: str) -> None:
    assert client_for(cast.coordinator).get(reverse("desk:retention_period", args=[code])).status_code == 404


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(path).status_code == 200
    return len(caught)


def test_the_same_queries_for_one_and_for_thirty(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    leaver = ended_expert()
    browser = client_for(cast.coordinator)
    paths = [
        reverse("desk:retention"),
        reverse("desk:retention_reports"),
        reverse("desk:expert_data", args=[leaver.pk]),
        reverse("desk:erase", args=[leaver.pk]),
    ]

    def one_more() -> None:
        expert = make_expert()
        Absence.objects.create(expert=expert, first_day=date(2023, 1, 1), last_day=date(2023, 1, 2))
        Absence.objects.create(expert=leaver, first_day=date(2024, 10, 1), last_day=date(2024, 10, 2))
        carry_out(by=None, at=DAY_AFTER)
        Absence.objects.create(expert=expert, first_day=date(2023, 1, 1), last_day=date(2023, 1, 2))

    one_more()
    clock(DAY_AFTER)
    few = [queries(browser, path) for path in paths]
    for _time in range(29):
        one_more()
    assert Expert.objects.count() > 30
    assert [queries(browser, path) for path in paths] == few
    assert max(few) <= 10
