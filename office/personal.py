"""What the ground floor keeps of a person: the account with its roles, and the messages sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office import longwork
from office.choices import MessageState, Role
from office.exporting import EXPORT, UNREADY
from office.models import Attempt, Away, Export, ExportFile, OutboxMessage, RoleGrant, SmsConsent, User
from office.outbox_links import shown
from office.rights import (
    Person,
    Record,
    Rows,
    Section,
    about,
    chosen,
    clear,
    fact,
    record_class,
    section,
)
from office.templatetags.erfa import localname
from office.workdays import HELSINKI, at_wall_clock

#: Rows of the sign-in library: addresses, second factors, other services. Their secrets are nobody's to read.
SIGN_IN = ("account", "mfa", "socialaccount")


def sign_in_models() -> list[type[models.Model]]:
    """The sign-in library's models that hang on an account."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in SIGN_IN
        and any(field.name == "user" and field.related_model is User for field in model._meta.get_fields())
    ]


def _account_rows(person: Person) -> Rows:
    found: dict[str, QuerySet[Any]] = {
        "office.User": User.objects.filter(pk=person.user_id),
        "office.RoleGrant": RoleGrant.objects.filter(user_id=person.user_id),
        "office.SmsConsent": SmsConsent.objects.filter(user_id=person.user_id),
    }
    return found | {
        model._meta.label: model._default_manager.filter(user_id=person.user_id) for model in sign_in_models()
    }


ACCOUNT = record_class(
    "account",
    gettext_lazy("Account and roles"),
    10,
    [
        "office.User",
        "office.RoleGrant",
        "office.SmsConsent",
        "account.EmailAddress",
        "account.EmailConfirmation",
        "mfa.Authenticator",
    ],
    _account_rows,
    why=gettext_lazy("The account is closed, its name and address are replaced. One with another role stays open."),
)


@ACCOUNT.collects
def _account(person: Person) -> Iterator[Section]:
    user = person.user
    if user is None:
        return
    yield from section(
        "account",
        _("Account"),
        [
            [
                fact("first_name", _("First name"), user.first_name),
                fact("last_name", _("Last name"), user.last_name),
                fact("email", _("E-mail"), user.email),
                fact("phone", _("Telephone"), user.phone),
                chosen("language", _("Language"), user, "language"),
                fact("is_active", _("Can sign in"), user.is_active),
                fact("last_login", _("Signed in last"), user.last_login),
                fact("has_password", _("Has a password"), user.has_usable_password()),
                fact("second_factors", _("Second factors"), _factors(user)),
            ]
        ],
        note=_("Passwords and the secrets of second factors are not told: nobody can read them."),
    )
    yield from section(
        "roles",
        _("Roles"),
        (
            [
                chosen("role", _("Role"), held, "role"),
                fact("unit", _("Unit"), held.unit.code if held.unit else None, _name(held.unit)),
                fact("valid_from", _("From"), held.valid_from),
                fact("valid_to", _("Until"), held.valid_to),
            ]
            for held in user.grants.select_related("unit").order_by("valid_from", "id")
        ),
    )
    yield from section(
        "text_messages",
        _("Text messages"),
        (
            [
                fact("number", _("Telephone"), one.number),
                fact("given_at", _("From"), one.given_at),
                fact("withdrawn_at", _("Until"), one.withdrawn_at),
            ]
            for one in user.sms_consents.order_by("id")
        ),
    )
    yield from section("sign_in_addresses", _("Addresses for signing in"), _addresses(user))


def _factors(user: User) -> list[str]:
    model = apps.get_model("mfa", "Authenticator")
    return [str(kind) for kind in model.objects.filter(user=user).order_by("type").values_list("type", flat=True)]


def _addresses(user: User) -> Iterator[Record]:
    model = apps.get_model("account", "EmailAddress")
    for found in model.objects.filter(user=user).order_by("email"):
        yield [
            fact("email", _("E-mail"), found.email),
            fact("verified", _("Confirmed"), found.verified),
            fact("primary", _("In use"), found.primary),
        ]


def _name(obj: Any) -> str | None:
    """The name of a unit in the active language."""
    return localname(obj) if obj else None


