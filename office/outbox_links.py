"""A link that acts for its reader stands only in the reader's mail, never in the stored text (lesson P14).

The text of a message holds a mark in its place, ``OutboxMessage.secret`` the address behind it. The two meet at the
moment of sending (``filled``); whatever reads the text, a page, a download, a search, reads the mark. When the message
has ended its secret is forgotten.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from office.choices import Language
from office.errors import Refused
from office.models import OutboxMessage

#: Where the reader's own link stands in a stored text.
OWN_LINK = "[[own_link]]"


def phrase() -> str:
    """What people see in place of the link, in the reader's language."""
    return _("[the recipient's own link]")


def shown(text: str) -> str:
    """The stored text as anybody may see it."""
    return text.replace(OWN_LINK, phrase())


def filled(message: OutboxMessage) -> str:
    """The text that leaves. For the mail and nothing else."""
    return message.body.replace(OWN_LINK, settings.SITE_URL + message.secret if message.secret else phrase())


def stored(text: str, message: OutboxMessage) -> str:
    """An edited text with the mark put back. Refused when the message needs the link and the text lacks it."""
    for language in Language.values:
        with translation.override(language):
            text = text.replace(phrase(), OWN_LINK)
    if message.secret and OWN_LINK not in text:
        raise Refused(_("The reader cannot answer without the own link. Write %(mark)s where it belongs.") % _mark())
    if not message.secret and OWN_LINK in text:
        raise Refused(_("This message has no own link of the recipient. Take out %(mark)s.") % _mark())
    return text


def _mark() -> dict[str, str]:
    return {"mark": phrase()}
