"""Pages of one session, of an offer, and the expert's own times."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions, texts, texts_history
from assignments.access import MARK_OUTCOME, SEE_SESSIONS
from assignments.actions.conditions import Conditions
from assignments.actions.moves import UNIT_SIDE, answerers, proposers
from assignments.actions.outcomes import Option, ended_with
from assignments.actions.people import acts_as
from assignments.actions.together import other_answer, together
from assignments.actions.undo import undone_with
from assignments.actions.waiting import open_move, read_moves
from assignments.forms_sessions import OutcomeForm
from assignments.models import Move, Order, Session
from assignments.pair_pages import beside_of, for_whom, option_of, other_for, proposer_name, why_alone
from assignments.pairs import name_of_other, other_of
from assignments.plans import ASKED
from assignments.rules import Event, is_free
from assignments.states import OPEN_MOVES, MoveState, OrderState, SessionState
from experts.seen import name_for, person_for
from experts.shown import Stage
from office.access import requires
from office.asked_once import Seen
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.history import Line, lines
from office.models import LogEntry, User
from office.requests import Request


def _full(rows: QuerySet[Session]) -> QuerySet[Session]:
    """With what the page shows. Of two experts the other one is read apart: to plan it in one query takes longer."""
    other = Order.objects.select_related("expert__user")
    return rows.select_related(
        "fee_item__table",
        "order__orderer",
        "order__process",
        "order__plan",
        "unit",
        "expert__user",
        "recorded_by",
        "moved_from",
        "moved_to",
    ).prefetch_related(
        Prefetch("moves", Move.objects.select_related("proposed_by")),
        Prefetch("order__companion", other),
        Prefetch("order__lead", other),
    )


def session_of(request: Request, pk: int) -> Session:
    return get_object_or_404(_full(Session.objects.visible_to(request.user)), pk=pk)


_MARKED = Seen(
    lambda reader, pk: Session.objects.visible_to(reader).filter(pk=pk).select_related("order", "unit", "expert__user"),
    pk=int,
)


def _to_mark(request: Request, pk: int) -> Session:
    """With no more than marking asks of every session; twelve tables more are for its page."""
    found = _MARKED.one(request.user, pk=pk)
    if found is None:
        raise Http404
    read_moves(found)
    return found


def back_to(session: Session) -> HttpResponse:
    return redirect("assignments:session", session.pk)


# --- one session -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A thing that can be done with a session, with its consequence before it is pressed."""

    event: Event
    title: str
    words: str
    hint: str
    verb: str
    url: str
    total: Decimal
    tone: str


HINTS = {
    Event.NO_SHOW: lambda: _("The time may be used for other work of the unit; write what for."),
    Event.EXPERT_ILL: lambda: _("No certificate is asked."),
    Event.SHORTENED: lambda: _("Shorter than agreed, told after the limit for free cancelling."),
}


def _hint(event: Event, session: Session) -> str:
    """A sentence beside the consequence; for the end of a group, how many sessions it touches."""
    if event is Event.GROUP_ENDED:
        after = ended_with(session).count()
        words = ngettext(
            "This session and %(count)s agreed one after it are closed.",
            "This session and %(count)s agreed ones after it are closed.",
            after,
        )
        return words % {"count": after} if after else _("There are no agreed sessions after this one.")
    return HINTS[event]() if event in HINTS else ""


def _verb(event: Event, total: Decimal, *, both: bool = False) -> str:
    """The words of the button that does it, with the sum."""
    paid = texts.money(total) if total else _("nothing is paid")
    if both:
        words = _("Cancel for both: 2 sessions, %(paid)s") if event is Event.ORDERER_CANCELLED else ""
        return (words or _("Mark for both: 2 sessions, %(paid)s")) % {"paid": paid}
    words = {
        Event.HELD: _("It was held, %(paid)s"),
        Event.ORDERER_CANCELLED: _("Cancel the session, %(paid)s"),
        Event.GROUP_ENDED: _("End the group, %(paid)s"),
    }.get(event, _("Mark, %(paid)s"))
    return words % {"paid": paid}


