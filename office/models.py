"""Users and roles, units, policies, outgoing messages, the audit log."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from office.access import Holdings
from office.asked_once import Question
from office.choices import UNIT_ROLES, Language, Role
from office.fields import FINNISH, Int8Range, TsTzRange
from office.querysets import GrantQuerySet, LogQuerySet, UnitQuerySet


class UserManager(BaseUserManager["User"]):
    """Accounts are made by the office; nobody signs up."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user; without a password the person signs in by a code sent by e-mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A technical administrator. Has no role of the office by itself."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """E-mail addresses are compared without case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. What they may do is in their roles, each in a unit and for a time."""

    email = models.EmailField(
        _("e-mail"), max_length=254, unique=True, error_messages={"unique": _("This e-mail address is in use.")}
    )
    first_name = models.CharField(_("first name"), max_length=80, db_collation=FINNISH)
    last_name = models.CharField(_("last name"), max_length=80, db_collation=FINNISH)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.FI)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(default=False)
    # Reminders that are not urgent: all of a day in one message, or each at once. Not chosen: by role.
    daily_reminders = models.BooleanField(_("reminders once a day"), null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        ordering = ("last_name", "first_name", "id")
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message=_("This e-mail address is in use.")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_staff(self) -> bool:
        """For libraries that ask; Erfa itself asks for roles."""
        return self.is_superuser

    @cached_property
    def holdings(self) -> Holdings:
        """The roles in force now, read once for each loaded user (one query)."""
        from django.utils import timezone  # noqa: PLC0415 - the one clock of access: roles end at once, not at log-out

        return Holdings.of(_HELD(user=self.pk, at=timezone.now()) if self.is_active else [])

    def has_role(self, *roles: str) -> bool:
        return bool(self.holdings.roles & set(roles))


_HELD: Question[tuple[str, int | None]] = Question(
    lambda user, at: RoleGrant.objects.in_force(at).filter(user=user).order_by().values_list("role", "unit_id"),
    user=int,
    at=datetime,
)


class ServiceArea(models.Model):
    """A dimension of every figure (R30)."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=120, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=120, db_collation=FINNISH)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_fi


class Unit(models.Model):
    """A unit of the county. It pays for the work done there (R6)."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=160, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=160, db_collation=FINNISH)
    service_area = models.ForeignKey(
        ServiceArea, on_delete=models.PROTECT, related_name="units", verbose_name=_("service area")
    )
    cost_centre = models.CharField(_("cost centre"), max_length=20)
    place = models.CharField(_("usual place"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_fi


class RoleGrant(models.Model):
    """A role, in a unit (or the county) and for a time: half-open [valid_from, valid_to)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("unit")
    )
    valid_from = models.DateTimeField(_("from"))
    valid_to = models.DateTimeField(_("until"), null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("unit", "role", "valid_from", "id")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(role__in=sorted(UNIT_ROLES), unit__isnull=False)
                    | (~Q(role__in=sorted(UNIT_ROLES)) & Q(unit__isnull=True))
                ),
                name="grant_unit_matches_role",
                violation_error_message=_("This role is held in a unit; choose one."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="grant_ends_after_start",
            ),
            ExclusionConstraint(
                name="one_named_employee_at_a_time",
                expressions=[
                    (Int8Range("unit_id"), RangeOperators.EQUAL),
                    (TsTzRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(role=Role.UNIT_CONTACT),
                violation_error_message=_("The unit has a named employee at that time already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class ClosingDay(models.Model):
    """A day on which the office is closed: not a working day of ours though no public holiday (R12)."""

    day = models.DateField(_("day"), unique=True)
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


class Policy(models.Model):
    """The county's rules from a day on (dated rows; the latest that has begun is in force)."""

    class CancellationBasis(models.TextChoices):
        PREVIOUS_WORKING_DAY = "previous_working_day", _("previous working day")
        PREVIOUS_CALENDAR_DAY = "previous_calendar_day", _("previous day")

    valid_from = models.DateField(_("from"), unique=True)
    cancellation_basis = models.CharField(
        _("free cancellation until"),
        max_length=24,
        choices=CancellationBasis.choices,
        default=CancellationBasis.PREVIOUS_WORKING_DAY,
    )
    cancellation_time = models.TimeField(_("at (Helsinki)"), default="15:00")
    list_due_day = models.PositiveSmallIntegerField(_("hour lists due on day"), default=9)
    pay_day_moves = models.BooleanField(_("pay day moves to the banking day before"), default=True)
    decision = models.CharField(_("decision"), max_length=200, blank=True)

    class Meta:
        ordering = ("valid_from",)
        constraints = [
            models.CheckConstraint(condition=Q(list_due_day__range=(1, 28)), name="policy_due_day_in_month"),
        ]

    def __str__(self) -> str:
        return str(self.valid_from)


class LogEntry(models.Model):
    """What was done: who, on whose behalf, when, from which state to which, why. Append-only (trigger)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    objects = LogQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["object_type", "object_id", "id"], name="log_of_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.object_id}"


class RetentionPeriod(models.Model):
    """How long a class of records is kept, where the county has decided otherwise than the default (office.rights)."""

    record_class = models.SlugField(_("records"), max_length=40, unique=True)
    months = models.PositiveSmallIntegerField(_("months"))

    class Meta:
        ordering = ("record_class",)

    def __str__(self) -> str:
        return f"{self.record_class}: {self.months}"


class ReminderSetting(models.Model):
    """How a reminder goes from a day on (dated rows; the latest that has begun holds; before the first the default)."""

    name = models.SlugField(_("reminder"), max_length=40)
    valid_from = models.DateField(_("from"))
    is_on = models.BooleanField(_("is sent"), default=True)
    clock = models.TimeField(_("at (Helsinki)"))
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days before"), default=list, blank=True)

    class Meta:
        ordering = ("name", "valid_from")
        constraints = [
            models.UniqueConstraint(fields=["name", "valid_from"], name="one_reminder_setting_a_day"),
            models.CheckConstraint(
                condition=Q(clock__gte="07:00", clock__lte="20:00"),
                name="reminder_in_the_day",
                violation_error_message=_("Reminders are sent between 7.00 and 20.00."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.valid_from}"


class ReminderRound(models.Model):
    """A reminder has been asked for a working day: whom to remind then has been written, and is not asked again."""

    name = models.SlugField(max_length=40)
    day = models.DateField()
    done_at = models.DateTimeField()

    class Meta:
        ordering = ("day", "name")
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="one_reminder_round_a_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class Heartbeat(models.Model):
    """When a part that nobody watches was last at work: the clock (office.health)."""

    name = models.SlugField(max_length=40, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


from office.models_attempts import Attempt as Attempt  # noqa: E402  the rest of this app's models
from office.models_away import Away as Away  # noqa: E402
from office.models_messages import MessageText as MessageText  # noqa: E402
from office.models_messages import OutboxMessage as OutboxMessage  # noqa: E402
from office.models_messages import SmsConsent as SmsConsent  # noqa: E402
from office.models_work import Export as Export  # noqa: E402
from office.models_work import ExportFile as ExportFile  # noqa: E402
from office.models_work import LongWork as LongWork  # noqa: E402
from office.models_work import WorkPart as WorkPart  # noqa: E402
