"""What went out, what waits, what failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from office.access import ANYBODY, SEE_OUTBOX, requires
from office.choices import MessageState
from office.forms import MessageFilter
from office.history import lines
from office.models import LogEntry, OutboxMessage
from office.outbox import KINDS, put_back
from office.requests import Request
from office.texts import WORDS

PAGE = 50


@requires(SEE_OUTBOX)
@require_GET
def outbox(request: Request) -> HttpResponse:
    """Every message, the newest first; by person, subject and state."""
    form = MessageFilter(request.GET or None)
    found = OutboxMessage.objects.visible_to(request.user).select_related("recipient").defer("body")
    if form.is_bound and form.is_valid():
        for word in form.cleaned_data["q"].split():
            found = found.filter(
                Q(recipient__first_name__icontains=word)
                | Q(recipient__last_name__icontains=word)
                | Q(recipient__email__icontains=word)
                | Q(name__icontains=word)
                | Q(address__icontains=word)
                | Q(subject__icontains=word)
            )
        if form.cleaned_data["state"]:
            found = found.filter(state=form.cleaned_data["state"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    active = any(request.GET.get(name) for name in form.fields)
    failed = OutboxMessage.objects.filter(state__in=[MessageState.FAILED, MessageState.BY_HAND]).count()
    context = {"form": form, "page_obj": page, "active": active, "failed": failed}
    return render(request, "office/outbox.html", context)


@requires(ANYBODY)
@require_GET
def my_messages(request: Request) -> HttpResponse:
    """The messages sent to oneself."""
    found = OutboxMessage.objects.filter(recipient=request.user).defer("body")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "office/my_messages.html", {"page_obj": page})


@requires(ANYBODY)
@require_GET
def message(request: Request, pk: int) -> HttpResponse:
    """One message as its recipient reads it."""
    visible = OutboxMessage.objects.visible_to(request.user).select_related("recipient")
    shown = get_object_or_404(visible, pk=pk)
    all_seen = request.user.has_role("coordinator")
    context = {
        "shown": shown,
        "kind": KINDS[shown.kind].description if shown.kind in KINDS else shown.kind,
        "all_seen": all_seen,
        "may_resend": all_seen and shown.state == MessageState.FAILED,
        "history": lines(LogEntry.objects.of(shown), WORDS) if all_seen else [],
    }
    return render(request, "office/message.html", context)


@requires(SEE_OUTBOX)
@require_POST
def send_again(request: Request, pk: int) -> HttpResponse:
    """Puts a failed message back in the queue."""
    shown = get_object_or_404(OutboxMessage.objects.visible_to(request.user), pk=pk)
    put_back(shown, by=request.user, at=timezone.now())
    messages.success(request, _("The message is sent again."))
    return redirect("office:message", pk)
