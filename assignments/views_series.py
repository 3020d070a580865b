"""Pages that change several sessions at once, answer several new times, and decide a fee against the rule."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions, texts
from assignments.access import MARK_OUTCOME
from assignments.actions import series, series_moves
from assignments.actions.conditions import ZERO, Conditions
from assignments.actions.moves import UNIT_SIDE, answerers, proposers
from assignments.actions.outcomes import EVENT_ROLES
from assignments.actions.people import acts_as
from assignments.actions.series import Cancelling, Scope, SeenOther
from assignments.actions.together import together
from assignments.forms_series import CancelForm, PlaceForm, ShiftForm
from assignments.models import Move, Session
from assignments.pair_pages import proposer_name
from assignments.pairs import name_of_other, of_other, other_of
from assignments.rules import Event, is_free
from assignments.session_pages import back_to, crumbs_of, session_of
from assignments.states import OPEN_MOVES, MoveState, OrderState, SessionState
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


def _scope(request: Request) -> Scope:
    """The scope that the address names; all following ones when it names none."""
    asked = request.GET.get("scope", "")
    return Scope(asked) if asked in set(Scope) else Scope.FOLLOWING


SCOPES: dict[Scope, Callable[[], str]] = {
    Scope.ONE: lambda: _("This one"),
    Scope.FOLLOWING: lambda: _("This and the following"),
    Scope.AHEAD: lambda: _("All that are still ahead"),
}


def _stages(scope: Scope, ahead: list[Session], session: Session, rest: str = "") -> list[dict[str, Any]]:
    """The choice of the scope: a link for each, with how many sessions it means (of one expert)."""
    counts = {
        Scope.ONE: 1,
        Scope.FOLLOWING: sum(one.starts_at >= session.starts_at for one in ahead),
        Scope.AHEAD: len(ahead),
    }
    return [
        {
            "count": counts[one],
            "label": words(),
            "detail": "",
            "url": f"?scope={one.value}{rest}",
            "current": one is scope,
        }
        for one, words in SCOPES.items()
    ]


def _of(scope: Scope, ahead: list[Session], session: Session) -> list[Session]:
    """What ``series.covered`` gives for the scope, from those ahead that were read already."""
    if scope is Scope.AHEAD:
        return ahead
    if scope is Scope.ONE:
        return [one for one in ahead if one.pk == session.pk]
    return [one for one in ahead if one.starts_at >= session.starts_at]


def _page(request: Request, session: Session, title: str, scope: Scope, ahead: list[Session]) -> dict[str, Any]:
    other = other_of(session.order)
    agreed = other is not None and other.state == OrderState.AGREED
    return {
        "other_name": name_of_other(request.user, other) if other is not None and agreed else "",
        "session": session,
        "title": title,
        "scope": scope.value,
        "stages": _stages(scope, ahead, session, "&for=one" if request.GET.get("for") == "one" else ""),
        "crumbs": crumbs_of(session, title),
        "expert_name": name_for(request.user, session.expert, Stage.AFTER) if session.expert else "",
    }


def _both_of(session: Session, scope: Scope, at: datetime) -> list[Session]:
    """The sessions of both experts that the scope means."""
    return series.covered(session, scope, at=at, both=True) if other_of(session.order) else []


def _for_whom(
    request: Request, session: Session, whole: list[Session], scope: Scope, *, both: bool
) -> list[dict[str, Any]]:
    """The choice: both experts, or the one whose session this is; with how many sessions it means."""
    own = sum(one.order_id == session.order_id for one in whole)
    name = name_for(request.user, session.expert, Stage.AFTER) if session.expert else ""
    address = f"?scope={scope.value}&for="
    return [
        {"count": len(whole), "label": _("For both experts"), "detail": "", "url": f"{address}both", "current": both},
        {"count": own, "label": _("Only %(expert)s") % {"expert": name}, "detail": "", "url": f"{address}one",
         "current": not both},
    ]  # fmt: skip


def _gone(request: Request, session: Session) -> HttpResponse:
    messages.error(request, _("This session can no longer be changed. Look at the page again."))
    return back_to(session)


# --- cancelling several ----------------------------------------------------------------------------------------------


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def series_cancel(request: Request, pk: int) -> HttpResponse:
    """Says how many sessions and what it costs, then cancels them; something else meanwhile is asked again (T1)."""
    at = timezone.now()
    found = session_of(request, pk)
    parts = acts_as(request.user, found.unit_id, found.expert)
    events = [event for event in series.EVENTS if parts & EVENT_ROLES[event]]
    ahead = series.covered(found, Scope.AHEAD, at=at)
    if not events or found.pk not in {one.pk for one in ahead}:
        return _gone(request, found)
    own = parts <= {Role.EXPERT}
    scope = _scope(request)
    whole = _both_of(found, scope, at) if parts & UNIT_SIDE else []
    may_both = any(one.order_id != found.order_id for one in whole)
    data = request.POST.copy() if request.method == "POST" else None
    said = data.get("event", events[0].value) if data is not None else events[0].value
    both = may_both and said == Event.ORDERER_CANCELLED and request.GET.get("for") != "one"
    sessions = whole if both else _of(scope, ahead, found)
    form = CancelForm(data, events=events, own=own)
    event, received, again = events[0], None, ""
    if data is not None and form.is_valid():
        event, received = Event(form.cleaned_data["event"]), form.cleaned_data.get("received_at")
        try:
            done = actions.cancel_series(
                found, scope, event, seen=form.cleaned_data["seen"], by=request.user, at=at, received_at=received,
                told_by=form.cleaned_data["told_by"], both=both,
            )  # fmt: skip
        except SeenOther as other:
            again = str(other.message)
        except RuleError as error:
            tell(form, error)
            received = None
        else:
            messages.success(request, _("Cancelled: %(words)s.") % {"words": done.words})
            return back_to(found)
    try:
        meaning = series.preview_cancel(sessions, event, at=at, received_at=received)
    except RuleError:
        meaning = Cancelling([])
    if data is not None:
        data["seen"] = meaning.seal
    context = _page(request, found, _("Cancel several sessions"), scope, ahead) | {
        "for_whom": _for_whom(request, found, whole, scope, both=both) if may_both else [],
        "both": both,
        "form": form,
        "again": again,
        "meaning": meaning,
        "seal": meaning.seal,
        "own": own,
        "now": at,
        "verb": _("Cancel: %(words)s") % {"words": meaning.words},
    }
    return render(request, "assignments/series_cancel.html", context)


# --- another place ---------------------------------------------------------------------------------------------------


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def series_place(request: Request, pk: int) -> HttpResponse:
    """Another place for the sessions."""
    at = timezone.now()
    found = session_of(request, pk)
    ahead = series.covered(found, Scope.AHEAD, at=at)
    parts = acts_as(request.user, found.unit_id, found.expert)
    if not parts & UNIT_SIDE or found.pk not in {one.pk for one in ahead}:
        return _gone(request, found)
    scope = _scope(request)
    sessions = _both_of(found, scope, at) or _of(scope, ahead, found)
    form = PlaceForm(request.POST or None, initial={"place": found.place})
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.change_place(
                found, scope, form.cleaned_data["place"], seen=form.cleaned_data["seen"] or 0, by=request.user, at=at
            )
        except RuleError as error:
            tell(form, error)
        else:
            words = ngettext("%(count)s session has the new place.", "%(count)s sessions have the new place.", count)
            messages.success(request, words % {"count": count})
            return back_to(found)
    context = _page(request, found, _("Change the place"), scope, ahead) | {"form": form, "sessions": sessions}
    return render(request, "assignments/series_place.html", context)


# --- moving several --------------------------------------------------------------------------------------------------


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def series_move(request: Request, pk: int) -> HttpResponse:
    """Shows every new time with its limit and fee, and what stays as it is; then asks the other side once for all."""
    at = timezone.now()
    found = session_of(request, pk)
    parts = acts_as(request.user, found.unit_id, found.expert)
    ahead = series.covered(found, Scope.AHEAD, at=at)
    if not parts or found.pk not in {one.pk for one in ahead}:
        return _gone(request, found)
    by_expert = not parts & UNIT_SIDE
    scope = _scope(request)
    sessions = series_moves.both_covered(found, scope, at=at)
    form = ShiftForm(request.POST or None, session=found, by_expert=by_expert)
    meaning, cancel, again = None, None, ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        meaning = series_moves.preview_moves(
            sessions, form.shift, at=at, by_expert=by_expert, days_off=said["days_off"]
        )
        if said.get("cancel_if_declined"):
            cancel = series.preview_cancel([one.session for one in meaning.proposed], Event.ORDERER_CANCELLED, at=at)
        if request.POST.get("do") == "propose":
            try:
                made = actions.move_series(
                    found, scope, form.shift, seen=said["seen"], by=request.user, at=at, days_off=said["days_off"],
                    cancel_if_declined=bool(said.get("cancel_if_declined")), reason=said["reason"],
                )  # fmt: skip
            except SeenOther as other:
                again = str(other.message)
            except RuleError as error:
                tell(form, error)
            else:
                words = ngettext(
                    "%(count)s new time is proposed. The session stays as it is until the answer.",
                    "%(count)s new times are proposed. The sessions stay as they are until the answer.",
                    len(made),
                )
                messages.success(request, words % {"count": len(made)})
                return redirect("assignments:moves", made[0].pk)
    count = len(meaning.proposed) if meaning else 0
    context = _page(request, found, _("Move several sessions"), scope, ahead) | {
        "form": form,
        "again": again,
        "meaning": meaning,
        "seal": meaning.seal if meaning else "",
        "cancel": cancel,
        "by_expert": by_expert,
        "count": len(sessions),
        "at": at,
        "verb": ngettext("Propose %(count)s new time", "Propose %(count)s new times", count) % {"count": count},
    }
    return render(request, "assignments/series_move.html", context)


def _move(request: Request, pk: int) -> Move:
    rows = Move.objects.select_related(
        "session__order__unit", "session__order__companion__expert__user", "session__order__lead__expert__user",
        "session__expert__user", "session__unit", "proposed_by",
    )  # fmt: skip
    return get_object_or_404(rows.filter(session__in=Session.objects.visible_to(request.user)), pk=pk)


@requires(MARK_OUTCOME)
@require_GET
def moves(request: Request, pk: int) -> HttpResponse:
    """The new times that were proposed together, what a yes and a no mean, and the answer for all."""
    at = timezone.now()
    move = _move(request, pk)
    session = move.session
    rows = list(together(move))
    waiting = [one for one in rows if one.state in OPEN_MOVES and one.session.state == SessionState.AGREED]
    said_yes = bool(waiting) and all(one.state == MoveState.SUITS for one in waiting)
    with_other = list(of_other(move))
    limits = Conditions()
    limits.read_policies(one.starts_at for one in rows)
    parts = acts_as(request.user, session.unit_id, session.expert)
    late = [
        one.session for one in waiting
        if one.session.free_until is not None and not is_free(one.proposed_at, one.session.free_until)
    ]  # fmt: skip
    context = {
        "move": move,
        "session": session,
        "rows": [(one, limits.free_until(one.starts_at)) for one in rows],
        "count": len(waiting),
        "late": len(late),
        "late_sum": sum((one.agreed_fee or ZERO for one in late), Decimal(0)),
        "own": bool(parts) and parts <= {Role.EXPERT},
        "may_answer": bool(waiting) and not said_yes and bool(parts & answerers(move)),
        "may_withdraw": bool(waiting) and (bool(parts & proposers(move)) or move.proposed_by_id == request.user.pk),
        "said_yes": said_yes,
        "other": with_other[0] if with_other else None,
        "other_waits": any(one.state == MoveState.WAITING for one in with_other),
        "other_name": name_of_other(request.user, with_other[0].session.order) if with_other else "",
        "sees_other": bool(parts & UNIT_SIDE),
        "proposed_by": proposer_name(request.user, move, session),
        "crumbs": crumbs_of(session, _("New times")),
        "at": at,
    }
    return render(request, "assignments/moves.html", context)


def _expected(request: Request) -> int:
    """How many the person saw."""
    text = request.POST.get("expected", "")
    return int(text) if text.isdecimal() and len(text) < 6 else -1


@requires(MARK_OUTCOME)
@require_POST
def moves_accept(request: Request, pk: int) -> HttpResponse:
    """Yes to all of them."""
    move = _move(request, pk)
    new = actions.accept_moves(move, expected=_expected(request), by=request.user, at=timezone.now())
    if Move.objects.filter(pk=pk, state=MoveState.SUITS).exists():
        messages.success(request, _("Noted. They are moved when the other one has said yes too."))
        return redirect("assignments:moves", pk)
    words = ngettext("%(count)s new time is agreed.", "%(count)s new times are agreed.", len(new))
    messages.success(request, words % {"count": len(new)})
    return redirect("assignments:moves", pk)


@requires(MARK_OUTCOME)
@require_POST
def moves_decline(request: Request, pk: int) -> HttpResponse:
    """No to all of them."""
    kept = actions.decline_moves(_move(request, pk), expected=_expected(request), by=request.user, at=timezone.now())
    cancelled = [one for one in kept if one.state == SessionState.CLOSED]
    words = _("The sessions stay as they were agreed.")
    if cancelled:
        count = len(cancelled)
        total = sum((one.fee + one.travel_fee for one in cancelled), Decimal(0))
        words = ngettext(
            "%(count)s session is cancelled: %(total)s is paid.",
            "%(count)s sessions are cancelled: %(total)s is paid.",
            count,
        ) % {"count": count, "total": texts.money(total)}  # fmt: skip
    messages.success(request, words)
    return redirect("assignments:moves", pk)


@requires(MARK_OUTCOME)
@require_POST
def moves_withdraw(request: Request, pk: int) -> HttpResponse:
    """The proposing side takes all of them back."""
    actions.withdraw_moves(_move(request, pk), expected=_expected(request), by=request.user, at=timezone.now())
    messages.success(request, _("The proposal is taken back."))
    return redirect("assignments:moves", pk)
