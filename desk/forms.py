"""Forms of the front desk."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from desk.models import UploadedSheet

LARGEST = 5 * 1024 * 1024


class UploadForm(forms.Form):
    """A sheet of the office's own."""

    sort = forms.ChoiceField(
        label=_("What does the file hold?"), choices=UploadedSheet.Sort.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (xlsx), at most 5 MB. Nothing is taken yet: you see first what would change."),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Only sheets, and not endless ones."""
        found: UploadedFile[Any] = self.cleaned_data["file"]
        if (found.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        if not (found.name or "").lower().endswith((".csv", ".txt", ".xlsx")):
            raise forms.ValidationError(_("Only CSV and Excel (xlsx) files can be read."))
        return found


class TakeForm(forms.Form):
    """Taking the file after the dry run. ``seen`` tells which dry run the person has in front of them."""

    seen = forms.CharField(widget=forms.HiddenInput)
    skip_bad_rows = forms.BooleanField(
        label=_("Take the good rows and leave the refused ones out"),
        error_messages={"required": _("Rows are refused: say that they are left out, or mend the sheet first.")},
    )

    def __init__(self, *args: Any, faults: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not faults:
            del self.fields["skip_bad_rows"]