def works_here_too(person: Person, at: datetime) -> bool:
    """Whether the account holds another role than that of an expert."""
    return bool(person.user and person.user.grants.in_force(at).exclude(role=Role.EXPERT).exists())


@ACCOUNT.erases
def _close_account(person: Person, name: str, at: datetime) -> int:
    """Closes the account. With another role in force only the role of an expert ends: the person still works here."""
    user = person.user
    if user is None:
        return 0
    ended = user.grants.in_force(at).filter(role=Role.EXPERT).update(valid_to=at)
    if works_here_too(person, at):
        return ended
    for model in sign_in_models():
        model._default_manager.filter(user=user).delete()
    user.sms_consents.all().delete()
    for session in Session.objects.filter(expire_date__gt=at).iterator():
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()
    first, _space, last = name.rpartition(" ")
    user.first_name, user.last_name, user.phone = first, last, ""
    user.email = f"erased-{user.pk}@erased.invalid"
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()
    return ended + 1


AWAY = record_class(
    "employees_away",
    gettext_lazy("When an employee was away"),
    12,
    ["office.Away"],
    lambda person: {"office.Away": Away.objects.filter(user_id=person.user_id)},
    why=gettext_lazy("The days go; nobody has written down why."),
)


@AWAY.collects
def _away(person: Person) -> Iterator[Section]:
    yield from section(
        "away",
        _("Away from work"),
        (
            [fact("first_day", _("First day"), one.first_day), fact("last_day", _("Last day"), one.last_day)]
            for one in AWAY.rows(person)["office.Away"].order_by("first_day", "pk")
        ),
    )


@AWAY.erases
def _remove_away(person: Person, _name: str, _at: datetime) -> int:
    return AWAY.rows(person)["office.Away"].delete()[0]


@AWAY.retained(months=3, since=gettext_lazy("the last day of the absence"))
def _old_away(border: date) -> QuerySet[Any]:
    return Away.objects.annotate(ended=F("last_day")).filter(last_day__lt=border)


@AWAY.removes
def _remove_old_away(ids: Sequence[int]) -> Mapping[str, int]:
    return clear(Away.objects.filter(pk__in=ids))


UNSENT = {
    MessageState.WAITING,
    MessageState.TO_GATHER,
    MessageState.HELD,
    MessageState.FAILED,
    MessageState.BY_HAND,
}


def _about_own(person: Person) -> Q:
    """Messages about records of the person."""
    own = Q(pk__in=[])
    for label, ids in about(person).items():
        own |= Q(about_type=label, about_id__in=ids)
    return own


def _own_messages(person: Person) -> Rows:
    """To the account, to the address, and by name to somebody who has neither."""
    by_name = Q(recipient__isnull=True, address="", name__in=person.said) & _about_own(person)
    by_address = Q(recipient__isnull=True, address=person.email or "-")
    to_account = Q(recipient__isnull=False, recipient=person.user)
    return {"office.OutboxMessage": OutboxMessage.objects.filter(to_account | by_address | by_name)}


MESSAGES = record_class(
    "messages",
    gettext_lazy("Messages sent"),
    90,
    ["office.OutboxMessage"],
    _own_messages,
    why=gettext_lazy("Subjects and texts of messages to the person go; the name goes out of messages to others."),
)


@MESSAGES.collects
def _messages(person: Person) -> Iterator[Section]:
    yield from section(
        "messages",
        _("Messages sent"),
        (
            [
                fact("created_at", _("Written"), sent.created_at),
                fact("sent_at", _("Sent"), sent.sent_at),
                chosen("channel", _("Sent as"), sent, "channel"),
                chosen("state", _("State"), sent, "state"),
                fact("subject", _("Subject"), sent.subject),
                fact("body", _("Text"), shown(sent.body)),
            ]
            for sent in MESSAGES.rows(person)["office.OutboxMessage"].order_by("id")
        ),
    )


