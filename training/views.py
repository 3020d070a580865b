"""The coordinator's pages: trainings, courses, dates with attendance, completion, trainings from elsewhere."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.models import Expert
from office.access import requires
from office.choices import TASK_TYPES
from office.errors import RuleError
from office.forms import ids_sent, tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import local_date
from training import actions
from training.access import KEEP_TRAINING
from training.forms import CourseForm, DatesForm, EndForm, EnrolForm, ExternalForm, TrainingForm
from training.models import Course, CourseDate, ExternalTraining, Participant, Training
from training.texts import words

KINDS = dict(TASK_TYPES)
PAGE = 30


# --- the list of trainings -------------------------------------------------------------------------------------------


@requires(KEEP_TRAINING)
@require_GET
def trainings(request: Request) -> HttpResponse:
    """The office's trainings and the kinds of work that require them."""
    ended = Q(courses__participants__state=Participant.State.COMPLETED)
    rows = list(
        Training.objects.annotate(completed=Count("courses__participants", filter=ended)).order_by(
            "-is_active", "name_fi"
        )
    )
    for row in rows:
        row.kinds_told = ", ".join(str(KINDS.get(kind, kind)) for kind in row.kinds)  # type: ignore[attr-defined]
    return render(request, "training/trainings.html", {"trainings": rows})


