"""Answering from the mail: a link of one's own for each offer, used once, good for that offer only."""

from datetime import datetime

from django.utils.translation import gettext as _

from assignments.actions.common import act
from assignments.actions.offers import decline, say_yes
from assignments.models import Offer
from office.errors import Conflict, Refused


@act
def answer_by_link(offer: Offer, *, yes: bool, at: datetime) -> Offer:
    """The expert's answer without signing in: whoever has the mail answers as the expert, once (R4 of the lessons).

    Raises Refused (over its time, the expert has left or has no account, and all that ``accept`` refuses) and Conflict
    (the link or the offer has been answered already); then nothing has changed and the link still works.
    """
    used = Offer.objects.filter(pk=offer.pk, token_hash=offer.token_hash, token_used_at__isnull=True)
    if not used.update(token_used_at=at):
        raise Conflict(_("This link has been used already. Sign in to see your offers."))
    expert = offer.expert.user
    if expert is None or not expert.is_active:
        raise Refused(_("This link is no longer good. Ask the coordinator."))
    if at > offer.answer_by:
        raise Refused(_("The time to answer is over. Sign in, or ask the coordinator."))
    if yes:
        say_yes(offer, by=expert, at=at)
    else:
        decline(offer, by=expert, at=at)
    return offer
