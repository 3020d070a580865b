"""Pages of one session, of an offer, and the expert's own times."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions, texts
from assignments.access import ANSWER_OFFERS, MARK_OUTCOME, SEE_OFFERS, SEE_OWN_SESSIONS, SEE_SESSIONS
from assignments.actions.common import Conditions, acts_as, spans
from assignments.actions.moves import UNIT_SIDE, answerers, proposers
from assignments.actions.outcomes import Option, ended_with, open_move
from assignments.actions.together import together
from assignments.forms_sessions import MoveForm, OutcomeForm
from assignments.models import Move, Offer, Order, Session
from assignments.preview import Fees, read_times
from assignments.rules import Event, is_free
from assignments.states import MoveState, OfferState, SessionState
from assignments.steps import stage_of
from experts.busy import taken_otherwise
from experts.seen import name_for, person_for
from experts.shown import Stage
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.history import Line, lines
from office.models import LogEntry, User
from office.requests import Request

#: As many coming and past times as the expert's page shows.
MOST = 50


def _full(rows: QuerySet[Session]) -> QuerySet[Session]:
    moves = Prefetch("moves", Move.objects.select_related("proposed_by"))
    return rows.select_related(
        "order__orderer",
        "order__process",
        "order__plan",
        "unit",
        "expert__user",
        "recorded_by",
        "override_by",
        "moved_from",
        "moved_to",
    ).prefetch_related(moves)


def _session(request: Request, pk: int) -> Session:
    return get_object_or_404(_full(Session.objects.visible_to(request.user)), pk=pk)


def _back(session: Session) -> HttpResponse:
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


def _verb(event: Event, total: Decimal) -> str:
    """The words of the button that does it, with the sum."""
    paid = texts.money(total) if total else _("nothing is paid")
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
    found = _session(request, pk)
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
        "may_answer": bool(waiting and parts & answerers(waiting)),
        "may_withdraw": bool(waiting and parts & proposers(waiting)),
        "new_limit": _new_limit(waiting, at) if waiting else "",
        "move_words": _move_words(waiting, found) if waiting else "",
        "may_move": found.state == SessionState.AGREED and not waiting and at < found.starts_at and bool(parts),
        "may_undo": actions.may_undo(found, request.user),
        "may_decide": actions.may_decide(found, request.user),
        "ahead": _ahead(found, at) if parts else 0,
        "moves_together": together(waiting).filter(state=MoveState.WAITING).count() if waiting else 0,
        "process": getattr(found.order, "process", None) if parts else None,
        "moved_to": getattr(found, "moved_to", None),
        "recorded_by": person_for(request.user, found.recorded_by, found.expert, Stage.AFTER),
        "proposed_by": person_for(request.user, waiting.proposed_by, found.expert, Stage.AFTER) if waiting else "",
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
    told = lines(LogEntry.objects.of(found, *found.moves.all()), texts.WORDS)
    if found.expert is None or found.expert.user is None:
        return told
    whole, seen = str(found.expert.user), name_for(reader, found.expert, Stage.AFTER)
    return [Line(line.at, line.text.replace(whole, seen)) for line in told]


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def session_mark(request: Request, pk: int, event: str) -> HttpResponse:
    """Says what happened: shows what it pays, and does it when the person has seen that very sum (T1)."""
    at = timezone.now()
    found = _session(request, pk)
    option = next((o for o in actions.options(found, at=at, by=request.user) if o.event == event), None)
    if option is None:
        words = _("The session has been marked already. Look at the page again.")
        if found.state == SessionState.AGREED:
            words = _("This cannot be marked now.")
        messages.error(request, words)
        return _back(found)
    verdict, result = option.verdict, option.consequence
    data = request.POST.copy() if request.method == "POST" else None
    initial = {"expected_total": option.total}
    form = OutcomeForm(data, session=found, event=option.event, initial=initial)
    again = ""
    if data is not None and form.is_valid():
        try:
            marked = actions.record_outcome(found, event, by=request.user, at=at, **form.facts())
        except actions.Changed as changed:
            verdict, result = changed.verdict, changed.consequence
            again = str(changed.message)
            data["expected_total"] = str(result.total)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, texts.describe_outcome(marked))
            return _back(found)
    own = acts_as(request.user, found.unit_id, found.expert) <= {Role.EXPERT}
    context = {
        "session": found,
        "form": form,
        "again": again,
        "title": texts.describe_event(option.event, own=own),
        "words": texts.describe_consequence(verdict, result),
        "hint": _hint(option.event, found),
        "own": own,
        "pays_for_nothing": bool(result.total) and option.event is not Event.HELD,
        "limit": texts.describe_limit(found.free_until, at) if found.free_until else "",
        "price": result.fee.to_json(),
        "now": at,
        "verb": _verb(option.event, result.total),
        "tone": "stop" if result.total and option.event is Event.ORDERER_CANCELLED else "",
        "told": option.event is Event.ORDERER_CANCELLED,
        "crumbs": _crumbs(found, texts.describe_event(option.event, own=own)),
    }
    return render(request, "assignments/session_mark.html", context)


def _crumbs(session: Session, here: str) -> list[dict[str, str]]:
    url = reverse("assignments:session", args=[session.pk])
    return [{"label": texts.span(session.starts_at, session.ends_at), "url": url}, {"label": here, "url": ""}]


@requires(MARK_OUTCOME)
@require_POST
def session_undo(request: Request, pk: int) -> HttpResponse:
    """Takes the outcome back."""
    found = _session(request, pk)
    actions.undo_outcome(found, by=request.user, at=timezone.now())
    messages.success(request, _("Taken back. The session is agreed as before."))
    return _back(found)


# --- moves -----------------------------------------------------------------------------------------------------------


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def session_move(request: Request, pk: int) -> HttpResponse:
    """Proposes a new time: first shows what it would mean, then asks the other side."""
    at = timezone.now()
    found = _session(request, pk)
    parts = acts_as(request.user, found.unit_id, found.expert)
    if found.state != SessionState.AGREED or at >= found.starts_at or not parts:
        messages.error(request, _("This session can no longer be moved."))
        return _back(found)
    by_expert = not parts & UNIT_SIDE
    form = MoveForm(request.POST or None, session=found, by_expert=by_expert)
    meaning: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            meaning = actions.preview_move(found, *form.times, at=at, by_expert=by_expert)
            if request.POST.get("do") == "propose":
                cancel = bool(form.cleaned_data.get("cancel_if_declined"))
                reason = form.cleaned_data["reason"]
                actions.propose_move(
                    found, *form.times, by=request.user, at=at, cancel_if_declined=cancel, reason=reason
                )
                messages.success(request, _("The new time is proposed. The session stays as it is until the answer."))
                return _back(found)
        except RuleError as error:
            meaning = None
            tell(form, error)
    context = {
        "session": found,
        "form": form,
        "by_expert": by_expert,
        "meaning": meaning,
        "new_time": texts.span(*form.times) if meaning else "",
        "new_limit": texts.moment(meaning["free_until"]) if meaning else "",
        "new_limit_past": bool(meaning and not is_free(at, meaning["free_until"])),
        "limit": texts.describe_limit(found.free_until, at) if found.free_until else "",
        "free": bool(found.free_until and is_free(at, found.free_until)),
        "cancel": bool(meaning and form.cleaned_data.get("cancel_if_declined")),
        "crumbs": _crumbs(found, _("Move to a new time")),
    }
    return render(request, "assignments/session_move.html", context)


def _move(request: Request, pk: int) -> Move:
    rows = Move.objects.select_related("session__order", "session__expert__user", "proposed_by")
    return get_object_or_404(rows.filter(session__in=Session.objects.visible_to(request.user)), pk=pk)


@requires(MARK_OUTCOME)
@require_POST
def move_accept(request: Request, pk: int) -> HttpResponse:
    """The other side's yes."""
    new = actions.accept_move(_move(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("The new time is agreed: %(time)s.") % {"time": texts.span(new.starts_at, new.ends_at)})
    return _back(new)


@requires(MARK_OUTCOME)
@require_POST
def move_decline(request: Request, pk: int) -> HttpResponse:
    """The other side's no."""
    kept = actions.decline_move(_move(request, pk), by=request.user, at=timezone.now())
    words = texts.describe_outcome(kept) or _("The session stays as it was agreed.")
    messages.success(request, words)
    return _back(kept)


@requires(MARK_OUTCOME)
@require_POST
def move_withdraw(request: Request, pk: int) -> HttpResponse:
    """The proposing side takes it back."""
    move = _move(request, pk)
    actions.withdraw_move(move, by=request.user, at=timezone.now())
    messages.success(request, _("The proposal is taken back."))
    return _back(move.session)


# --- offers ----------------------------------------------------------------------------------------------------------


def _offer(request: Request, pk: int) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related(
        "order__unit", "order__orderer", "order__plan", "expert__user"
    )
    return get_object_or_404(rows, pk=pk)


@dataclass(frozen=True)
class Asked:
    """One time of an offer as the expert reads it."""

    starts_at: datetime
    ends_at: datetime
    limit: str
    fee: Decimal
    travel: Decimal
    problem: str
    clashes: list[Session]


def _asked_times(order: Order, sessions: list[Session], offer: Offer, at: datetime) -> list[Asked]:
    """The times with limit, fee and travel, and the expert's own sessions that they run into."""
    if not sessions:
        return []
    times = read_times(spans(sessions), at)
    own = list(
        Session.objects.taking_time()
        .filter(expert=offer.expert)
        .exclude(order=order)
        .overlapping(times[0].starts_at, max(time.ends_at for time in times))
        .select_related("unit")
    )
    return [
        Asked(
            starts_at=one.time.starts_at,
            ends_at=one.time.ends_at,
            limit=one.time.limit,
            fee=one.fee,
            travel=one.travel,
            problem=one.problem,
            clashes=[s for s in own if s.starts_at < one.time.ends_at and one.time.starts_at < s.ends_at],
        )
        for one in Fees(order, times[0].starts_at).sums(times)
    ]


@requires(SEE_OFFERS)
@require_GET
def offer(request: Request, pk: int) -> HttpResponse:
    """What is asked of the expert, everything in it, and the answer."""
    at = timezone.now()
    found = _offer(request, pk)
    order = found.order
    waiting = found.state == OfferState.WAITING
    shown = waiting or found.state == OfferState.CAN
    if found.many and shown:
        order.expert = found.expert  # what it would pay this expert; nothing is saved
    own = found.expert.user_id == request.user.pk
    wanted = [SessionState.PLANNED] if shown else [SessionState.AGREED, SessionState.CLOSED]
    sessions = list(order.sessions.filter(state__in=wanted)) if shown or found.state == OfferState.ACCEPTED else []
    asked = _asked_times(order, sessions, found, at) if shown else []
    context = {
        "offer": found,
        "order": order,
        "own": own,
        "expert_name": name_for(request.user, found.expert, stage_of(order)),
        "waiting": waiting,
        "shown": shown,
        "sessions": sessions if not shown else [],
        "count": len(sessions),
        "asked": asked,
        "fees": sum((one.fee for one in asked), Decimal(0)),
        "travel": sum((one.travel for one in asked), Decimal(0)),
        "clashing": any(one.clashes for one in asked)
        or bool(waiting and taken_otherwise(found.expert_id, spans(sessions))),
        "away": found.expert.absences.during(spans(sessions)).exists() if waiting else False,
        "problem": next((one.problem for one in asked if one.problem), ""),
        "begun": any(one.starts_at <= at for one in asked),
        "late": waiting and found.answer_by < at,
        "may_answer": waiting and (own or request.user.has_role(Role.COORDINATOR)),
    }
    return render(request, "assignments/offer.html", context)


@requires(ANSWER_OFFERS)
@require_POST
def offer_accept(request: Request, pk: int) -> HttpResponse:
    """The expert's yes (or the coordinator's for the expert, by telephone)."""
    found = _offer(request, pk)
    actions.say_yes(found, by=request.user, at=timezone.now(), though_away="though_away" in request.POST)
    words = (
        _("Thank you. The unit chooses one of those who can.") if found.many else _("Agreed. The unit has been told.")
    )
    messages.success(request, words)
    return redirect("assignments:offer", found.pk)


@requires(ANSWER_OFFERS)
@require_POST
def offer_decline(request: Request, pk: int) -> HttpResponse:
    """The expert's no; no reason is asked."""
    found = _offer(request, pk)
    actions.decline(found, by=request.user, at=timezone.now())
    messages.success(request, _("Thank you for the answer. Somebody else is asked."))
    own = found.expert.user_id == request.user.pk
    return redirect("assignments:my_sessions") if own else redirect("assignments:offer", found.pk)


@requires(SEE_OWN_SESSIONS)
@require_GET
def my_sessions(request: Request) -> HttpResponse:
    """The expert's first page of work: what to answer, what comes next, what has no outcome yet."""
    at = timezone.now()
    planned = Prefetch("order__sessions", Session.objects.filter(state=SessionState.PLANNED), to_attr="asked")
    offers = (
        Offer.objects.filter(expert__user=request.user, state__in=[OfferState.WAITING, OfferState.CAN])
        .select_related("order__unit")
        .prefetch_related(planned)
        .order_by("answer_by", "pk")
    )
    waiting = Prefetch("moves", Move.objects.filter(state=MoveState.WAITING), to_attr="open_moves")
    agreed = (
        Session.objects.filter(expert__user=request.user, state=SessionState.AGREED)
        .select_related("unit", "order__orderer")
        .prefetch_related(waiting)
    )
    context = {
        "offers": list(offers[:MOST]),
        "unmarked": list(agreed.filter(ends_at__lte=at)[:MOST]),
        "coming": list(agreed.filter(ends_at__gt=at)[:MOST]),
        "at": at,
    }
    return render(request, "assignments/my_sessions.html", context)
