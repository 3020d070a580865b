"""Ordering in steps: what, when, who, fee and travel, check.

The draft is an order in the database after step 1, so that what was typed survives an error, another tab and a
time-out. Nothing needs JavaScript.
"""

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assignments import find as finding
from assignments.access import FIND, ORDER
from assignments.actions import save_draft, submit
from assignments.actions.common import check_trained
from assignments.find import Wanted
from assignments.forms import (
    MOST_TIMES,
    ROW,
    SUGGEST,
    BaseTimesFormSet,
    CheckForm,
    FeeForm,
    FindForm,
    RepeatForm,
    Row,
    WhatForm,
    WhoForm,
    checked_times,
    edited,
    filled,
    initial_what,
    repeated,
    row_of,
    shown_times,
    span_of,
    typed_rows,
)
from assignments.models import Order
from assignments.preview import Fees, item_words, read_times
from assignments.states import OrderState, SessionState
from experts.models import Expert, Topic
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.choices import NAMED, ORDERERS, Role
from office.errors import RuleError
from office.forms import tell
from office.models import Unit, User
from office.workdays import local_date

STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("what", gettext_lazy("What")),
    ("when", gettext_lazy("When")),
    ("who", gettext_lazy("Who")),
    ("fee", gettext_lazy("Fee and travel")),
    ("check", gettext_lazy("Check your answers")),
)
NUMBER = {name: number for number, (name, _label) in enumerate(STEPS, 1)}
#: Where a search is remembered between "order with this expert" and step 1.
START = "order_start"
MOST_FOUND = 10
MOST_WHEN_ASKED = 100


def units_of(user: User) -> list[Unit]:
    """The units in which the person may order; the coordinator in all."""
    units = Unit.objects.filter(is_active=True)
    if not user.has_role(Role.COORDINATOR):
        units = units.filter(pk__in=user.holdings.units_as(*ORDERERS))
    return list(units)


def may_change(user: User, order: Order) -> bool:
    """A draft by whoever may order in the unit; one that waits for confirmation by the named employee (R1)."""
    if user.has_role(Role.COORDINATOR):
        return order.state in {OrderState.DRAFT, OrderState.TO_CONFIRM}
    if order.state == OrderState.DRAFT:
        return user.holdings.holds(ORDERERS, order.unit_id)
    return order.state == OrderState.TO_CONFIRM and user.holdings.holds(NAMED, order.unit_id)


