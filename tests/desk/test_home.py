"""The first page: what waits for me, until when, and the one verb."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from desk.views import as_task
from office import todo as office_todo
from office.models import User
from office.todo import Todo, source, todos
from tests.conftest import Cast, Clock
from tests.factories import at

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[office_todo.Source]:
    """Only the sources of the test."""
    mine: list[office_todo.Source] = []
    monkeypatch.setattr(office_todo, "SOURCES", mine)
    return mine


def text(answer: object) -> str:
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())  # type: ignore[attr-defined]
    return " ".join(unescape(words).split())


def test_empty_is_a_friendly_sentence(
    cast: Cast, client_for: Callable[[User], Client], sources: list[office_todo.Source]
) -> None:
    assert "Nothing waits for you All done for now." in text(client_for(cast.finance).get("/"))


def test_a_row_is_a_sentence_a_due_time_and_one_verb(
    cast: Cast, client_for: Callable[[User], Client], sources: list[office_todo.Source], clock: Clock
) -> None:
    clock(NOW)

    @source
    def waiting(user: User, moment: datetime) -> Iterator[Todo]:
        if user == cast.named:
            yield Todo("Eva’s hours of September wait.", "/fees/check/", "Check", due=at(2026, 10, 9, 16))

    shown = text(client_for(cast.named).get("/"))
    assert "One thing waits for you. Eva’s hours of September wait. By Fri 9 Oct 2026 at 16:00 Check" in shown
    assert "Nothing waits for you" in text(client_for(cast.deputy).get("/"))


def test_the_soonest_first_what_has_no_date_last(cast: Cast, sources: list[office_todo.Source]) -> None:
    rows = [
        Todo("no date", "/", "See"),
        Todo("later", "/", "See", due=NOW + timedelta(days=2)),
        Todo("late", "/", "See", due=NOW - timedelta(days=2)),
        Todo("soon", "/", "See", due=NOW + timedelta(hours=2)),
    ]
    source(lambda _user, _at: rows)
    assert [found.sentence for found in todos(cast.named, NOW)] == ["late", "soon", "later", "no date"]


@pytest.mark.parametrize(
    ("due", "urgent", "urgency"),
    [
        pytest.param(None, False, "", id="no date"),
        pytest.param(None, True, "soon", id="no date but urgent"),
        pytest.param(NOW + timedelta(days=2), False, "", id="in two days"),
        pytest.param(NOW + timedelta(days=2, seconds=-1), False, "soon", id="a second less than two days"),
        pytest.param(NOW, False, "soon", id="this very moment"),
        pytest.param(NOW - timedelta(seconds=1), False, "late", id="a second ago"),
        pytest.param(NOW - timedelta(seconds=1), True, "late", id="late wins over urgent"),
    ],
)
def test_what_runs_out_is_marked(due: datetime | None, urgent: bool, urgency: str) -> None:  # noqa: FBT001 - a table
    assert as_task(Todo("x", "/", "See", due=due, urgent=urgent), NOW, "en").urgency == urgency


def test_words_of_a_source_stand_instead_of_the_moment() -> None:
    task = as_task(Todo("x", "/", "See", due=NOW, due_text="before the group begins"), NOW, "en")
    assert task.due == "before the group begins"


@pytest.mark.parametrize(
    "who", ["coordinator", "named", "deputy", "orderer", "expert_user", "finance", "supervisor", "stranger"]
)
def test_at_most_ten_queries(
    cast: Cast, client_for: Callable[[User], Client], django_assert_max_num_queries: Callable[..., object], who: str
) -> None:
    browser = client_for(getattr(cast, who))
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        assert browser.get("/").status_code == 200


def test_a_todo_with_markup_in_a_name_stays_text(
    cast: Cast, client_for: Callable[[User], Client], sources: list[office_todo.Source]
) -> None:
    """P11."""
    source(lambda _user, _at: [Todo("<script>alert(1)</script> waits", "/", "See")])
    page = client_for(cast.named).get("/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; waits" in page
    assert "<script>alert" not in page
