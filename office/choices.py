"""Words for the values that are stored as codes."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.kinds import TaskType


def display(field: str, choices: Iterable[tuple[str, str | Promise]]) -> Callable[[Any], str]:
    """``get_<field>_display`` of a model, the word for the value from a dictionary.

    Django's own translates every choice anew for each row: a tenth of a page of fifty rows.
    """
    words = dict(choices)

    def word(row: Any) -> str:
        value = getattr(row, field)
        return str(words.get(value, value))

    return word


TASK_TYPES = [
    (TaskType.INDIVIDUAL.value, _("Individual work")),
    (TaskType.PAIR.value, _("Pair work")),
    (TaskType.GROUP.value, _("Group leading")),
    (TaskType.LECTURE.value, _("Lecture or training")),
    (TaskType.DEVELOPMENT.value, _("Development work")),
    (TaskType.APPOINTMENT.value, _("Reception by appointment")),
    (TaskType.WALK_IN.value, _("Walk-in reception")),
    (TaskType.MEETING.value, _("Co-creation meeting")),
]

WORK_LANGUAGES = [
    ("fi", _("Finnish")),
    ("sv", _("Swedish")),
    ("en", _("English")),
    ("se", _("Northern Sámi")),
    ("ru", _("Russian")),
    ("et", _("Estonian")),
    ("ar", _("Arabic")),
    ("so", _("Somali")),
    ("uk", _("Ukrainian")),
    ("fsl", _("Sign language")),
]


class Language(TextChoices):
    FI = "fi", _("Finnish")
    SV = "sv", _("Swedish")
    EN = "en", _("English")


class Role(TextChoices):
    COORDINATOR = "coordinator", _("Coordinator")
    UNIT_CONTACT = "unit_contact", _("Named employee")
    DEPUTY = "deputy", _("Deputy of the named employee")
    STAFF = "staff", _("Employee who orders")
    EXPERT = "expert", _("Experience expert")
    FINANCE = "finance", _("Finance")
    SUPERVISOR = "supervisor", _("Work supervisor")


#: Roles that are held in a unit; the others are held in the county.
UNIT_ROLES = frozenset({Role.UNIT_CONTACT, Role.DEPUTY, Role.STAFF})
#: The named employee and the deputy may do the same.
NAMED = frozenset({Role.UNIT_CONTACT, Role.DEPUTY})
#: Everybody who may order in a unit.
ORDERERS = frozenset({Role.UNIT_CONTACT, Role.DEPUTY, Role.STAFF})


class Channel(TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class MessageState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("No longer needed")
    BY_HAND = "by_hand", _("To telephone or post")
    TO_GATHER = "to_gather", _("Waits for the daily message")
    GATHERED = "gathered", _("Told in the daily message")
    HELD = "on_hold", _("On hold")
    TOLD = "told", _("Told by telephone or post")


#: States of a message that may still leave.
MESSAGE_UNDERWAY = ["waiting", "sending", "failed", "to_gather", "on_hold"]
