"""The expert's month: every agreed time is already a row."""

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions as assignments
from assignments.models import Session
from assignments.texts import money
from experts.models import Expert
from fees import actions, paper
from fees.access import OWN_STATEMENTS, SEND_HOURS, WRITE_FOR_OTHERS
from fees.dates import dates_of
from fees.drafts import FIELDS, in_words, seen_of, typed_words
from fees.forms import AS_AGREED, SessionForm
from fees.models import HourList, RunDocument
from fees.month import Month, has_unsent, lately, month_of_expert, year_of
from fees.rules import first_of, month_before
from fees.views_board import month_from
from fees.writing import writes_all
from office import typed
from office.access import requires
from office.choices import NAMED, Role
from office.errors import RuleError
from office.forms_rendering import all_problems
from office.models import User
from office.requests import Request
from office.workdays import local_date


def expert_of(request: Request, expert_pk: int | None) -> Expert:
    """Oneself; for the coordinator anybody, for a named employee who works in the unit (without a device)."""
    experts = Expert.objects.select_related("user")
    if expert_pk is None:
        return get_object_or_404(experts, user=request.user)
    if not request.user.has_role(Role.COORDINATOR):
        own = Q(user=request.user) if request.user.has_role(Role.EXPERT) else Q()
        experts = experts.filter(own | Exists(_at_unit_of(request.user).filter(expert=OuterRef("pk"))))
    return get_object_or_404(experts, pk=expert_pk)


def _at_unit_of(user: User) -> QuerySet[Session]:
    """Work at the units of which the person is the named employee or the deputy."""
    return Session.objects.filter(unit__in=user.holdings.units_as(*NAMED), state__in=["agreed", "closed"])


def _works_for(expert: Expert, user: User) -> bool:
    return _at_unit_of(user).filter(expert=expert).exists()


def _waiting_month(expert: Expert) -> date:
    """The last month while something of it has not left, else this one."""
    this = first_of(local_date(timezone.now()))
    last = month_before(this)
    return last if has_unsent(expert, last) else this


def address_of(expert: Expert, month: date, request: Request) -> str:
    if expert.user_id == request.user.pk:
        return reverse("fees:my_month_of", args=[f"{month:%Y-%m}"])
    return reverse("fees:month_of_expert", args=[expert.pk, f"{month:%Y-%m}"])


@requires(SEND_HOURS)
@require_http_methods(["GET", "POST"])
def my_month(request: Request, month: str | None = None, expert_pk: int | None = None) -> HttpResponse:
    """Mark how each time went, save, send."""
    expert = expert_of(request, expert_pk)
    if month is None:
        return redirect(address_of(expert, _waiting_month(expert), request))
    when = month_from(month)
    now = timezone.now()
    page = month_of_expert(expert, when, by=request.user, at=now)
    left = typed.taken_up(request)
    data = _with_all_as_agreed(request, page) if request.method == "POST" else left
    forms = {
        row.session.pk: SessionForm(row.session, data, by=request.user, typed=row.draft.values if row.draft else None)
        for row in page.rows
        if row.can_mark
    }
    refusal = ""
    meanwhile: dict[int, str] = {}
    if request.method == "POST":
        wrong = [form for form in forms.values() if not form.is_valid()]  # every form is looked at
        if meanwhile := _changed_meanwhile(request, page, forms):
            refusal = _("Something was changed in another window or by somebody else. Nothing was saved yet.")
        elif not wrong:
            try:
                return _save(request, expert, when, forms)
            except RuleError as error:
                refusal = str(error.message)
        else:
            refusal = _("Nothing was saved yet. Mend what is marked below.")
    dates = dates_of(when)
    context = {
        "expert": expert,
        "own": expert.user_id == request.user.pk,
        "page": page,
        "rows": [(row, forms.get(row.session.pk), meanwhile.get(row.session.pk, "")) for row in page.rows],
        "left": left is not None,
        "drafts": sum(row.draft is not None for row in page.rows),
        "problems": all_problems(forms.values()),
        "refusal": refusal,
        "can_save": bool(forms),
        "dates": dates,
        "lists": [(list_, list_.came_late(dates.due)) for list_ in page.lists],
        "months": [(found, address_of(expert, found, request)) for found in lately(now)],
        "address": address_of(expert, when, request),
        "add_row": f"{address_of(expert, when, request)}add/",
        "statements": page.statements,
        "number": paper.number_of(expert, when),
        "year": year_of(expert, local_date(now).year) if writes_all(expert, request.user) else None,
    }
    status = 409 if meanwhile else 422 if refusal else 200
    return render(request, "fees/my_month.html", context, status=status)


def _changed_meanwhile(request: Request, page: Month, forms: dict[int, SessionForm]) -> dict[int, str]:
    """What stands on the server now, by session, where the sent page had seen something else and says another thing.

    The form keeps what was typed and has seen what is there by now: saving again keeps what was typed.
    """
    found = {}
    for row in page.rows:
        pk, seen = row.session.pk, request.POST.get(f"s{row.session.pk}-seen")
        form = forms.get(pk)
        if seen is None or seen == row.seen:
            continue
        there = in_words(row.session, row.draft)
        if form is None:  # somebody of the unit has marked it: it cannot be typed over any more
            typed_there = typed_words({name: request.POST.get(f"s{pk}-{name}", "") for name in FIELDS})
            found[pk] = _("There now: %(there)s You had typed: %(typed)s") % {"there": there, "typed": typed_there}
        elif not form.is_valid() or form.says_something_new:
            found[pk] = _("There now: %(there)s What you typed is below. Save again to keep yours.") % {"there": there}
    return found


