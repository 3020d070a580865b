"""What waits, what went out, what failed; and the acts on one message before it leaves."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import outbox_actions as actions
from office import outbox_links as links
from office.access import ANYBODY, SEE_OUTBOX, requires
from office.choices import Channel, Language, Role
from office.errors import RuleError
from office.examples import example_of
from office.forms import tell
from office.forms_outbox import PARTS, STATES, DiscardForm, MessageFilter, MessageTextForm
from office.history import lines
from office.models import LogEntry, OutboxMessage, ReminderSetting, User
from office.outbox import KINDS, put_back
from office.outbox_about import about
from office.outbox_html import blocks
from office.outbox_states import MESSAGE
from office.outbox_text import in_force
from office.reminders import REMINDERS, setting_on
from office.requests import Request
from office.texts import WORDS
from office.views_message_texts import as_mail
from office.views_reminders import in_words
from office.workdays import local_date

PAGE = 50


def _words(found: QuerySet[OutboxMessage], text: str) -> QuerySet[OutboxMessage]:
    for word in text.split():
        found = found.filter(
            Q(recipient__first_name__icontains=word)
            | Q(recipient__last_name__icontains=word)
            | Q(recipient__email__icontains=word)
            | Q(name__icontains=word)
            | Q(address__icontains=word)
            | Q(subject__icontains=word)
        )
    return found


@requires(SEE_OUTBOX)
@require_GET
def outbox(request: Request) -> HttpResponse:
    """Messages in parts with their numbers, the newest first; by person, subject, kind and record."""
    form = MessageFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {name: form.cleaned_data.get(name) for name in form.fields}
    found = _words(OutboxMessage.objects.visible_to(request.user), chosen["q"] or "")
    person = User.objects.filter(pk=chosen["person"]).first() if chosen["person"] else None
    record = about(chosen["about"]) if chosen["about"] else None
    if chosen["person"]:
        found = found.filter(recipient=person) if person else found.none()
    if chosen["about"]:
        found = found.filter(record.rows) if record else found.none()
    if chosen["kind"]:
        found = found.filter(kind=chosen["kind"])
    count = dict(found.order_by().values_list("state").annotate(Count("pk")))
    if chosen["state"]:
        found = found.filter(state__in=STATES[chosen["state"]])
    rows = found.select_related("recipient").defer("body", "secret").order_by("-created_at", "-id")
    context = {
        "form": form,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "active": any(chosen.values()),
        "stages": _stages(request, count, chosen["state"] or ""),
        "to_do": sum(count.get(state, 0) for state in [*STATES["failed"], *STATES["by_hand"]]),
        "person": person,
        "record": record,
    }
    return render(request, "office/outbox.html", context)


def _stages(request: Request, count: dict[str, int], current: str) -> list[dict[str, Any]]:
    stages = []
    for word, label, states in PARTS:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = word
        number = sum(count.get(state, 0) for state in states)
        stages.append({"count": number, "label": label, "url": f"?{query.urlencode()}", "current": word == current})
    return stages


@requires(SEE_OUTBOX)
@require_GET
def kinds(request: Request) -> HttpResponse:
    """Every message that the program can send: to whom, when, and how many there are."""
    today = local_date(timezone.now())
    settings = list(ReminderSetting.objects.all())
    count = dict(OutboxMessage.objects.order_by().values_list("kind").annotate(Count("pk")))
    language, own, at = translation.get_language() or Language.FI, in_force(), timezone.now()
    rows = []
    for kind in KINDS.values():
        one = next((found for found in REMINDERS.values() if found.kind.name == kind.name), None)
        how = setting_on(one, today, settings) if one else None
        rows.append(
            {
                "kind": kind,
                "to": one.to if one else kind.to,
                "when": in_words(one, how) if one and how else kind.when,
                "is_reminder": one is not None,
                "is_on": how.is_on if how else True,
                "count": count.get(kind.name, 0),
                "example": example_of(kind.name, language, own.get((kind.name, language), {}), at=at),
                "is_own": any(own.get((kind.name, one)) for one in Language.values),
                "reminder": one,
            }
        )
    return render(request, "office/outbox_kinds.html", {"kinds": rows, "language": language})


@requires(ANYBODY)
@require_GET
def my_messages(request: Request) -> HttpResponse:
    """The messages sent to oneself."""
    found = OutboxMessage.objects.filter(recipient=request.user).defer("body", "secret")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "office/my_messages.html", {"page_obj": page})


@requires(ANYBODY)
@require_GET
def message(request: Request, pk: int) -> HttpResponse:
    """One message as its recipient reads it; for the coordinator with what can be done with it now."""
    visible = OutboxMessage.objects.visible_to(request.user).select_related("recipient")
    shown = get_object_or_404(visible, pk=pk)
    all_seen = request.user.has_role(Role.COORDINATOR)
    history = list(LogEntry.objects.of(shown)) if all_seen else []
    edited = [entry for entry in history if entry.kind == "outboxmessage.edit"]
    context = {
        "shown": shown,
        "blocks": blocks(links.shown(shown.body)),
        "kind": KINDS[shown.kind].description if shown.kind in KINDS else shown.kind,
        "files": _files(shown),
        "all_seen": all_seen,
        "edited": edited[-1] if edited else None,
        "may": {step: all_seen and actions.may_be(step, shown) for step in MESSAGE},
        "may_resend": all_seen and actions.may_be("resend", shown),
        "history": lines(history, WORDS),
    }
    return render(request, "office/message.html", context)


@requires(ANYBODY)
@require_GET
def message_mail(request: Request, pk: int) -> HttpResponse:
    """One message as its recipient's mail program shows it; the own link of the recipient stays masked."""
    shown = get_object_or_404(OutboxMessage.objects.visible_to(request.user), pk=pk)
    return as_mail(shown.subject, links.shown(shown.body), shown.language)


