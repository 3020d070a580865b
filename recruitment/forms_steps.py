"""Forms of the steps: the interview, an interviewer's view, the decisions."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.formats import day
from office.forms import ClockField, DayField, PlainText
from office.forms_rendering import ChoiceRow
from office.models import User
from office.templatetags.erfa import localname
from office.workdays import at_wall_clock, local_date
from recruitment.actions import Asked
from recruitment.actions.interviews import MAY_INTERVIEW
from recruitment.models import LONG, Application, Interview, Interviewer
from recruitment.rules import Seat, interview_problem
from recruitment.texts import MISSING
from training.models import Course

Reason = Application.Reason
REASONS = {
    "decline": (Reason.SUITABILITY, Reason.NO_NEED, Reason.CONDITIONS, Reason.OTHER),
    "withdraw": (Reason.OWN_WISH, Reason.NO_CONTACT, Reason.CONDITIONS, Reason.OTHER),
}


def interviewers_at(at: datetime) -> Any:
    """People who may interview: the coordinators and those with a role in a unit, now."""
    roles = [str(role) for role in MAY_INTERVIEW]
    running = Q(grants__valid_to__isnull=True) | Q(grants__valid_to__gt=at)
    return User.objects.filter(running, is_active=True, grants__role__in=roles, grants__valid_from__lte=at).distinct()


class BookForm(forms.Form):
    """When, where, and the two interviewers."""

    day = DayField(label=_("Day"), help_text=_("For example 2.4.2026."))
    begins = ClockField(label=_("Begins"), help_text=_("For example 14.30."))
    remote = forms.BooleanField(label=_("Remotely"), required=False)
    place = PlainText(
        label=_("Place"), max_length=200, required=False, help_text=_("Or how to join, when it is held remotely.")
    )

    def __init__(self, *args: Any, at: datetime, interview: Interview | None = None, **kwargs: Any) -> None:
        seats = list(interview.interviewers.all()) if interview else []
        if interview:
            kwargs.setdefault("initial", _told(interview, seats))
        super().__init__(*args, **kwargs)
        people = [(str(user.pk), f"{user.last_name} {user.first_name}") for user in interviewers_at(at)]
        known = {pk for pk, _name in people}
        people += [(str(s.user_id), str(s.user)) for s in seats if str(s.user_id) not in known]
        for n in (1, 2):
            self.fields[f"user_{n}"] = forms.ChoiceField(
                label=_("Interviewer"), choices=[("", _("Choose")), *people], required=True
            )
            self.fields[f"professional_{n}"] = forms.BooleanField(
                label=_("Health or social care professional"), required=False
            )
            self.fields[f"title_{n}"] = PlainText(
                label=_("Title"), max_length=80, required=False, help_text=_("For example nurse or social worker.")
            )

    def first(self) -> list[forms.BoundField]:
        return [self["user_1"], self["professional_1"], self["title_1"]]

    def second(self) -> list[forms.BoundField]:
        return [self["user_2"], self["professional_2"], self["title_2"]]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("remote") and not data.get("place") and "place" not in self.errors:
            self.add_error("place", _("Write the place, or choose “remotely”."))
        for n in (1, 2):
            if data.get(f"professional_{n}") and not data.get(f"title_{n}") and f"title_{n}" not in self.errors:
                self.add_error(f"title_{n}", _("Write the title of the health or social care professional."))
        if data.get("user_1") and data.get("user_2"):
            problem = interview_problem([Seat(int(data[f"user_{n}"]), bool(data[f"professional_{n}"])) for n in (1, 2)])
            if problem:
                self.add_error("user_2" if problem == "same" else "professional_1", str(MISSING[problem]))
        if data.get("day") and data.get("begins"):
            try:
                data["starts_at"] = at_wall_clock(data["day"], data["begins"])
            except ValueError:
                self.add_error("begins", _("The clock is moved forward on that night: this time does not exist."))
        return data

    def asked(self) -> list[Asked]:
        data = self.cleaned_data
        users = User.objects.in_bulk([data["user_1"], data["user_2"]])
        return [Asked(users[int(data[f"user_{n}"])], data[f"professional_{n}"], data[f"title_{n}"]) for n in (1, 2)]


def _told(interview: Interview, seats: list[Interviewer]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "day": local_date(interview.starts_at),
        "begins": timezone.localtime(interview.starts_at).time(),
        "remote": interview.remote,
        "place": interview.place,
    }
    for n, seat in enumerate(seats, 1):
        told |= {f"user_{n}": seat.user_id, f"professional_{n}": seat.is_professional, f"title_{n}": seat.title}
    return told


class ViewForm(forms.Form):
    """An interviewer's own view. Everything may be left open until it is given."""

    def __init__(self, *args: Any, seat: Interviewer, give: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Assessment = Interviewer.Assessment  # noqa: N806 - a class
        for code, label in Interviewer.Subject.choices:
            told = seat.subjects.get(code, {})
            self._choice(f"{code}_assessment", _("Assessment"), Assessment.choices, told.get("assessment"), give)
            self._text(f"{code}_notes", pgettext_lazy("interview", "Notes"), told.get("notes"), required=False)
            self.fields[f"{code}_assessment"].subject = label  # type: ignore[attr-defined]  # for the page
        self._choice("overall", _("As a whole"), Interviewer.OVERALL, seat.overall, give)
        self._text("summary", pgettext_lazy("interview", "Why"), seat.summary, required=give)

    def _choice(self, name: str, label: Any, choices: Any, initial: Any, give: bool) -> None:  # noqa: FBT001 - own
        field = forms.ChoiceField(
            label=label,
            choices=choices,
            required=give,
            initial=initial,
            widget=ChoiceRow,
            error_messages={"required": _("Choose one. “Not talked about” is an answer, too.")}
            if name != "overall"
            else {},
        )
        field.mark_optional = False  # type: ignore[attr-defined]  # read by field.html
        self.fields[name] = field

    def _text(self, name: str, label: Any, initial: Any, *, required: bool) -> None:
        field = PlainText(long=True, label=label, required=required, initial=initial, max_length=LONG)
        field.mark_optional = False  # type: ignore[attr-defined]  # as above
        self.fields[name] = field

    def parts(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """Subject, assessment, notes: as the page shows them."""
        return [
            (label, self[f"{code}_assessment"], self[f"{code}_notes"]) for code, label in Interviewer.Subject.choices
        ]

    def subjects(self) -> dict[str, dict[str, str]]:
        data = self.cleaned_data
        return {
            code: {"assessment": data[f"{code}_assessment"], "notes": data[f"{code}_notes"].strip()}
            for code in Interviewer.Subject.values
        }


class CourseField(forms.ModelChoiceField):  # type: ignore[type-arg]  # the stubs' class is not generic at run time
    """One of the courses, by training, first day and trainer."""

    def label_from_instance(self, obj: Any) -> str:
        first = day(obj.first, translation.get_language() or "fi") if obj.first else ""
        return " · ".join(filter(None, (localname(obj.training), first, obj.trainer)))


class DecideForm(forms.Form):
    """A decision: the reason where it ends, a note for the office, a message to the applicant."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    course = CourseField(Course.objects.none(), label=_("Course"), required=False)
    enrolled = forms.BooleanField(label=_("Put the new expert on the course, too"), required=False, initial=True)
    note = PlainText(
        long=True,
        label=_("Note for the office"),
        required=False,
        max_length=LONG,
        help_text=_("The applicant does not get this. It is removed together with the application."),
    )
    tell = forms.BooleanField(required=False, initial=True)
    words = PlainText(
        long=True,
        label=_("Own words to the applicant"),
        required=False,
        max_length=LONG,
        help_text=_("They are added to the message. Write in the language of the applicant. Tell nothing of health."),
    )

    def __init__(self, *args: Any, step: str, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        if step in REASONS:
            reason: Any = self.fields["reason"]
            reason.choices = [(code.value, code.label) for code in REASONS[step]]
        else:
            del self.fields["reason"]
        if step == "train":
            course: Any = self.fields["course"]
            course.queryset = Course.objects.with_facts().select_related("training")
            del self.fields["tell"], self.fields["words"]
        else:
            del self.fields["course"]
            tell = self.fields["tell"]
            tell.label = (
                _("Send a message to %(address)s") % {"address": application.email}
                if application.email
                else _("Put the message on the list of what to telephone or post: there is no e-mail address")
            )
        if step != "accept" or application.course_id is None:
            del self.fields["enrolled"]

    def decision(self) -> dict[str, Any]:
        """The keyword arguments of the action."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.fields}
