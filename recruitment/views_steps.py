"""The steps of an application: interview, the interviewers' views, decisions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from recruitment import actions
from recruitment.access import INTERVIEW, KEEP_APPLICATIONS
from recruitment.forms_steps import BookForm, DecideForm, ViewForm
from recruitment.models import Application, Interview, Interviewer
from recruitment.states import ApplicationState
from recruitment.views import local, told_view, with_names

State = ApplicationState


@requires(KEEP_APPLICATIONS)
@require_http_methods(["GET", "POST"])
def book(request: Request, pk: int) -> HttpResponse:
    """Books the interview, or changes it."""
    at = timezone.now()
    shown = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    held = Interview.objects.filter(application=shown).first()
    form = BookForm(request.POST or None, at=at, interview=held)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.book(
                shown,
                form.asked(),
                starts_at=data["starts_at"],
                place=data["place"],
                remote=data["remote"],
                by=request.user,
                at=at,
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The interview is booked."))
            return redirect("recruitment:application", pk)
    context = {"form": form, "application": shown, "held": held, "crumbs": crumbs(shown, _("Interview"))}
    return render(request, "recruitment/book.html", context)


@requires(KEEP_APPLICATIONS)
@require_POST
def hold(request: Request, pk: int) -> HttpResponse:
    """The interview was held."""
    shown = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    actions.hold(shown, by=request.user, at=timezone.now())
    messages.success(request, _("The interview is marked as held."))
    return redirect("recruitment:application", pk)


@requires(INTERVIEW)
@require_http_methods(["GET", "POST"])
def view(request: Request, pk: int) -> HttpResponse:
    """The interviewer's page: what the applicant wrote, and the own view. Every look is noted."""
    at = timezone.now()
    seen = with_names().filter(pk__in=Application.objects.visible_to(request.user).values("pk"))
    shown = get_object_or_404(seen, pk=pk)
    rows = list(Interviewer.objects.filter(interview__application=shown).select_related("user"))
    own = next((row for row in rows if row.user_id == request.user.pk), None)
    if own is None:
        raise Http404
    give = request.POST.get("do") == "give"
    form = ViewForm(request.POST or None, seat=own, give=give)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.write_view(
                own,
                form.subjects(),
                overall=data["overall"],
                summary=data["summary"],
                give=give,
                by=request.user,
                at=at,
            )
        except RuleError as error:
            tell(form, error)
        else:
            said = _("Your view is given.") if give else _("Your notes are kept. Nobody else sees them yet.")
            messages.success(request, said)
            return redirect("recruitment:view", pk)
    elif request.method == "GET":
        actions.noted_look(shown, "interview", by=request.user, at=at)
    context = {
        "application": shown,
        "topics": local(shown.topic_names),  # type: ignore[attr-defined]  # annotated
        "interview": shown.interview,
        "begun": shown.interview.starts_at <= at,
        "own": own,
        "interviewers": rows,
        "views": [told_view(row) for row in rows if row.given_at] if own.given_at else [],
        "waiting": [row.user for row in rows if row.given_at is None],
        "form": None if own.given_at or shown.state not in {State.INTERVIEW_BOOKED, State.INTERVIEWED} else form,
    }
    return render(request, "recruitment/view.html", context)


#: Heading, what it does, and the verb of each decision.
STEPS: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "train": (
        gettext_lazy("To the training"),
        gettext_lazy("The applicant goes to the introduction training before the decision. You decide after it."),
        gettext_lazy("Choose the training"),
    ),
    "accept": (
        gettext_lazy("Accept the applicant"),
        gettext_lazy(
            "The applicant becomes an expert of the registry: the topics are not shown to units before the expert "
            "agrees to it. With an e-mail address there is an account, too. The next step is the contract."
        ),
        gettext_lazy("Accept"),
    ),
    "decline": (
        gettext_lazy("Not accepted"),
        gettext_lazy("The application ends here. It is removed when its time is over, a year by default."),
        pgettext_lazy("application", "Do not accept"),
    ),
    "withdraw": (
        gettext_lazy("The applicant does not go on"),
        gettext_lazy("The application ends here. It is removed when its time is over, a year by default."),
        gettext_lazy("Mark as withdrawn"),
    ),
}


@requires(KEEP_APPLICATIONS)
@require_http_methods(["GET", "POST"])
def decide(request: Request, pk: int, step: str) -> HttpResponse:
    """One decision, with its consequence, reason and message."""
    if step not in STEPS:
        raise Http404
    at = timezone.now()
    shown = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    form = DecideForm(request.POST or None, step=step, application=shown)
    if request.method == "POST" and form.is_valid():
        try:
            said = _take(step, shown, form.decision(), request, at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, said)
            return redirect("recruitment:application", pk)
    title, consequence, verb = STEPS[step]
    context = {
        "form": form,
        "application": shown,
        "step": step,
        "title": title,
        "consequence": consequence,
        "verb": verb,
        "crumbs": crumbs(shown, str(title)),
    }
    return render(request, "recruitment/decide.html", context)


@requires(KEEP_APPLICATIONS)
@require_http_methods(["GET", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    """The applicant takes the consent back: asks once more, then removes all of it."""
    shown = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        actions.remove(shown, by=request.user, at=timezone.now())
        messages.success(request, _("The application is removed."))
        return redirect("recruitment:applications")
    context = {"application": shown, "crumbs": crumbs(shown, _("Remove"))}
    return render(request, "recruitment/remove.html", context)


def _take(step: str, shown: Application, told: dict[str, Any], request: Request, at: Any) -> str:
    match step:
        case "train":
            actions.to_training(shown, **told, by=request.user, at=at)
            return _("The applicant goes to the training.")
        case "accept":
            expert = actions.accept(shown, **told, by=request.user, at=at)
            return _("%(name)s is in the registry. The next step is the contract.") % {"name": expert}
        case "decline":
            actions.decline(shown, **told, by=request.user, at=at)
    if step == "withdraw":
        actions.withdraw(shown, **told, by=request.user, at=at)
    return _("The application has ended.")


def crumbs(shown: Application, here: str) -> list[dict[str, str]]:
    return [
        {"label": _("Recruitment"), "url": reverse("recruitment:applications")},
        {"label": str(shown), "url": reverse("recruitment:application", args=[shown.pk])},
        {"label": here},
    ]
