"""Applications, interviews, decisions, and who has looked (R25). What stands here reveals health (GDPR Art. 9)."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from experts.models import Area, Expert, Topic
from office.choices import Language
from office.fields import FINNISH
from office.models import User
from office.validators import no_identity_code
from recruitment.querysets import ApplicationQuerySet
from recruitment.states import NOWHERE, ApplicationState
from training.models import Course

LONG = 3000


def free_text(label: Any, length: int = LONG) -> "models.TextField[str, str]":
    """Free text of an applicant or an interviewer."""
    return models.TextField(label, max_length=length, blank=True, validators=[no_identity_code])


class Application(models.Model):
    """Somebody wants to become an experience expert. No account; removed when it has led nowhere for the set time."""

    class Source(models.TextChoices):
        WEB = "web", _("Web form")
        TELEPHONE = "telephone", _("By telephone")
        PAPER = "paper", _("On paper")
        MEETING = "meeting", _("Face to face")

    class HeardFrom(models.TextChoices):
        EXPERT = "expert", _("from an experience expert")
        STAFF = "staff", _("from an employee of the county")
        WEB = "web", _("on the web")
        EVENT = "event", _("at an event")
        ORGANISATION = "organisation", _("from an organisation or a group")
        OTHER = "other", _("somewhere else")

    class Reason(models.TextChoices):
        """Why it led nowhere. Nothing about health: there is no code for it."""

        SUITABILITY = "suitability", _("the task does not suit now")
        NO_NEED = "no_need", _("no need for this experience now")
        CONDITIONS = "conditions", _("practical matters do not fit")
        OWN_WISH = "own_wish", _("the applicant's own wish")
        NO_CONTACT = "no_contact", _("the applicant could not be reached")
        OTHER = "other", _("another reason")

    first_name = models.CharField(_("first name"), max_length=80, db_collation=FINNISH, validators=[no_identity_code])
    last_name = models.CharField(_("last name"), max_length=80, db_collation=FINNISH, validators=[no_identity_code])
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(
        _("telephone"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^\+?[0-9][0-9 ()-]{4,}$", _("Write the number like 040 123 4567."))],
    )
    language = models.CharField(_("contact language"), max_length=2, choices=Language.choices, default=Language.FI)
    municipality = models.CharField(_("municipality"), max_length=60, blank=True, validators=[no_identity_code])
    areas = models.ManyToManyField(Area, blank=True, related_name="applications", verbose_name=_("could work in"))
    topics = models.ManyToManyField(Topic, blank=True, related_name="applications", verbose_name=_("topics"))
    own_words = free_text(_("experience in own words"))
    training = models.CharField(_("training"), max_length=200, blank=True, validators=[no_identity_code])
    background = free_text(_("earlier experience"))
    wishes = free_text(_("wishes"))
    heard_from = models.CharField(_("heard of it"), max_length=12, choices=HeardFrom.choices, blank=True)
    source = models.CharField(_("how it came"), max_length=10, choices=Source.choices, default=Source.WEB)
    received_on = models.DateField(_("received on"))
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    consent_at = models.DateTimeField(_("agreed to the privacy notice"))
    consent_version = models.DateField(_("privacy notice of"))
    form_key = models.UUIDField(unique=True)  # one form makes one application, however often it is sent

    state = models.CharField(
        _("state"), max_length=16, choices=ApplicationState.choices, default=ApplicationState.RECEIVED
    )
    end_reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    closed_on = models.DateField(_("ended on"), null=True, blank=True)
    expert = models.OneToOneField(
        Expert, on_delete=models.PROTECT, null=True, blank=True, related_name="application", verbose_name=_("expert")
    )
    course = models.ForeignKey(
        Course, on_delete=models.SET_NULL, null=True, blank=True, related_name="applications", verbose_name=_("course")
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("-received_on", "-id")
        indexes = [models.Index(fields=["state", "received_on"], name="applications_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(email="", phone=""),
                name="application_has_a_contact",
                violation_error_message=_("Write an e-mail address or a telephone number."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOWHERE, closed_on__isnull=False) & ~Q(end_reason="")
                | ~Q(state__in=NOWHERE) & Q(closed_on__isnull=True, end_reason=""),
                name="ended_application_has_its_reason",
                violation_error_message=_("An application that ends has a reason and a day."),
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.ACCEPTED, expert__isnull=False)
                | ~Q(state=ApplicationState.ACCEPTED) & Q(expert__isnull=True),
                name="accepted_application_has_its_expert",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_open(self) -> bool:
        return self.state != ApplicationState.ACCEPTED and self.state not in NOWHERE


class Interview(models.Model):
    """When and where the applicant is interviewed. The moment is UTC."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="interview")
    starts_at = models.DateTimeField(_("begins"))
    place = models.CharField(_("place"), max_length=200, blank=True, validators=[no_identity_code])
    remote = models.BooleanField(_("remotely"), default=False)

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(remote=True) | ~Q(place=""),
                name="interview_has_a_place",
                violation_error_message=_("Write the place, or choose “remotely”."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.starts_at:%Y-%m-%d %H:%M}"