@MESSAGES.erases
def _empty_messages(person: Person, name: str, _at: datetime) -> int:
    """Empties the person's messages, and takes the name out of what others were told about the person's records."""
    mine = MESSAGES.rows(person)["office.OutboxMessage"].select_for_update()
    count = 0
    for message in mine.exclude(subject="", body=""):
        if message.state in UNSENT:
            message.state = MessageState.DROPPED
        message.subject, message.body, message.secret, message.error = "", "", "", ""
        if message.recipient_id is None:
            message.name, message.address = name, ""
        message.save()
        count += 1
    return count + _rename_in_messages(person, name)


def _rename_in_messages(person: Person, name: str) -> int:
    """Messages to others about a record of the person: names, e-mail and telephone give way to the new name."""
    count = 0
    told = OutboxMessage.objects.select_for_update(of=("self",)).filter(_about_own(person))
    for message in told.order_by("id"):
        subject, body = message.subject, message.body
        for word in person.said:
            subject, body = subject.replace(word, name), body.replace(word, name)
        if (subject, body) != (message.subject, message.body):
            OutboxMessage.objects.filter(pk=message.pk).update(subject=subject[:200], body=body)
            count += 1
    return count


@MESSAGES.retained(months=24, since=gettext_lazy("the day on which it was written"))
def _old_messages(border: date) -> QuerySet[Any]:
    day = TruncDate("created_at", tzinfo=HELSINKI)
    return OutboxMessage.objects.annotate(ended=day).filter(created_at__lt=first_moment(border))


@MESSAGES.removes
def _remove_messages(ids: Sequence[int]) -> Mapping[str, int]:
    return clear(OutboxMessage.objects.filter(pk__in=ids))


SIGN_INS = record_class(
    "sign_ins",
    gettext_lazy("Sign-ins that have ended"),
    95,
    ["sessions.Session"],
    lambda _person: {},
    why=gettext_lazy("Open sign-ins of the person end."),
)


@SIGN_INS.retained(months=0, since=gettext_lazy("the day on which it ended"))
def _old_sign_ins(border: date) -> QuerySet[Any]:
    day = TruncDate("expire_date", tzinfo=HELSINKI)
    return Session.objects.annotate(ended=day).filter(expire_date__lt=first_moment(border))


@SIGN_INS.removes
def _remove_sign_ins(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(Session.objects.filter(pk__in=ids))


ATTEMPTS = record_class(
    "attempts",
    gettext_lazy("Sign-ins counted against guessing"),
    96,
    ["office.Attempt"],
    lambda _person: {},
    why=gettext_lazy("Fingerprints of addresses, without a name."),
)


@ATTEMPTS.retained(months=0, since=gettext_lazy("the day on which it counted last"))
def _old_attempts(border: date) -> QuerySet[Any]:
    day = TruncDate("expires", tzinfo=HELSINKI)
    return Attempt.objects.annotate(ended=day).filter(expires__lt=first_moment(border))


@ATTEMPTS.removes
def _remove_attempts(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(Attempt.objects.filter(pk__in=ids))


EXPORTS = record_class(
    "exports",
    gettext_lazy("Lists as files"),
    96,
    ["office.Export", "office.ExportFile"],
    lambda _person: {},
    why=gettext_lazy("Made from the records for a day; an erasure removes them all, for they may name the person."),
)


@EXPORTS.erases
def _drop_exports(_person: Person, _name: str, _at: datetime) -> int:
    return _remove_exports(list(Export.objects.values_list("pk", flat=True))).get("office.Export", 0)


@EXPORTS.retained(months=0, since=gettext_lazy("the day on which it was asked for"))
def _old_exports(border: date) -> QuerySet[Any]:
    day = TruncDate("asked_at", tzinfo=HELSINKI)
    return Export.objects.annotate(ended=day).filter(asked_at__lt=first_moment(border) - UNREADY)


@EXPORTS.removes
def _remove_exports(ids: Sequence[Any]) -> Mapping[str, int]:
    longwork.forget(EXPORT, ids)
    return clear(ExportFile.objects.filter(export__in=ids), Export.objects.filter(pk__in=ids))


def first_moment(day: date) -> datetime:
    """When the day begins in Helsinki."""
    return at_wall_clock(day, time(0))
