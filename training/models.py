"""Trainings of the office, courses with dates, who was there, who has completed what."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import TASK_TYPES
from office.fields import FINNISH, Int8Range, TsTzRange
from office.models import User
from office.validators import no_identity_code
from training.querysets import CourseDateQuerySet, CourseQuerySet, ExternalQuerySet, ParticipantQuerySet


class Training(models.Model):
    """A training that the office knows by name. Kinds of work may require it; fee items name it by its code."""

    class Sort(models.TextChoices):
        INTRODUCTION = "introduction", _("Introduction training")
        FURTHER = "further", _("Further training")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=120, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=120, db_collation=FINNISH)
    sort = models.CharField(_("sort"), max_length=12, choices=Sort.choices, default=Sort.FURTHER)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TASK_TYPES),
        verbose_name=_("required for these kinds of work"),
        default=list,
        blank=True,
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("name_fi", "id")

    def __str__(self) -> str:
        return self.name_fi


class Course(models.Model):
    """One time that a training is given: trainer, seats, dates."""

    training = models.ForeignKey(Training, on_delete=models.PROTECT, related_name="courses", verbose_name=_("training"))
    trainer = models.CharField(_("trainer"), max_length=120, validators=[no_identity_code])
    seats = models.PositiveSmallIntegerField(_("seats"), default=12)
    created_at = models.DateTimeField()

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(seats__gte=1),
                name="course_has_a_seat",
                violation_error_message=_("A course has at least one seat."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.training_id}: {self.trainer}"


class CourseDate(models.Model):
    """One date of a course. Times are UTC, half-open; dates of one course never overlap."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="dates")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, validators=[no_identity_code])
    marked_at = models.DateTimeField(null=True, blank=True)

    objects = CourseDateQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="course_date_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            ExclusionConstraint(
                name="course_dates_do_not_overlap",
                expressions=[
                    (Int8Range("course_id"), RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The course has another date at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def minutes(self) -> int:
        """How long the date lasts, in whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Participant(models.Model):
    """An expert on a course: once, and how it ended."""

    class State(models.TextChoices):
        ENROLLED = "enrolled", _("On the course")
        COMPLETED = "completed", _("Completed")
        INTERRUPTED = "interrupted", _("Interrupted")

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="participants")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="course_places", verbose_name=_("expert"))
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.ENROLLED)
    ended_on = models.DateField(_("completed or interrupted on"), null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ("course", "expert")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "expert"],
                name="on_a_course_once",
                violation_error_message=_("The expert is on this course already."),
            ),
            models.CheckConstraint(
                condition=Q(state="enrolled", ended_on__isnull=True, ended_by__isnull=True)
                | (~Q(state="enrolled") & Q(ended_on__isnull=False, ended_by__isnull=False)),
                name="course_end_has_its_day",
                violation_error_message=_("Say on which day the training was completed or interrupted."),
            ),
        ]
        indexes = [models.Index(fields=["expert", "state"], name="trainings_of_expert")]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.expert_id}"


class Attendance(models.Model):
    """A participant was there on a date. No row: was not."""

    date = models.ForeignKey(CourseDate, on_delete=models.PROTECT, related_name="attendances")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="attendances")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["date", "participant"], name="at_a_course_date_once")]

    def __str__(self) -> str:
        return f"{self.date_id}: {self.participant_id}"


class ExternalTraining(models.Model):
    """A training that an expert has from elsewhere; with ``training`` it counts as the office's own."""

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="external_trainings", verbose_name=_("expert")
    )
    training = models.ForeignKey(
        Training,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="external",
        verbose_name=_("counts as"),
    )
    name = models.CharField(_("name"), max_length=120, validators=[no_identity_code])
    organiser = models.CharField(_("organiser"), max_length=120, blank=True, validators=[no_identity_code])
    completed_on = models.DateField(_("completed on"))
    minutes = models.PositiveIntegerField(_("minutes"), default=0)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ExternalQuerySet.as_manager()

    class Meta:
        ordering = ("-completed_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "name", "completed_on"],
                name="external_training_once",
                violation_error_message=_("This training is noted already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
