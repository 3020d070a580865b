"""Moving a session: the page that proposes a new time, and the answers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assignments import actions, texts
from assignments.access import MARK_OUTCOME
from assignments.actions.moves import UNIT_SIDE
from assignments.actions.people import acts_as
from assignments.forms_sessions import MoveForm
from assignments.models import Move, Session
from assignments.pair_pages import why_alone_moved
from assignments.pairs import at_the_same_time, name_of_other
from assignments.rules import is_free
from assignments.states import SessionState
from assignments.views_sessions import back_to, crumbs_to, session_of
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(MARK_OUTCOME)
@require_http_methods(["GET", "POST"])
def session_move(request: Request, pk: int) -> HttpResponse:
    """Proposes a new time: first shows what it would mean, then asks the other side."""
    at = timezone.now()
    found = session_of(request, pk)
    parts = acts_as(request.user, found.unit_id, found.expert)
    if found.state != SessionState.AGREED or at >= found.starts_at or not parts:
        messages.error(request, _("This session can no longer be moved."))
        return back_to(found)
    by_expert = not parts & UNIT_SIDE
    form = MoveForm(request.POST or None, session=found, by_expert=by_expert)
    beside = at_the_same_time(found)
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
                return back_to(found)
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
        "beside": beside,
        "beside_name": name_of_other(request.user, beside.order) if beside else "",
        "alone": why_alone_moved(request.user, found) if beside is None else "",
        "sum": (found.agreed_fee or 0) + ((beside.agreed_fee or 0) if beside else 0),
        "crumbs": crumbs_to(found, _("Move to a new time")),
    }
    return render(request, "assignments/session_move.html", context)


def _move(request: Request, pk: int) -> Move:
    rows = Move.objects.select_related("session__order", "session__expert__user", "proposed_by")
    return get_object_or_404(rows.filter(session__in=Session.objects.visible_to(request.user)), pk=pk)


@requires(MARK_OUTCOME)
@require_POST
def move_accept(request: Request, pk: int) -> HttpResponse:
    """The other side's yes."""
    move = _move(request, pk)
    new = actions.accept_move(move, by=request.user, at=timezone.now())
    if new.pk == move.session_id:
        messages.success(request, _("Noted. It is moved when the other one has said yes too."))
        return back_to(new)
    messages.success(request, _("The new time is agreed: %(time)s.") % {"time": texts.span(new.starts_at, new.ends_at)})
    return back_to(new)


@requires(MARK_OUTCOME)
@require_POST
def move_decline(request: Request, pk: int) -> HttpResponse:
    """The other side's no."""
    kept = actions.decline_move(_move(request, pk), by=request.user, at=timezone.now())
    words = texts.describe_outcome(kept) or _("The session stays as it was agreed.")
    messages.success(request, words)
    return back_to(kept)


@requires(MARK_OUTCOME)
@require_POST
def move_withdraw(request: Request, pk: int) -> HttpResponse:
    """The proposing side takes it back."""
    move = _move(request, pk)
    actions.withdraw_move(move, by=request.user, at=timezone.now())
    messages.success(request, _("The proposal is taken back."))
    return back_to(move.session)