def draft_of(request: HttpRequest, pk: int) -> Order:
    """The order behind a step. 404 when it is not of the person's units."""
    user = _user(request)
    orders = Order.objects.visible_to(user).select_related("unit", "topic", "expert", "orderer")
    if not user.has_role(Role.COORDINATOR):
        orders = orders.filter(unit__in=user.holdings.units_as(*ORDERERS))
    return get_object_or_404(orders, pk=pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; nothing when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _times(order: Order) -> list[tuple[datetime, datetime]]:
    planned = order.sessions.filter(state=SessionState.PLANNED).order_by("starts_at")
    return list(planned.values_list("starts_at", "ends_at"))


def _save(order: Order, by: User, at: datetime, **changes: Any) -> Order:
    """Rewrites the draft with some answers changed."""
    kept = ("unit", "kind", "task", "language", "place", "remote", "topic", "expert", "wish")
    money = ("agreed_amount", "fee_declined", "travel_km")
    values = {name: getattr(order, name) for name in (*kept, *money)}
    if "times" not in changes:
        changes["times"] = _times(order)
    return save_draft(order, by=by, at=at, **(values | changes))


def _on(request: HttpRequest, order: Order, step: str) -> HttpResponse:
    """To the next step; back to the answers when the person came from there."""
    target = "check" if request.GET.get("to") == "check" else step
    return redirect(f"assignments:order_{target}", order.pk)


def _gone(request: HttpRequest, order: Order) -> HttpResponse | None:
    """The order itself, when there is nothing to write any more: a second sending is harmless."""
    if may_change(_user(request), order):
        return None
    if order.state == OrderState.DRAFT or request.method == "GET":
        return redirect("assignments:order", order.pk)
    messages.info(request, _("The order has been sent already."))
    return redirect("assignments:order", order.pk)


def _step(request: HttpRequest, step: str, order: Order | None, **context: Any) -> HttpResponse:
    number = NUMBER[step]
    back = ""
    if order is not None and request.GET.get("to") == "check":
        back = reverse("assignments:order_check", args=[order.pk])
    elif order is not None and number > 1:
        back = reverse(f"assignments:order_{STEPS[number - 2][0]}", args=[order.pk])
    context |= {"order": order, "number": number, "label": STEPS[number - 1][1], "steps": len(STEPS), "back": back}
    return render(request, f"assignments/order_{step}.html", context)


# --- from the search -------------------------------------------------------------------------------------------------


@requires(FIND)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Remembers the search and the chosen expert, and opens step 1. The topic never stands in an address."""
    names = ("expert", "topic", "language", "kind", "way", "day", "start", "end")
    request.session[START] = {name: request.POST.get(name, "")[:40] for name in names}
    return redirect("assignments:order_new")


def _started(request: HttpRequest, at: datetime) -> dict[str, Any]:
    """What the search brings along: the expert and the time, when they still hold."""
    searched = request.session.get(START) or {}
    brought: dict[str, Any] = {}
    if str(searched.get("expert", "")).isdigit():
        findable = Expert.objects.findable_by(_user(request), local_date(at))
        brought["expert"] = findable.filter(pk=searched["expert"]).first()
    time = span_of({name: searched.get(name, "") for name in ROW})
    if time and time[0] > at:
        brought["times"] = [time]
    return brought


# --- 1 what ----------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Step 1 of a new order."""
    at, user = timezone.now(), _user(request)
    searched = request.session.get(START) or {}
    initial = {name: searched[name] for name in ("topic", "language", "kind") if searched.get(name)}
    initial.setdefault("language", "sv" if translation.get_language() == "sv" else "fi")
    initial["remote"] = searched.get("way") == "remote"
    form = WhatForm(posted(request), units=units_of(user), initial=initial)
    if form.is_valid():
        try:
            order = save_draft(None, by=user, at=at, **_what(form), **_started(request, at))
        except RuleError as error:
            tell(form, error)
        else:
            request.session.pop(START, None)
            return redirect("assignments:order_when", order.pk)
    return _step(request, "what", None, form=form)


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def what(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 1 of an order that is being written."""
    at, user, order = timezone.now(), _user(request), draft_of(request, pk)
    if gone := _gone(request, order):
        return gone
    form = WhatForm(posted(request), units=units_of(user), initial=initial_what(order))
    if form.is_valid():
        changes = _what(form)
        if changes["kind"] != order.kind:
            changes["agreed_amount"] = None  # it was agreed for another kind of work
        try:
            _save(order, user, at, **changes)
        except RuleError as error:
            tell(form, error)
        else:
            return _on(request, order, "when")
    return _step(request, "what", order, form=form)


def _what(form: WhatForm) -> dict[str, Any]:
    answers = form.cleaned_data
    topic = Topic.objects.get(pk=answers["topic"]) if answers["topic"] else None
    names = ("kind", "task", "language", "remote", "place")
    return {name: answers[name] for name in names} | {"unit": form.chosen_unit, "topic": topic}


# --- 2 when ----------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def when(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: rows are added, removed and repeated by the server, with all that was typed kept."""
    at, order = timezone.now(), draft_of(request, pk)
    if gone := _gone(request, order):
        return gone
    if request.method == "GET":
        return _when(request, order, [row_of(span) for span in _times(order)], at)
    rows, do, repeat = typed_rows(request.POST), request.POST.get("do", "next"), RepeatForm()
    if do == "repeat" or (do == "next" and request.POST.get("count")):
        repeat = RepeatForm(request.POST)
        series = repeated(rows, repeat)
        if series is None:
            return _when(request, order, rows, at, repeat=repeat)
        rows, repeat = series, RepeatForm()
    if do != "next":
        return _when(request, order, edited(rows, do), at)
    rows = filled(rows)
    times = checked_times(rows, at)
    if times.is_valid():
        try:
            _save(order, _user(request), at, times=times.times)
        except RuleError as error:
            times.non_form_errors().append(str(error.message))
        else:
            return _on(request, order, "who")
    return _when(request, order, rows, at, times=times)


def _when(
    request: HttpRequest,
    order: Order,
    rows: list[Row],
    at: datetime,
    *,
    times: BaseTimesFormSet | None = None,
    repeat: RepeatForm | None = None,
) -> HttpResponse:
    """The page, each row with what its time would mean as far as it can be read."""
    rows = rows or filled(rows)
    spans = [span_of(row) for row in rows]
    read = {(time.starts_at, time.ends_at): time for time in read_times([span for span in spans if span], at)}
    times = times or shown_times(rows, at)
    told = [(form, read.get(span) if span else None) for form, span in zip(times.forms, spans, strict=True)]
    return _step(request, "when", order, times=times, rows=told, repeat=repeat or RepeatForm(), most=MOST_TIMES)


# --- 3 who -----------------------------------------------------------------------------------------------------------


def wanted_for(order: Order, times: list[tuple[datetime, datetime]], *, wide: bool) -> Wanted:
    """What the order asks for; `wide`: without topic and language."""
    return Wanted(
        topic_id=None if wide else order.topic_id,
        language="" if wide else order.language,
        kind=order.kind,
        remote=order.remote,
        times=times,
    )


def can_take(user: User, order: Order, times: list[tuple[datetime, datetime]], at: datetime) -> bool:
    """Whether the chosen expert is still free and covered (the same question as the search, R10)."""
    asked = Wanted(kind=order.kind, times=times)
    return order.expert_id is None or finding.find(user, asked, at=at).filter(pk=order.expert_id).exists()


def cannot_words(order: Order, times: list[tuple[datetime, datetime]]) -> str:
    """Why the chosen expert cannot take it: the training that is missing, else busy or without a contract."""
    if order.expert is None:
        return ""
    try:
        check_trained(order.expert, order.kind, times)
    except RuleError as error:
        return str(error.message)
    return _("%(expert)s is not free at all these times, or has no contract for them.") % {
        "expert": order.expert.short_name
    }


def candidates(
    request: HttpRequest, order: Order, times: list[tuple[datetime, datetime]], at: datetime
) -> tuple[list[finding.Found], bool]:
    """Whom the page offers, and whether there are more. The expert named already or posted comes along if possible."""
    user, wide = _user(request), "wide" in request.GET
    wanted = wanted_for(order, times, wide=wide)
    if request.method == "GET":
        finding.note_search(user, wanted, at=at)
    language = translation.get_language() or "fi"
    most = MOST_WHEN_ASKED if "all" in request.GET else MOST_FOUND
    found = finding.present(finding.find(user, wanted, at=at)[: most + 1], user, language)
    more = len(found) > most
    found = found[:most]
    chosen = request.POST.get("expert", "") if request.method == "POST" else str(order.expert_id or "")
    if chosen.isascii() and chosen.isdigit() and int(chosen) not in {expert.pk for expert in found}:
        also = finding.find(user, wanted_for(order, times, wide=True), at=at).filter(pk=int(chosen))
        found = finding.present(also, user, language) + found
    if request.method == "GET":
        finding.note_shown(user, found, at=at)
    return found, more


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def who(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: those who are free and covered at all the times, or a wish to the coordinator."""
    at, user, order = timezone.now(), _user(request), draft_of(request, pk)
    if gone := _gone(request, order):
        return gone
    times = _times(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    found, more = candidates(request, order, times, at)
    named = str(order.expert_id) if order.expert_id else SUGGEST if order.wish else ""
    form = WhoForm(posted(request), found=found, initial={"expert": named, "wish": order.wish})
    if form.is_valid():
        chosen = form.cleaned_data["expert"]
        expert = None if chosen == SUGGEST else Expert.objects.findable_by(user, local_date(at)).get(pk=chosen)
        try:
            _save(order, user, at, expert=expert, wish="" if expert else form.cleaned_data["wish"], times=times)
        except RuleError as error:
            tell(form, error)
        else:
            return _on(request, order, "fee")
    shown = {expert.pk for expert in found}
    busy = order.expert.short_name if order.expert and order.expert_id not in shown else ""
    options = list(form["expert"].subwidgets)
    return _step(
        request, "who", order, form=form, suggest=options[0], options=list(zip(options[1:], found, strict=True)),
        more=more, busy=busy, wide="wide" in request.GET, count=len(times),
    )  # fmt: skip


# --- 4 fee and travel ------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def fee(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: the fee in words, the amount when it is to be agreed, the travel; what each time pays."""
    at, order = timezone.now(), draft_of(request, pk)
    if gone := _gone(request, order):
        return gone
    times = _times(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    fees = Fees(order, times[0][0])
    initial = {"agreed_amount": order.agreed_amount, "travel_km": order.travel_km}
    form = FeeForm(posted(request), item=fees.ranged, travel=fees.travel, initial=initial)
    if form.is_valid():
        changes = {name: form.cleaned_data.get(name) for name in initial}
        if request.POST.get("do") != "count":
            try:
                _save(order, _user(request), at, times=times, **changes)
            except RuleError as error:
                tell(form, error)
            else:
                return _on(request, order, "check")
        for name, value in changes.items():
            setattr(order, name, value)
    sums = fees.sums(read_times(times, at))
    return _step(request, "fee", order, form=form, fees=fees, words=_fee_words(fees), sums=sums, total=_total(sums))


def _fee_words(fees: Fees) -> list[tuple[Any, str]]:
    return [*fees.words(), *((item, item_words(item)) for item in [fees.travel] if item)]


def _total(sums: list[Any]) -> Any:
    return None if any(one.problem for one in sums) else sum(one.total for one in sums)


# --- 5 check ---------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 5: all answers with links to change them, then send. A second sending leads to the order."""
    at, user, order = timezone.now(), _user(request), draft_of(request, pk)
    if gone := _gone(request, order):
        return gone
    times = _times(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    fees = Fees(order, times[0][0])
    sums = fees.sums(read_times(times, at))
    late = [one.time for one in sums if one.time.late]
    form = CheckForm(posted(request), late=bool(late))
    writing = order.state == OrderState.DRAFT
    if form.is_valid() and writing:
        try:
            order = submit(order, by=user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _sent(order))
            return redirect("assignments:order", order.pk)
    problems = {one.problem for one in sums if one.problem}
    if not can_take(user, order, times, at):
        problems.add(cannot_words(order, times))
    return _step(
        request, "check", order, form=form, sums=sums, total=_total(sums), fees=fees, words=_fee_words(fees),
        late=late, problems=sorted(problems), confirms=user.holdings.holds(NAMED, order.unit_id), writing=writing,
        expert_name=expert_name(user, order),
    )  # fmt: skip


def _sent(order: Order) -> str:
    if order.state == OrderState.OFFERED and order.expert:
        return _("The order is confirmed, and %(expert)s has been asked.") % {"expert": order.expert.short_name}
    if order.state == OrderState.LOOKING:
        return _("The order is confirmed. The coordinator looks for an expert.")
    return _("The order has been sent to the named employee of the unit to be confirmed.")


def expert_name(user: User, order: Order) -> str:
    """As the expert has agreed to be shown: never the surname before the work is agreed (R5)."""
    return name_for(user, order.expert, stage_of(order)) if order.expert else ""


def stage_of(order: Order) -> Stage:
    """What of the expert the unit may see by now."""
    return Stage.AFTER if order.state == OrderState.AGREED else Stage.BEFORE


def search_of(form: FindForm) -> dict[str, str]:
    """What the search hands on to `start`, as it was typed."""
    names = ("topic", "language", "kind", "way", *ROW)
    return {name: form.data.get(name, "") for name in names}
