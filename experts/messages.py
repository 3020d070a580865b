"""Messages about contracts."""

from django.utils.translation import gettext_lazy as _

from experts.models import Contract
from office.models import OutboxMessage
from office.outbox import kind


def _in_force(message: OutboxMessage) -> bool:
    return Contract.objects.filter(pk=message.about_id, state=Contract.State.IN_FORCE).exists()


def _ended(message: OutboxMessage) -> bool:
    return Contract.objects.filter(pk=message.about_id, state=Contract.State.ENDED).exists()


CONTRACT_IN_FORCE = kind("contract_in_force", _("The contract is in force"), still_true=_in_force)
CONTRACT_ENDED = kind("contract_ended", _("The contract ends earlier"), still_true=_ended)
