"""What is typed about a month is never lost: kept while it is typed, after a time-out, in two windows (D1, D2, P13)."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments import actions as work
from assignments.models import Session
from assignments.rules import Event
from fees.drafts import seen_of
from fees.models import RowDraft
from office import typed
from office.kinds import TaskType
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import PASSWORD, at, make_agreed_session

SignIn = Callable[[User], Client]
NOW = at(2026, 11, 5, 14, 5)
MONTH = "2026-10"


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def session(cast: Cast, clock: Clock) -> Session:
    clock(NOW)
    return make_agreed_session(
        at(2026, 10, 7, 10), kind=TaskType.GROUP, unit=cast.unit, orderer=cast.orderer, expert=cast.expert
    )


@pytest.fixture
def client(cast: Cast, client_for: SignIn, session: Session) -> Client:
    return client_for(cast.expert_user)


URL = reverse("fees:my_month_of", args=[MONTH])


def said(session: Session, **values: str) -> dict[str, str]:
    return {f"s{session.pk}-{name}": value for name, value in values.items()}


CHANGED = {"choice": "changed", "starts": "10", "ends": "11.30", "reason": "It went on"}


def draft(client: Client, session: Session, seen: str = "", **values: str) -> Any:
    seen = seen or seen_of(session, None)
    return client.post(reverse("fees:row_draft", args=[session.pk]), said(session, **values, seen=seen))


def test_a_row_is_kept_as_it_is_typed(client: Client, session: Session) -> None:
    answer = draft(client, session, **CHANGED)
    assert "Saved 14:05" in text(answer)
    session.refresh_from_db()
    assert (session.outcome, RowDraft.objects.get().values) == ("", CHANGED)
    shown = text(client.get(URL))
    assert "1 time has what you typed before, kept as a draft." in shown
    assert 'value="11.30"' in shown
    assert 'value="It went on"' in shown


def test_half_a_time_is_kept_too(client: Client, session: Session) -> None:
    """D2: what is not right yet is not lost."""
    draft(client, session, choice="changed", starts="1")
    assert f'name="s{session.pk}-starts" value="1"' in text(client.get(URL))


def test_saving_for_good_leaves_no_draft(client: Client, session: Session) -> None:
    draft(client, session, **CHANGED)
    client.post(URL, said(session, **CHANGED) | {"act": "save"})
    session.refresh_from_db()
    assert (session.change_reason, RowDraft.objects.count()) == ("It went on", 0)


def test_nothing_by_which_a_person_is_recognised_is_kept(client: Client, session: Session) -> None:
    answer = draft(client, session, choice="changed", reason="010190-999Y came")
    assert "Not saved" in text(answer)
    assert RowDraft.objects.count() == 0


def test_a_draft_is_shown_to_nobody_else(cast: Cast, client_for: SignIn, client: Client, session: Session) -> None:
    """P13."""
    draft(client, session, **CHANGED)
    for who in (cast.coordinator, cast.named):
        shown = text(client_for(who).get(reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])))
        assert "It went on" not in shown


def test_two_who_write_about_the_same_time_see_each_the_own_draft(
    cast: Cast, client_for: SignIn, client: Client, session: Session
) -> None:
    """P13: the expert, and the named employee who writes for the expert."""
    of_expert = reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])
    written = [(client, URL, "It began late"), (client_for(cast.named), of_expert, "It went on")]
    for writer, _url, reason in written:
        draft(writer, session, **CHANGED | {"reason": reason})
    shown = [text(writer.get(url)) for writer, url, _reason in written]
    assert [[reason in page for _writer, _url, reason in written] for page in shown] == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("who", "status"), [("second_expert_user", 404), ("other_named", 404), ("finance", 403), ("orderer", 403)]
)
def test_nobody_else_writes_a_draft(cast: Cast, client_for: SignIn, session: Session, who: str, status: int) -> None:
    answer = draft(client_for(getattr(cast, who)), session, **CHANGED)
    assert (answer.status_code, RowDraft.objects.count()) == (status, 0)


# --- two windows -----------------------------------------------------------------------------------------------------


def test_another_window_is_not_written_over_while_typing(client: Client, session: Session) -> None:
    draft(client, session, **CHANGED)
    answer = draft(client, session, choice="changed", starts="9", reason="Other")  # has seen nothing of the first
    assert "This has been changed in another window." in text(answer)
    assert RowDraft.objects.get().values == CHANGED


def test_both_texts_are_shown_when_two_windows_save(client: Client, session: Session) -> None:
    before = seen_of(session, None)
    client.post(URL, said(session, **CHANGED, seen=before) | {"act": "save"})
    other = said(session, choice="changed", starts="10", ends="12", reason="Longer", seen=before)
    answer = client.post(URL, other | {"act": "save"})
    assert answer.status_code == 409
    shown = text(answer)
    assert "Nothing was saved yet." in shown
    assert "There now:" in shown
    assert "10:00–11:30" in shown
    assert 'value="Longer"' in shown
    session.refresh_from_db()
    assert session.change_reason == "It went on"
    seen = seen_of(session, None)
    assert f'value="{seen}"' in shown
    client.post(URL, other | said(session, seen=seen) | {"act": "save"})
    session.refresh_from_db()
    assert session.change_reason == "Longer"


def test_the_same_in_two_windows_is_no_conflict(client: Client, session: Session) -> None:
    before = seen_of(session, None)
    for _window in range(2):
        answer = client.post(URL, said(session, **CHANGED, seen=before) | {"act": "save"})
        assert answer.status_code == 302


def test_what_the_unit_marked_meanwhile_is_shown_with_what_was_typed(
    cast: Cast, client: Client, session: Session
) -> None:
    before = seen_of(session, None)
    work.record_outcome(session, Event.NO_SHOW, by=cast.orderer, at=NOW) if session.kind == "individual" else (
        work.record_outcome(session, Event.NOBODY_CAME, by=cast.orderer, at=NOW)
    )
    answer = client.post(URL, said(session, **CHANGED, seen=before) | {"act": "save"})
    assert answer.status_code == 409
    shown = text(answer)
    assert "You had typed: Changed. 10–11.30. It went on" in shown
    session.refresh_from_db()
    assert session.outcome == "nobody_came"


# --- a time-out ------------------------------------------------------------------------------------------------------


def log_in(client: Client, user: User, path: str) -> Any:
    user.set_password(PASSWORD)
    user.save()
    return client.post(path, {"login": user.email, "password": PASSWORD})


def timed_out(cast: Cast, client: Client, session: Session, writer: User | None = None) -> Any:
    """The page was open when the session ended; then Save is pressed."""
    token = typed.token((writer or cast.expert_user).pk)
    client.logout()
    return client.post(URL, said(session, **CHANGED) | {"act": "save", typed.FIELD: token})


def test_after_a_time_out_what_was_typed_is_there(cast: Cast, client: Client, session: Session) -> None:
    """D1: the session ends mid-form, log in, the text is there; nothing is saved by itself."""
    assert typed.FIELD in text(client.get(URL))
    answer = timed_out(cast, client, session)
    assert answer["Location"] == f"/accounts/login/?next={URL}"
    client.force_login(cast.expert_user)
    shown = text(client.get(URL))
    assert "You were signed out in between" in shown
    assert 'value="11.30"' in shown
    assert 'value="It went on"' in shown
    session.refresh_from_db()
    assert session.outcome == ""
    client.post(URL, said(session, **CHANGED) | {"act": "save"})
    session.refresh_from_db()
    assert session.change_reason == "It went on"
    assert "You were signed out in between" not in text(client.get(URL))


def test_the_next_person_on_the_same_computer_sees_nothing_of_it(cast: Cast, client: Client, session: Session) -> None:
    """P13."""
    timed_out(cast, client, session)
    client.force_login(cast.second_expert_user)
    assert "It went on" not in text(client.get(URL))
    assert "signed out in between" not in text(client.get(URL))


def test_what_nobody_signed_is_not_kept(cast: Cast, client: Client, session: Session) -> None:
    client.logout()
    client.post(URL, said(session, **CHANGED) | {"act": "save", typed.FIELD: f"{cast.expert_user.pk}:forged"})
    assert typed.KEY not in client.session
    client.post(URL, said(session, **CHANGED) | {"act": "save"})
    assert typed.KEY not in client.session


def test_after_an_hour_it_is_gone(cast: Cast, client: Client, session: Session, clock: Clock) -> None:
    timed_out(cast, client, session)
    client.force_login(cast.expert_user)
    clock(at(2026, 11, 5, 15, 6))
    assert "It went on" not in text(client.get(URL))


def test_a_part_of_a_page_never_becomes_the_log_in_page(client: Client, session: Session) -> None:
    client.logout()
    url = reverse("fees:row_draft", args=[session.pk])
    answer = client.post(url, said(session, **CHANGED), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")
