"""Messages about contracts (asked before sending whether it is still true) and about the own address."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.models import Contract, Expert
from office.models import OutboxMessage
from office.outbox import Kind as Kind
from office.outbox import kind
from office.outbox_about import messages_about


def _in(state: str, message: OutboxMessage) -> bool:
    return Contract.objects.filter(pk=message.about_id, state=state).exists()


def _sent(message: OutboxMessage) -> bool:
    return _in(Contract.State.SENT, message)


def _accepted(message: OutboxMessage) -> bool:
    return _in(Contract.State.ACCEPTED, message)


def _draft(message: OutboxMessage) -> bool:
    return _in(Contract.State.DRAFT, message)


def _in_force(message: OutboxMessage) -> bool:
    return _in(Contract.State.IN_FORCE, message)


def _ended(message: OutboxMessage) -> bool:
    return _in(Contract.State.ENDED, message)


CONTRACT_SENT = kind(
    "contract_sent",
    _("A contract to read and accept"),
    to=_("The expert"),
    when=_("When the coordinator sends a contract"),
    still_true=_sent,
)
CONTRACT_TAKEN_BACK = kind(
    "contract_taken_back",
    _("A contract was taken back to be changed"),
    to=_("The expert"),
    when=_("When the coordinator takes a contract back to change it"),
    still_true=_draft,
)
CONTRACT_TO_CHANGE = kind(
    "contract_to_change",
    _("An expert asks for a change of a contract"),
    to=_("Coordinators"),
    when=_("When an expert asks for a change of a contract"),
    still_true=_draft,
)
CONTRACT_ACCEPTED = kind(
    "contract_accepted",
    _("An expert has accepted a contract"),
    to=_("Coordinators"),
    when=_("When an expert accepts a contract"),
    still_true=_accepted,
)
CONTRACT_IN_FORCE = kind(
    "contract_in_force",
    _("The contract is in force"),
    to=_("The expert"),
    when=_("When a contract has been signed by both"),
    still_true=_in_force,
)
CONTRACT_ENDED = kind(
    "contract_ended",
    _("The contract ends earlier"),
    to=_("The expert"),
    when=_("When a contract is ended"),
    still_true=_ended,
)
ADDRESS_TO_CONFIRM = kind(
    "address_to_confirm",
    _("A new e-mail address to confirm"),
    to=_("The expert, at the new address"),
    when=_("When an e-mail address is to be changed"),
)
ADDRESS_CHANGED = kind(
    "address_changed",
    _("The e-mail address was changed"),
    to=_("The expert, at the old address"),
    when=_("When an e-mail address has been changed"),
)


def _of_expert(pk: int) -> Q:
    """Messages to the expert, and to anybody about the expert and the contracts."""
    return (
        Q(recipient__in=Expert.objects.filter(pk=pk, user__isnull=False).values("user"))
        | Q(about_type="experts.expert", about_id=pk)
        | Q(about_type="experts.contract", about_id__in=Contract.objects.filter(expert=pk).values("pk"))
    )


messages_about("experts.expert", _of_expert)
