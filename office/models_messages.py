"""Outgoing messages, the coordinator's own words for them, and who wants them as text messages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office.choices import MESSAGE_UNDERWAY, Channel, Language, MessageState
from office.models_away import Away as Away
from office.models_work import Export as Export
from office.models_work import ExportFile as ExportFile
from office.models_work import LongWork as LongWork
from office.models_work import WorkPart as WorkPart
from office.querysets import MessageQuerySet


class OutboxMessage(models.Model):
    """A message to a person, written with the fact it tells of and sent after commit.

    To an account, or by name and address to somebody who has none (an applicant).
    """

    recipient = models.ForeignKey(
        "office.User", on_delete=models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("to")
    )
    name = models.CharField(_("name"), max_length=160, blank=True, db_default="")
    address = models.EmailField(_("e-mail"), blank=True, db_default="")
    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))  # with a mark where the reader's own link belongs (office.outbox_links)
    secret = models.TextField(blank=True, db_default="")  # the path of that link; only the mail shows it
    about_type = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    once = models.CharField(max_length=160, unique=True)  # the same fact is never told twice
    state = models.CharField(_("state"), max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("due"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(
        _("sent as"), max_length=5, choices=Channel.choices, default=Channel.EMAIL, db_default=Channel.EMAIL
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    retry_at = models.DateTimeField(null=True, blank=True)  # put off until then: the mail server did not take it
    handed_at = models.DateTimeField(null=True, blank=True)  # the mail server gets it; its answer is not known yet
    perhaps_sent = models.BooleanField(_("may have arrived twice"), default=False, db_default=False)
    error = models.CharField(_("error"), max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["state", "due_at"], name="outbox_due"),
            models.Index(fields=["recipient", "-id"], name="outbox_recipient"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | (~Q(state=MessageState.SENT) & Q(sent_at__isnull=True)),
                name="sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, name="", address="") | (Q(recipient__isnull=True) & ~Q(name="")),
                name="message_names_one_reader",
            ),
            models.CheckConstraint(
                condition=Q(secret="") | Q(state__in=MESSAGE_UNDERWAY), name="ended_message_has_no_secret"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id or 'no account'}"

    @property
    def to_name(self) -> str:
        """Whom it is for."""
        return str(self.recipient) if self.recipient else self.name

    @property
    def to_address(self) -> str:
        """Where it goes: the account's address of today, or the address that was told. Empty: to telephone or post."""
        if self.channel == Channel.SMS:
            agreed = SmsConsent.objects.filter(user=self.recipient_id, withdrawn_at=None)
            return agreed.values_list("number", flat=True).first() or ""
        return self.recipient.email if self.recipient else self.address


class SmsConsent(models.Model):
    """Somebody wants urgent messages at a number, from a moment until it is withdrawn."""

    user = models.ForeignKey("office.User", on_delete=models.CASCADE, related_name="sms_consents")
    number = models.CharField(_("number"), max_length=16)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(withdrawn_at=None),
                name="one_sms_consent_at_a_time",
                violation_error_message=_("You have chosen a number already."),
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^\+358(4[0-9]|50)[0-9]{4,8}$"), name="sms_goes_to_a_finnish_mobile"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.given_at}"


class MessageText(models.Model):
    """A version of the coordinator's own words for a kind of message in a language. The last one holds; none changes.

    ``words`` holds only what differs from the program's text; empty: everything as the program says it.
    """

    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    number = models.PositiveIntegerField(_("version"))
    words = models.JSONField(default=dict, blank=True)
    written_at = models.DateTimeField(_("written"))
    written_by = models.ForeignKey("office.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("kind", "language", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language", "number"],
                name="one_message_text_at_a_time",
                violation_error_message=_("Somebody else has changed this text meanwhile. Look at it again."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.number}"
