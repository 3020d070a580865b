"""An expert's own change of e-mail address: asked for here, done from the new address."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from experts import messages
from experts.models import Expert
from office import people
from office.actions import log
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import Outsider, post
from office.saving import readable, save

#: How long the link in the mail is good.
GOOD_FOR = timedelta(days=2)
SALT = "experts.address"


def ask_for_address(expert: Expert, email: str, *, by: User, at: datetime) -> None:
    """Sends a link to the new address; nothing changes before it is used.

    Refused for another's record and for the address that is in use already. Whether an address belongs to somebody
    else is not told here: the link says so to whoever reads that mail.
    """
    if expert.user_id != by.pk:
        raise Refused(_("You may not do this."))
    wanted = email.strip().lower()
    if wanted == by.email:
        raise Refused(_("This is your address already."))
    token = signing.dumps({"user": by.pk, "from": by.email, "to": wanted, "at": at.isoformat()}, salt=SALT)
    with transaction.atomic():
        log("expert.address_asked", expert, by=by, at=at)
        outsider = Outsider(str(by), wanted, expert.language)
        post(
            messages.ADDRESS_TO_CONFIRM,
            outsider,
            about=expert,
            at=at,
            secret=reverse("experts:address_confirm", args=[token]),
        )


def address_of(token: str, *, by: User, at: datetime) -> str:
    """The new address that the link is for. Refused: not a link of ours, another's, used already, too old."""
    try:
        told = signing.loads(token, salt=SALT)
        made = datetime.fromisoformat(told["at"])
    except (signing.BadSignature, KeyError, ValueError) as error:
        raise Refused(_("This link is not good. Ask for a new one.")) from error
    if told["user"] != by.pk:
        raise Refused(_("This link belongs to another account. Sign in with the account whose address changes."))
    if told["from"] != by.email:
        raise Conflict(_("Your address has changed since this link was made."))
    if at - made > GOOD_FOR:
        raise Refused(_("This link is too old. Ask for a new one."))
    return str(told["to"])


def change_own_address(expert: Expert, token: str, *, by: User, at: datetime) -> str:
    """Takes the new address into the record and for signing in; the old one gets a word of it. Gives the address.

    Refused as in ``address_of``, and when another account or expert has the address.
    """
    if expert.user_id != by.pk:
        raise Refused(_("You may not do this."))
    with readable():
        expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
        user = User.objects.select_for_update().get(pk=by.pk)
        wanted, before = address_of(token, by=user, at=at), user.email
        expert.email = wanted
        save(expert, update_fields=["email"])
        people.change_email(user, wanted, by=by, at=at)
        log("expert.change", expert, by=by, at=at, fields=["email"])
        post(messages.ADDRESS_CHANGED, Outsider(str(user), before, expert.language), about=expert, at=at)
    return wanted
