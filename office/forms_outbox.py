"""Forms of the messages' pages."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from office.choices import MessageState as State
from office.forms import PlainText
from office.outbox import KINDS

#: The parts of the page of messages: the word in the address, its label, the states it shows.
PARTS: list[tuple[str, Any, list[str]]] = [
    ("waiting", _("Waiting"), [State.WAITING, State.SENDING, State.TO_GATHER]),
    ("on_hold", _("On hold"), [State.HELD]),
    ("failed", _("Failed"), [State.FAILED]),
    ("by_hand", _("To telephone or post"), [State.BY_HAND]),
    ("sent", _("Sent"), [State.SENT, State.GATHERED]),
    ("told", _("Told by telephone or post"), [State.TOLD]),
    ("dropped", _("No longer needed"), [State.DROPPED]),
]
STATES = {word: states for word, _label, states in PARTS}


class MessageFilter(forms.Form):
    """What stands in the address: words, part and kind; the person and the record come by links."""

    q = forms.CharField(label=_("Person or subject"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, widget=forms.HiddenInput)
    person = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    about = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(((name, str(kind.description)) for name, kind in KINDS.items()), key=lambda pair: pair[1])
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]  # a choice field
        self.fields["state"].choices = [("", _("All")), *((word, label) for word, label, _states in PARTS)]  # type: ignore[attr-defined]


class MessageTextForm(forms.Form):
    """The text as the recipient will read it; ``seen`` tells which text was edited."""

    subject = PlainText(
        label=_("Subject"), max_length=200, help_text=_("Nothing sensitive: it is seen without opening the message.")
    )
    body = PlainText(
        label=_("Text"),
        validators=[MaxLengthValidator(20_000)],
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_(
            "Plain text. Keep the link, so that the reader finds the page. Where the recipient's own link is named, "
            "it is put in when the message leaves."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput)


class DiscardForm(forms.Form):
    reason = PlainText(label=_("Why is it not needed?"), max_length=300, help_text=_("Kept in the history."))
