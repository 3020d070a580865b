"""Applications as the coordinator sees them: the list, one application, writing one down, correcting it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from experts.models import Area, Expert, Topic
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request
from office.workdays import local_date
from recruitment import actions
from recruitment.access import KEEP_APPLICATIONS
from recruitment.forms import ApplicationFilter, EntryForm
from recruitment.guard import Stamp
from recruitment.models import Application, Interviewer
from recruitment.rules import INTERVIEWERS, PRIVACY_NOTICE, Seat, decision_problem, may_read_others
from recruitment.states import OPEN, ApplicationState
from recruitment.texts import LOOKS, WORDS

PAGE = 50
LATEST_LOOKS = 5
State = ApplicationState


@dataclass(frozen=True)
class Stage:
    """A tile over the list."""

    count: int
    label: str
    url: str
    current: bool
    detail: str = ""


def _stages(asked: str) -> list[Stage]:
    counts = dict(Application.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return [Stage(counts.get(code, 0), str(label), f"?state={code}", asked == code) for code, label in State.choices]


@requires(KEEP_APPLICATIONS)
@require_GET
def applications(request: Request) -> HttpResponse:
    """Applications by step; filters in the address. No topics here."""
    form = ApplicationFilter(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {"q": "", "state": ""}
    found = Application.objects.visible_to(request.user).search(asked["q"])
    if asked["state"] in State.values:
        found = found.filter(state=asked["state"])
    elif not asked["state"]:
        found = found.filter(state__in=OPEN)
    given = Count("interview__interviewers", filter=Q(interview__interviewers__given_at__isnull=False))
    found = found.select_related("interview").annotate(given=given).order_by("-received_on", "-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    at = timezone.now()
    rows: list[Any] = list(page.object_list)
    for row in rows:
        row.meets_at = row.interview.starts_at if has_interview(row) else None
        row.next_words = next_words(row, row.given, begun=row.meets_at is not None and row.meets_at <= at)
    context = {
        "form": form,
        "page_obj": page,
        "rows": rows,
        "active": any(request.GET.get(name) for name in form.fields),
        "stages": _stages(asked["state"]),
    }
    return render(request, "recruitment/applications.html", context)


def has_interview(application: Application) -> bool:
    """Whether an interview is booked; asks nothing more when it was selected with the row."""
    return hasattr(application, "interview")


def next_words(application: Application, given: int, *, begun: bool) -> str:
    """What the application waits for, in a few words."""
    match application.state:
        case State.RECEIVED:
            return _("book an interview")
        case State.INTERVIEW_BOOKED:
            return _("views of the interviewers") if begun else _("the interview")
        case State.INTERVIEWED:
            return _("decision") if given == INTERVIEWERS else _("views of the interviewers")
        case State.TRAINING:
            return _("decision after the training")
    return ""


def with_names() -> QuerySet[Application]:
    """Applications with the names of topics and areas, and whether the registry or others know the address."""

    def names(model: Any) -> ArraySubquery:
        rows = model.objects.filter(applications=OuterRef("pk")).order_by("name_fi")
        return ArraySubquery(rows.values(json=JSONObject(fi="name_fi", sv="name_sv")))

    same = Q(email__iexact=OuterRef("email")) & ~Q(email="")
    others = Application.objects.filter(same).exclude(pk=OuterRef("pk"))
    return Application.objects.annotate(
        topic_names=names(Topic),
        area_names=names(Area),
        known=Exists(Expert.objects.filter(same)),
        twice=Exists(others),
    ).select_related("interview", "expert", "entered_by", "course__training")


def local(names: list[dict[str, str]]) -> list[str]:
    """The names in the language of the page."""
    language = "sv" if translation.get_language() == "sv" else "fi"
    return [found[language] or found["fi"] for found in names]


def told_view(row: Interviewer) -> dict[str, Any]:
    """An interviewer's view for the page."""
    words = dict(Interviewer.Assessment.choices)
    subjects = [
        (label, words.get(told.get("assessment", ""), ""), told.get("notes", ""), told.get("assessment", ""))
        for code, label in Interviewer.Subject.choices
        if (told := row.subjects.get(code))
    ]
    return {"row": row, "subjects": subjects}


@requires(KEEP_APPLICATIONS)
@require_GET
def application(request: Request, pk: int) -> HttpResponse:
    """One application with everything. Every look is noted."""
    at = timezone.now()
    shown = get_object_or_404(with_names().filter(pk__in=Application.objects.visible_to(request.user)), pk=pk)
    actions.noted_look(shown, "page", by=request.user, at=at)
    interview = shown.interview if has_interview(shown) else None
    rows = list(interview.interviewers.select_related("user")) if interview else []
    seats = [Seat(row.user_id, row.is_professional, row.given_at is not None) for row in rows]
    looks = list(shown.looks.select_related("reader")[:LATEST_LOOKS])
    readable = may_read_others(seats, request.user.pk)
    context = {
        "application": shown,
        "topics": local(shown.topic_names),  # type: ignore[attr-defined]  # annotated
        "areas": local(shown.area_names),  # type: ignore[attr-defined]
        "interview": interview,
        "interviewers": rows,
        "begun": interview is not None and interview.starts_at <= at,
        "own": next((row for row in rows if row.user_id == request.user.pk), None),
        "views": [told_view(row) for row in rows if row.given_at and (readable or row.user_id == request.user.pk)],
        "views_hidden": not readable,
        "missing": [row.user for row in rows if row.given_at is None],
        "decidable": not decision_problem(seats),
        "decisions": list(shown.decisions.select_related("by")),
        "history": lines(LogEntry.objects.of(shown), WORDS),
        "looks": [{"at": look.at, "text": f"{look.reader}: {LOOKS.get(look.what, look.what)}"} for look in looks],
        "crumbs": [{"label": _("Recruitment"), "url": reverse("recruitment:applications")}, {"label": str(shown)}],
    }
    return render(request, "recruitment/application.html", context)


@requires(KEEP_APPLICATIONS)
@require_http_methods(["GET", "POST"])
def enter(request: Request) -> HttpResponse:
    """The coordinator writes down what somebody told without the web form."""
    at = timezone.now()
    start = {"form_key": Stamp.new(at).key, "received_on": local_date(at)}
    form = EntryForm(request.POST or None, at=at, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.enter(
                form.record(),
                form.ids("topics"),
                form.ids("areas"),
                key=data["form_key"],
                source=data["source"],
                received_on=data["received_on"],
                by=request.user,
                at=at,
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The application is written down."))
            return redirect("recruitment:application", made.pk)
    return render(request, "recruitment/entry.html", {"form": form, "application": None, "notice": PRIVACY_NOTICE})


@requires(KEEP_APPLICATIONS)
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Corrects an application. The form shows all of it, so opening it is a look too."""
    at = timezone.now()
    shown = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    name = str(shown)
    form = EntryForm(request.POST or None, instance=shown, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                Application.objects.get(pk=pk),
                form.record(),
                form.ids("topics"),
                form.ids("areas"),
                by=request.user,
                at=at,
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("recruitment:application", pk)
    elif request.method == "GET":
        actions.noted_look(shown, "edit", by=request.user, at=at)
    context = {"form": form, "application": shown, "name": name, "notice": PRIVACY_NOTICE}
    return render(request, "recruitment/entry.html", context)
