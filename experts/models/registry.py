"""Experts and what they know: topics, areas, consent, absences, saved views."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from experts.querysets import AbsenceQuerySet, ExpertQuerySet, SavedViewQuerySet, days_of
from experts.shown import MAY_BE_BEFORE, short_name
from office.choices import TASK_TYPES, WORK_LANGUAGES, Language
from office.fields import FINNISH
from office.models import User
from office.validators import no_identity_code


def default_before() -> list[str]:
    """What units see of a new expert when they look for one."""
    return ["introduction"]


def default_after() -> list[str]:
    """What the ordering unit sees once a new expert has accepted."""
    return ["introduction", "last_name", "phone"]


class TopicGroup(models.Model):
    """A heading over topics, such as "Mental health"."""

    name_fi = models.CharField(_("name in Finnish"), max_length=80, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=80, db_collation=FINNISH)
    place = models.PositiveSmallIntegerField(_("place in the list"), default=0)

    class Meta:
        ordering = ("place", "name_fi")
        constraints = [models.UniqueConstraint(Lower("name_fi"), name="topic_group_name_once")]

    def __str__(self) -> str:
        return self.name_fi


class Area(models.Model):
    """A municipality or part of the county where experts work."""

    name_fi = models.CharField(_("name in Finnish"), max_length=80, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=80, db_collation=FINNISH)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("name_fi",)
        constraints = [models.UniqueConstraint(Lower("name_fi"), name="area_name_once")]

    def __str__(self) -> str:
        return self.name_fi


class Topic(models.Model):
    """An experience topic. Reveals health: shown only as the expert has agreed (GDPR Art. 9)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=80, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=80, db_collation=FINNISH)
    group = models.ForeignKey(
        TopicGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="topics", verbose_name=_("group")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("name_fi",)
        constraints = [models.UniqueConstraint(Lower("name_fi"), name="topic_name_once")]

    def __str__(self) -> str:
        return self.name_fi


class Expert(models.Model):
    """An experience expert in the registry. May have no account (no e-mail)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("On a break")
        ENDED = "ended", pgettext_lazy("expert", "Ended")

    class StateReason(models.TextChoices):
        """Why on a break or ended. Nothing about health: there is no code for it."""

        OWN_WISH = "own_wish", _("own wish")
        MOVED = "moved", _("moved away")
        WORK_OR_STUDIES = "work_or_studies", _("work or studies")
        CONTRACT_ENDED = "contract_ended", _("the contract ended")
        NO_CONTACT = "no_contact", _("cannot be reached")
        OFFICE = "office", _("decision of the office")
        OTHER = "other", _("another reason")

    class Showable(models.TextChoices):
        """Fields that an expert can show to unit staff."""

        INTRODUCTION = "introduction", _("introduction")
        MUNICIPALITY = "municipality", _("municipality")
        TRAINING = "training", _("training")
        LAST_NAME = "last_name", _("last name")
        PHONE = "phone", _("telephone")
        EMAIL = "email", _("e-mail")

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="expert", verbose_name=_("account")
    )
    first_name = models.CharField(_("first name"), max_length=80, db_collation=FINNISH)
    last_name = models.CharField(_("last name"), max_length=80, db_collation=FINNISH)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    municipality = models.CharField(_("municipality"), max_length=60, blank=True)
    language = models.CharField(_("contact language"), max_length=2, choices=Language.choices, default=Language.FI)
    work_languages = ArrayField(
        models.CharField(max_length=3, choices=WORK_LANGUAGES), verbose_name=_("working languages"), default=list
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"), default=list, blank=True
    )
    on_site = models.BooleanField(_("works on site"), default=True)
    remote = models.BooleanField(_("works remotely"), default=True)
    training = models.CharField(_("training"), max_length=200, blank=True, validators=[no_identity_code])
    introduction_fi = models.TextField(_("introduction in Finnish"), blank=True, validators=[no_identity_code])
    introduction_sv = models.TextField(_("introduction in Swedish"), blank=True, validators=[no_identity_code])
    payroll_number = models.CharField(
        _("payroll number"),
        max_length=20,
        null=True,  # unique where known; the empty string could be there only once
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Za-z-]{1,20}$", _("Digits and letters only."))],
        error_messages={"unique": _("Another expert has this payroll number.")},
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(_("reason"), max_length=16, choices=StateReason.choices, blank=True)
    state_since = models.DateField(_("since"), null=True, blank=True)
    pause_until = models.DateField(_("on a break until"), null=True, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="experts", verbose_name=_("works in"))
    availability = models.CharField(
        _("when it suits"), max_length=300, blank=True, validators=[no_identity_code], db_default=""
    )
    # Consent by field (R5, GDPR Art. 7): what unit staff may see, before and after the expert has accepted an order.
    shown_before = ArrayField(
        models.CharField(max_length=16, choices=Showable.choices),
        verbose_name=_("shown when an expert is looked for"),
        default=default_before,
        blank=True,
    )
    shown_after = ArrayField(
        models.CharField(max_length=16, choices=Showable.choices),
        verbose_name=_("shown after the expert has accepted"),
        default=default_after,
        blank=True,
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, validators=[no_identity_code])
    topics = models.ManyToManyField(Topic, through="ExpertTopic", related_name="experts", verbose_name=_("topics"))

    objects = ExpertQuerySet.as_manager()

    class Meta:
        ordering = ("last_name", "first_name", "id")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="expert_email_once",
                condition=~Q(email=""),
                violation_error_message=_("Another expert has this e-mail address."),
            ),
            models.CheckConstraint(
                condition=Q(shown_before__contained_by=sorted(MAY_BE_BEFORE)),
                name="no_surname_or_contact_before_acceptance",
                violation_error_message=_(
                    "The last name and contact data are shown only after the expert has accepted."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        """First name and initial: what staff see before an order is accepted (R5)."""
        return short_name(self.first_name, self.last_name)

    def state_on(self, day: date) -> str:
        """The state as it is on the day: a break that has run out is over without anybody doing anything."""
        over = self.pause_until is not None and self.pause_until <= day
        return self.State.ACTIVE if self.state == self.State.PAUSED and over else self.state

    @property
    def sort_name(self) -> str:
        return f"{self.last_name} {self.first_name}"


class ExpertTopic(models.Model):
    """A topic of an expert, and whether the expert agreed that unit staff may see it."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="expert_topics")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="expert_topics", verbose_name=_("topic"))
    published = models.BooleanField(_("may be shown to units"), default=False)

    class Meta:
        ordering = ("expert", "topic")
        constraints = [models.UniqueConstraint(fields=["expert", "topic"], name="topic_once_an_expert")]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.topic_id}"


class Absence(models.Model):
    """Days on which an expert takes no work, both included. Kept by the expert; no reason is asked."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ("expert", "first_day", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="absence_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.first_day}–{self.last_day}"

    def touches(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the time (UTC, half-open) is on one of the days."""
        first, last = days_of(starts_at, ends_at)
        return self.first_day <= last and first <= self.last_day


class SavedView(models.Model):
    """Filters of a list that a person has given a name. ``query`` is what stands after the ? in the address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60, validators=[no_identity_code])
    query = models.CharField(max_length=500)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"],
                name="saved_view_name_once",
                violation_error_message=_("You have a saved view of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