@requires(KEEP_TRAINING)
@require_http_methods(["GET", "POST"])
def training_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a training."""
    found = get_object_or_404(Training, pk=pk) if pk else None
    form = TrainingForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_training(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The training is saved."))
            return redirect("training:trainings")
    return render(request, "training/training_form.html", {"form": form, "pk": pk})


# --- courses ---------------------------------------------------------------------------------------------------------


@requires(KEEP_TRAINING)
@require_GET
def courses(request: Request) -> HttpResponse:
    """Courses, those with a date to come first; what is over below."""
    at = timezone.now()
    found = Course.objects.visible_to(request.user).select_related("training")
    page = Paginator(found.over(at), PAGE).get_page(request.GET.get("page"))
    context = {"coming": found.to_come(at), "page_obj": page}
    return render(request, "training/courses.html", context)


@requires(KEEP_TRAINING)
@require_http_methods(["GET", "POST"])
def course_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds a course with its dates, or changes trainer and seats."""
    found = get_object_or_404(Course.objects.visible_to(request.user), pk=pk) if pk else None
    form = CourseForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.save_course(
                form.instance,
                times=data.get("dates", ()),
                place=data.get("place", ""),
                by=request.user,
                at=timezone.now(),
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The course is saved."))
            return redirect("training:course", made.pk)
    return render(request, "training/course_form.html", {"form": form, "pk": pk})


@requires(KEEP_TRAINING)
@require_GET
def course(request: Request, pk: int) -> HttpResponse:
    """One course: dates, who is on it, who was there, how it ended."""
    return _course_page(request, _course(request, pk), timezone.now())


def _course(request: Request, pk: int) -> Course:
    return get_object_or_404(Course.objects.visible_to(request.user).select_related("training"), pk=pk)


def _course_page(request: Request, shown: Course, at: datetime, **forms: Any) -> HttpResponse:
    dates = list(shown.dates.annotate(there=Count("attendances")))
    places = list(
        shown.participants.with_time()
        .select_related("expert", "ended_by")
        .order_by("expert__last_name", "expert__first_name", "pk")
    )
    taken = sum(place.state != Participant.State.INTERRUPTED for place in places)
    today = local_date(at)
    last = local_date(dates[-1].ends_at) if dates else today
    chosen = forms.get("end")
    context = {
        "course": shown,
        "dates": dates,
        "places": places,
        "open_places": [place for place in places if place.state == Participant.State.ENROLLED],
        "taken": taken,
        "now": at,
        "enrol": forms.get("enrol") or (EnrolForm(course=shown) if taken < shown.seats else None),
        "end": chosen or EndForm(course=shown, today=today, initial={"on": min(last, today)}),
        "ticked": set(request.POST.getlist("participants")) if chosen else set(),
        "more": forms.get("more") or DatesForm(initial={"place": dates[-1].place if dates else ""}),
        "history": lines(LogEntry.objects.of(shown, *places), words(places)),
        "crumbs": _crumbs(localname(shown.training)),
    }
    return render(request, "training/course.html", context)


def _crumbs(*labels: str) -> list[dict[str, str]]:
    return [{"label": _("Training"), "url": reverse("training:courses")}, *({"label": label} for label in labels)]


@requires(KEEP_TRAINING)
@require_POST
def dates(request: Request, pk: int) -> HttpResponse:
    """More dates of a course."""
    shown, at = _course(request, pk), timezone.now()
    form = DatesForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_dates(shown, data["dates"], place=data["place"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, ngettext("One date is added.", "%(n)s dates are added.", made) % {"n": made})
            return redirect("training:course", pk)
    return _course_page(request, shown, at, more=form)


@requires(KEEP_TRAINING)
@require_POST
def date_remove(request: Request, pk: int) -> HttpResponse:
    """Takes a date from its course."""
    held = get_object_or_404(CourseDate.objects.visible_to(request.user).select_related("course"), pk=pk)
    actions.remove_date(held, by=request.user, at=timezone.now())
    messages.success(request, _("The date is removed. Tell those who are on the course."))
    return redirect("training:course", held.course_id)


@requires(KEEP_TRAINING)
@require_POST
def enrol(request: Request, pk: int) -> HttpResponse:
    """Puts an expert on the course; somebody who is on it already stays as they are."""
    shown, at = _course(request, pk), timezone.now()
    form = EnrolForm(request.POST, course=shown)
    if form.is_valid():
        expert = form.cleaned_data["expert"]
        try:
            made = actions.enrol(shown, expert, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            said = _("%(name)s is on the course.") if made else _("%(name)s is on this course already.")
            messages.success(request, said % {"name": expert})
            return redirect("training:course", pk)
    return _course_page(request, shown, at, enrol=form)


@requires(KEEP_TRAINING)
@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """The ticked participants have completed or left the course."""
    shown, at = _course(request, pk), timezone.now()
    form = EndForm(request.POST, course=shown, today=local_date(at))
    if form.is_valid():
        data = form.cleaned_data
        step = "interrupt" if request.POST.get("to") == "interrupt" else "complete"
        try:
            done = actions.end(data["participants"], step, on=data["on"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            said = ngettext("%(n)s participant is marked.", "%(n)s participants are marked.", done) % {"n": done}
            messages.success(request, said)
            return redirect("training:course", pk)
    return _course_page(request, shown, at, end=form)


@requires(KEEP_TRAINING)
@require_http_methods(["GET", "POST"])
def date(request: Request, pk: int) -> HttpResponse:
    """Attendance on one date: ticks."""
    found = CourseDate.objects.visible_to(request.user).select_related("course__training")
    held, at = get_object_or_404(found, pk=pk), timezone.now()
    if request.method == "POST":
        actions.mark(held, ids_sent(request.POST.getlist("there")), by=request.user, at=at)
        messages.success(request, _("The attendance is saved."))
        return redirect("training:course", held.course_id)
    there = set(held.attendances.values_list("participant_id", flat=True))
    places = held.course.participants.select_related("expert").order_by("expert__last_name", "expert__first_name")
    context = {
        "date": held,
        "course": held.course,
        "places": [(place, place.pk in there) for place in places],
        "begun": held.starts_at <= at,
        "crumbs": [
            {"label": _("Training"), "url": reverse("training:courses")},
            {"label": localname(held.course.training), "url": reverse("training:course", args=[held.course_id])},
            {"label": _("Attendance")},
        ],
    }
    return render(request, "training/date.html", context)


def _place(request: Request, pk: int) -> Participant:
    return get_object_or_404(Participant.objects.visible_to(request.user).select_related("course", "expert"), pk=pk)


@requires(KEEP_TRAINING)
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Takes back that a participant completed or left the course."""
    place = _place(request, pk)
    actions.undo(place, by=request.user, at=timezone.now())
    messages.success(request, _("%(name)s is on the course again.") % {"name": place.expert})
    return redirect("training:course", place.course_id)


@requires(KEEP_TRAINING)
@require_POST
def take_off(request: Request, pk: int) -> HttpResponse:
    """Takes off somebody who was put on the course by mistake."""
    place = _place(request, pk)
    actions.take_off(place, by=request.user, at=timezone.now())
    messages.success(request, _("%(name)s is no longer on the course.") % {"name": place.expert})
    return redirect("training:course", place.course_id)


# --- trainings from elsewhere ----------------------------------------------------------------------------------------


@requires(KEEP_TRAINING)
@require_http_methods(["GET", "POST"])
def external_new(request: Request, pk: int) -> HttpResponse:
    """Notes a training that an expert has from elsewhere."""
    expert = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    form = ExternalForm(request.POST or None, instance=ExternalTraining(expert=expert), today=local_date(at))
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_external(form.instance, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The training is noted."))
            return redirect("experts:expert", pk)
    return render(request, "training/external_form.html", {"form": form, "expert": expert})


@requires(KEEP_TRAINING)
@require_POST
def external_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a note that was a mistake."""
    held = get_object_or_404(ExternalTraining.objects.visible_to(request.user), pk=pk)
    actions.remove_external(held, by=request.user, at=timezone.now())
    messages.success(request, _("The note is removed."))
    return redirect("experts:expert", held.expert_id)
