"""What messages leave to the coordinator: those that failed, and people to telephone or write to."""

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.choices import MessageState, Role
from office.models import OutboxMessage, User
from office.todo import Ask, Todo, source
from office.together import Row


@source
def messages(user: User, _at: object) -> Iterator[Ask]:
    """One task for all that failed, one for all that are told by hand."""
    if user.has_role(Role.COORDINATOR):
        left = OutboxMessage.objects.filter(state__in=[MessageState.FAILED, MessageState.BY_HAND])
        yield Ask(left.order_by().values("state").annotate(number=Count("pk")).values_list("state", "number"), _tell)


def _tell(rows: list[Row]) -> Iterator[Todo]:
    outbox = reverse("office:outbox")
    for state, number in rows:
        if state == MessageState.FAILED:
            said = ngettext("%(n)s message could not be sent.", "%(n)s messages could not be sent.", number)
            yield Todo(said % {"n": number}, f"{outbox}?state=failed", _("See which"), urgent=True)
        else:
            said = ngettext(
                "%(n)s message is to be told by telephone or post.",
                "%(n)s messages are to be told by telephone or post.",
                number,
            )
            yield Todo(said % {"n": number}, f"{outbox}?state=by_hand", _("See whose"))