def _card(option: Option, session: Session, *, own: bool) -> Card:
    event = option.event
    return Card(
        event=event,
        title=texts.describe_event(event, own=own),
        words=option.words,
        hint=_hint(event, session),
        verb=_verb(event, option.total),
        url=reverse("assignments:session_mark", args=[session.pk, event.value]),
        total=option.total,
        tone="stop" if event in {Event.ORDERER_CANCELLED, Event.GROUP_ENDED, Event.EXPERT_CANCELLED} else "second",
    )


def _new_limit(move: Move, at: datetime) -> str:
    """What the new time's own limit would be; a warning when it has passed already (R15)."""
    limit = Conditions().free_until(move.starts_at)
    if is_free(at, limit):
        return _("The new time would be free to cancel until %(limit)s.") % {"limit": texts.moment(limit)}
    return _("The new time can no longer be cancelled free of charge: its limit was %(limit)s.") % {
        "limit": texts.moment(limit)
    }


def _move_words(move: Move, session: Session) -> str:
    """What a no to the proposal would mean."""
    if not move.cancel_if_declined:
        return _("If the answer is no, the session stays as it is.")
    if session.free_until is not None and is_free(move.proposed_at, session.free_until):
        return _("If the answer is no, the session is cancelled. It was proposed in time, so nothing is paid.")
    return _("If the answer is no, the session is cancelled and the agreed fee %(fee)s is paid.") % {
        "fee": texts.money(session.agreed_fee or 0)
    }


@requires(SEE_SESSIONS)
@require_GET
def session(request: Request, pk: int) -> HttpResponse:
    """One session: its facts, what can be done with what consequence, its history."""
    at = timezone.now()
    found = session_of(request, pk)
    parts = acts_as(request.user, found.unit_id, found.expert)
    own = bool(parts) and parts <= {Role.EXPERT}
    waiting = open_move(found) if found.state == SessionState.AGREED else None
    cards = [_card(option, found, own=own) for option in actions.options(found, at=at, by=request.user)]
    context: dict[str, Any] = {
        "session": found,
        "own": own,
        "for_unit": bool(parts & UNIT_SIDE),
        "limit": texts.describe_limit(found.free_until, at, own=own) if found.free_until else "",
        "free": bool(found.free_until and is_free(at, found.free_until)),
        "begun": at >= found.starts_at,
        "now": at,
        "held": next((card for card in cards if card.event is Event.HELD), None),
        "cards": [card for card in cards if card.event is not Event.HELD],
        "move": waiting,
        "may_answer": bool(waiting and waiting.state == MoveState.WAITING and parts & answerers(waiting)),
        "may_withdraw": bool(waiting and (parts & proposers(waiting) or waiting.proposed_by_id == request.user.pk)),
        "new_limit": _new_limit(waiting, at) if waiting else "",
        "move_words": _move_words(waiting, found) if waiting else "",
        "may_move": found.state == SessionState.AGREED and not waiting and at < found.starts_at and bool(parts),
        "may_undo": actions.may_undo(found, request.user),
        "may_decide": actions.may_decide(found, request.user),
        "ahead": _ahead(found, at) if parts else 0,
        "moves_together": together(waiting).filter(state__in=OPEN_MOVES).count() if waiting else 0,
        "other_answer": other_answer(waiting) if waiting else "",
        "other": other_for(request.user, found) if parts else None,
        "undo_both": actions.may_undo(found, request.user) and not own and undone_with(found) is not None,
        "process": getattr(found.order, "process", None) if parts else None,
        "paper": bool(parts) and found.order.state == OrderState.AGREED,
        "has_dates": "first_day" in ASKED[found.order.kind],
        "moved_to": getattr(found, "moved_to", None),
        "recorded_by": person_for(request.user, found.recorded_by, found.expert, Stage.AFTER),
        "proposed_by": proposer_name(request.user, waiting, found) if waiting else "",
        "history": _history(request.user, found),
    }
    return render(request, "assignments/session.html", context)