def _with_all_as_agreed(request: Request, page: Month) -> dict[str, str]:
    """What was posted; the button “all as agreed” fills what was left open."""
    data = {name: str(value) for name, value in request.POST.items()}
    if data.get("act") == "all":
        for row in page.rows:
            if row.to_mark and not data.get(f"s{row.session.pk}-choice"):
                data[f"s{row.session.pk}-choice"] = AS_AGREED
    return data


def _save(request: Request, expert: Expert, month: date, forms: dict[int, SessionForm]) -> HttpResponse:
    """Marks what is new, and sends when asked to: all or nothing."""
    now = timezone.now()
    with transaction.atomic():
        changed = 0
        for form in forms.values():
            marks = form.marks
            if marks is None or not form.says_something_new:
                continue
            session = form.session
            event = marks.pop("event")
            if session.state == "closed":
                marks["receipts"] = session.receipts if form.keeps_receipts else None
                session = assignments.undo_outcome(session, by=request.user, at=now)
            assignments.record_outcome(session, event, by=request.user, at=now, **marks)
            changed += 1
        sent = []
        if request.POST.get("act") == "send":
            sent = actions.send_month(expert, month, by=request.user, at=now)
        for form in forms.values():  # the mark is what was typed: nothing of the draft is left to save
            if form.marks is not None:
                actions.drop_drafts(form.session)
    typed.forget(request)
    if sent:
        total = sum((holds.total for holds in actions.sums_of([list_.pk for list_ in sent]).values()), Decimal(0))
        messages.success(
            request,
            ngettext("Sent to %(count)s unit.", "Sent to %(count)s units.", len(sent)) % {"count": len(sent)}
            + " "
            + _("Altogether %(total)s.") % {"total": money(total)},
        )
    elif changed:
        words = ngettext("Saved: %(count)s time.", "Saved: %(count)s times.", changed)
        messages.success(request, words % {"count": changed})
    else:
        messages.info(request, _("Nothing had changed."))
    return redirect(address_of(expert, month, request))


@requires(SEND_HOURS)
@require_GET
def hour_paper(request: Request, month: str, expert_pk: int | None = None) -> HttpResponse:
    """The month on paper in large print, in Finnish or Swedish: to be filled by hand and sent back. Changes nothing."""
    expert = expert_of(request, expert_pk)
    when = month_from(month)
    now = timezone.now()
    language = request.GET.get("language", expert.language)
    if language not in paper.LANGUAGES:
        raise Http404
    page = month_of_expert(expert, when, by=request.user, at=now)
    rows = [row for row in page.counted if not row.locked]
    made = paper.hour_paper(expert, when, rows, due=dates_of(when).due, language=language, at=now)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="hours-{when:%Y-%m}-{expert.pk}-{language}.pdf"'
    return answer


@requires(WRITE_FOR_OTHERS)
@require_GET
def paper_back(request: Request) -> HttpResponse:
    """A paper came back: its number leads to the month in which it is written, all rows on one page."""
    found = paper.read_number(request.GET.get("number", ""))
    expert = Expert.objects.filter(pk=found[0]).first() if found else None
    if found and expert and (writes_all(expert, request.user) or _works_for(expert, request.user)):
        return redirect(address_of(expert, found[1], request))
    messages.error(
        request, _("There is no list of this number here. It stands at the top of the paper, like 12-2026-10.")
    )
    coordinator = request.user.has_role(Role.COORDINATOR)
    return redirect("fees:board" if coordinator else "fees:check")


@requires(SEND_HOURS)
@require_POST
def row_draft(request: Request, pk: int) -> HttpResponse:
    """Keeps what is typed about a time while it is typed; answers with the words for the row."""
    session = get_object_or_404(
        Session.objects.visible_to(request.user).select_related("expert__user"), pk=pk, expert__isnull=False
    )
    now = timezone.now()
    values = {name: request.POST[key] for name in FIELDS if (key := f"s{pk}-{name}") in request.POST}
    context: dict[str, object] = {"pk": pk, "seen": request.POST.get(f"s{pk}-seen", ""), "draft": None, "problem": ""}
    try:
        draft = actions.save_draft(session, values, seen=str(context["seen"]), by=request.user, at=now)
    except RuleError as error:
        context["problem"] = str(error.message)
    else:
        context |= {"draft": draft, "seen": seen_of(session, draft)}
    return render(request, "fees/_draft.html", context)


@requires(SEND_HOURS)
@require_POST
def take_back(request: Request, pk: int) -> HttpResponse:
    """Takes a sent list back, until it is approved."""
    hour_list = get_object_or_404(HourList.objects.visible_to(request.user).select_related("expert__user"), pk=pk)
    actions.take_back(hour_list, by=request.user, at=timezone.now())
    messages.success(request, _("The list is with you again. Remember to send it."))
    return redirect(address_of(hour_list.expert, hour_list.month, request))


@requires(OWN_STATEMENTS)
@require_GET
def my_statement(request: Request, pk: int) -> HttpResponse:
    """The expert's own statement as PDF."""
    document = get_object_or_404(RunDocument, pk=pk, expert__user=request.user, kind=RunDocument.Kind.STATEMENT)
    response = HttpResponse(bytes(document.content), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{document.filename}"'
    return response