class Interviewer(models.Model):
    """One of the two, and the own view: by subject and as a whole. Never changed once given (trigger)."""

    class Subject(models.TextChoices):
        INTRODUCTION = "introduction", _("Introduction and motives")
        BACKGROUND = "background", _("Background")
        EXPERIENCE = "experience", _("Experience and recovery")
        BAD_DAY = "bad_day", _("What helps on a bad day")
        DEMANDING = "demanding", _("Demanding situations")
        STRENGTHS = "strengths", _("Strengths and limits")
        PRACTICAL = "practical", _("Practical matters")

    class Assessment(models.TextChoices):
        SUITS = "suits", pgettext_lazy("assessment", "Suits")
        THINK = "think", pgettext_lazy("assessment", "To think over")
        NOT_NOW = "not_now", pgettext_lazy("assessment", "Does not suit")
        NOT_TALKED = "not_talked", pgettext_lazy("assessment", "Not talked about")

    #: The whole has been talked about.
    OVERALL = [choice for choice in Assessment.choices if choice[0] != "not_talked"]

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="interviewers")
    seat = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="interviewing", verbose_name=_("interviewer"))
    is_professional = models.BooleanField(_("health or social care professional"), default=False)
    title = models.CharField(_("title"), max_length=80, blank=True, validators=[no_identity_code])
    subjects = models.JSONField(default=dict, blank=True)  # {subject: {"assessment": code, "notes": text}}
    overall = models.CharField(_("as a whole"), max_length=10, choices=OVERALL, blank=True)
    summary = free_text(_("why"))
    given_at = models.DateTimeField(_("given"), null=True, blank=True)

    class Meta:
        ordering = ("interview", "seat")
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "user"],
                name="interviewer_once",
                violation_error_message=_("The two interviewers are different persons."),
            ),
            models.UniqueConstraint(fields=["interview", "seat"], name="interviewer_has_own_seat"),
            models.CheckConstraint(condition=Q(seat__in=[1, 2]), name="two_interviewers"),
            models.CheckConstraint(
                condition=Q(is_professional=False) | ~Q(title=""),
                name="professional_has_a_title",
                violation_error_message=_("Write the title of the health or social care professional."),
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True) | ~Q(overall="") & ~Q(summary=""),
                name="given_view_is_whole",
                violation_error_message=_("Write how it looks as a whole, and why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interview_id}: {self.user_id}"


class Decision(models.Model):
    """A step that was taken: which, when, by whom, why. Goes with the application; never changed (trigger)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    state = models.CharField(_("step"), max_length=16, choices=ApplicationState.choices)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=12, choices=Application.Reason.choices, blank=True)
    note = models.TextField(_("note"), max_length=LONG, blank=True, validators=[no_identity_code])

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.application_id}: {self.state}"


class Look(models.Model):
    """A look at an application: who, when, what. Never changed (trigger); goes with the application."""

    at = models.DateTimeField()
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="looks")
    what = models.CharField(max_length=20)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(F("application"), F("id").desc(), name="looks_of_application")]

    def __str__(self) -> str:
        return f"{self.what} {self.application_id}"


class Arrival(models.Model):
    """That a form came in, by a fingerprint of the sender's network address. Counted for an hour, then removed."""

    at = models.DateTimeField(db_index=True)
    sender = models.CharField(max_length=32)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