def _ahead(found: Session, at: datetime) -> int:
    """How many sessions of the order are agreed and ahead, this one among them; 0 when this one is not."""
    if found.state != SessionState.AGREED or at >= found.starts_at:
        return 0
    return found.order.sessions.filter(state=SessionState.AGREED, starts_at__gt=at).count()


def _history(reader: User, found: Session) -> list[Line]:
    """The history, with the expert named as the reader may see it."""
    told = lines(LogEntry.objects.of(found, *found.moves.all()), texts_history.WORDS)
    other = other_of(found.order)
    if other is not None and other.expert is not None and other.expert.user is not None:
        whole, seen = str(other.expert.user), name_of_other(reader, other)
        told = [Line(line.at, line.text.replace(whole, seen)) for line in told]
    if found.expert is None or found.expert.user is None:
        return told
    whole, seen = str(found.expert.user), name_for(reader, found.expert, Stage.AFTER)
    return [Line(line.at, line.text.replace(whole, seen)) for line in told]


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def session_mark(request: Request, pk: int, event: str) -> HttpResponse:
    """Says what happened: shows what it pays, and does it when the person has seen that very sum (T1)."""
    at = timezone.now()
    found = _to_mark(request, pk)
    option = next(iter(actions.options(found, at=at, by=request.user, only=event)), None)
    if option is None:
        words = _("The session has been marked already. Look at the page again.")
        if found.state == SessionState.AGREED:
            words = _("This cannot be marked now.")
        messages.error(request, words)
        return back_to(found)
    verdict, result = option.verdict, option.consequence
    data = request.POST.copy() if request.method == "POST" else None
    beside, both = beside_of(request, found, option.event)
    with_beside = option_of(beside, option.event, request.user, at) if beside and both else None
    if both and with_beside is None:
        beside, both = None, False
    total = option.total + (with_beside.total if with_beside else 0)
    initial = {"expected_total": total}
    form = OutcomeForm(data, session=found, event=option.event, initial=initial)
    again = ""
    if data is not None and form.is_valid():
        try:
            marked = actions.record_outcome(found, event, by=request.user, at=at, both=both, **form.facts())
        except actions.Changed as changed:
            verdict, result, total = changed.verdict, changed.consequence, changed.total
            again = str(changed.message)
            data["expected_total"] = str(total)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, texts.describe_outcome(marked))
            return back_to(found)
    own = acts_as(request.user, found.unit_id, found.expert) <= {Role.EXPERT}
    context = {
        "session": found,
        "form": form,
        "again": again,
        "title": texts.describe_event(option.event, own=own),
        "words": texts.describe_consequence(verdict, result),
        "hint": _hint(option.event, found),
        "own": own,
        "stages": for_whom(request.user, found, beside, both=both),
        "both": with_beside,
        "alone": why_alone(request.user, found, option.event) if beside is None else "",
        "total": total,
        "pays_for_nothing": bool(total) and option.event is not Event.HELD,
        "limit": texts.describe_limit(found.free_until, at) if found.free_until else "",
        "price": result.fee.to_json(),
        "now": at,
        "verb": _verb(option.event, total, both=both),
        "tone": "stop" if total and option.event is Event.ORDERER_CANCELLED else "",
        "told": option.event is Event.ORDERER_CANCELLED,
        "crumbs": crumbs_to(found, texts.describe_event(option.event, own=own)),
    }
    return render(request, "assignments/session_mark.html", context)


def crumbs_to(session: Session, here: str) -> list[dict[str, str]]:
    url = reverse("assignments:session", args=[session.pk])
    return [{"label": texts.span(session.starts_at, session.ends_at), "url": url}, {"label": here, "url": ""}]


@requires(MARK_OUTCOME)
@require_POST
def session_undo(request: Request, pk: int) -> HttpResponse:
    """Takes the outcome back; of two experts that of both, when both were marked at once."""
    found = session_of(request, pk)
    both = request.POST.get("for") == "both"
    actions.undo_outcome(found, by=request.user, at=timezone.now(), both=both)
    words = _("Taken back. The session is agreed as before.")
    messages.success(request, _("Taken back for both. The sessions are agreed as before.") if both else words)
    return back_to(found)


# --- moves -----------------------------------------------------------------------------------------------------------