def _files(shown: OutboxMessage) -> list[str]:
    """The names of the files that go with the message, as they would be made now."""
    kind = KINDS.get(shown.kind)
    if kind is None or kind.attach is None or shown.channel == Channel.SMS:
        return []
    with translation.override(shown.language):
        return [name for name, _content, _type in kind.attach(shown)]


def _one(request: Request, pk: int) -> OutboxMessage:
    return get_object_or_404(OutboxMessage.objects.visible_to(request.user).select_related("recipient"), pk=pk)


@requires(SEE_OUTBOX)
@require_POST
def send_again(request: Request, pk: int) -> HttpResponse:
    """Puts a failed message back in the queue."""
    shown = get_object_or_404(OutboxMessage.objects.visible_to(request.user), pk=pk)
    put_back(shown, by=request.user, at=timezone.now())
    messages.success(request, _("The message is sent again."))
    return redirect("office:message", pk)


@requires(SEE_OUTBOX)
@require_POST
def message_hold(request: Request, pk: int) -> HttpResponse:
    """Keeps a waiting message from leaving."""
    try:
        actions.hold(_one(request, pk), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The message is on hold. It leaves when you release it."))
    return redirect("office:message", pk)


@requires(SEE_OUTBOX)
@require_POST
def message_release(request: Request, pk: int) -> HttpResponse:
    """Lets a held message go."""
    try:
        actions.release(_one(request, pk), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The message is released."))
    return redirect("office:message", pk)


@requires(SEE_OUTBOX)
@require_POST
def message_tell(request: Request, pk: int) -> HttpResponse:
    """Notes that the person was told by telephone or post."""
    try:
        actions.tell(_one(request, pk), request.POST.get("how", ""), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Noted: the person has been told."))
    return redirect("office:message", pk)


@requires(SEE_OUTBOX)
@require_http_methods(["GET", "POST"])
def message_edit(request: Request, pk: int) -> HttpResponse:
    """Another text before sending. The message is held; with the second button it is released at once."""
    shown, at = _one(request, pk), timezone.now()
    first = {"subject": shown.subject, "body": links.shown(shown.body), "seen": actions.mark_of(shown)}
    form = MessageTextForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(shown, **form.cleaned_data, by=request.user, at=at)
            if "release" in request.POST:
                actions.release(_one(request, pk), by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(
                request,
                _("The text is changed and the message is released.")
                if "release" in request.POST
                else _("The text is changed. The message is on hold until you release it."),
            )
            return redirect("office:message", pk)
    elif request.method == "GET" and not actions.may_be("edit", shown):
        messages.error(request, _("The text of this message can no longer be changed."))
        return redirect("office:message", pk)
    return render(request, "office/message_edit.html", {"form": form, "shown": shown})


@requires(SEE_OUTBOX)
@require_http_methods(["GET", "POST"])
def message_discard(request: Request, pk: int) -> HttpResponse:
    """The message is not needed; the reason is kept in its history."""
    shown = _one(request, pk)
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard(shown, form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The message is not sent."))
            return redirect("office:message", pk)
    elif request.method == "GET" and not actions.may_be("discard", shown):
        messages.error(request, _("This message can no longer be taken back."))
        return redirect("office:message", pk)
    return render(request, "office/message_discard.html", {"form": form, "shown": shown})
