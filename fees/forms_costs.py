"""What the receipts of a time's journey come to, and a file of one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from assignments.texts import money
from office.forms import MoneyField


class CostsForm(forms.Form):
    """The sum in euros, and one more receipt. A file that is good is kept even when the sum has to be mended (D2)."""

    receipts = MoneyField(label=_("What do the receipts come to, €?"), max_digits=7, required=False)
    file = forms.FileField(
        label=_("Receipt"),
        help_text=_("A photograph (JPEG or PNG) or a PDF, at most 10 MB. Nothing by which a client can be recognised."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def __init__(self, session: Session, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"receipts": session.receipts})
        for field in self.fields.values():
            field.mark_optional = False  # type: ignore[attr-defined]  # read by our field template
        field = self.fields["receipts"]
        told: list[Any] = (
            [_("Only what was paid already and is not given back.")] if session.outcome == "cancelled_late" else []
        )
        if session.travel_cap is not None:
            told.append(_("At most %(cap)s was agreed and is paid.") % {"cap": money(session.travel_cap)})
        field.help_text = " ".join(map(str, told))

    @property
    def sum(self) -> Decimal | None:
        """Euros; nothing and 0,00 are the same: no costs."""
        return self.cleaned_data.get("receipts") or None
