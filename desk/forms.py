"""Forms of the front desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from desk.importing.sheets import Fault
from desk.models import UploadedSheet
from office.choices import NAMED, Role
from office.models import RoleGrant, User

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


class ApproverField(forms.ModelChoiceField):  # type: ignore[type-arg]  # the stubs' class is not generic at run time
    """Somebody with the address, which tells two of the same name apart."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj} ({obj.email})"


def approvers(at: datetime) -> QuerySet[User]:
    """Who may be named as the approver of an office's own hours: named employees, deputies, coordinators in force."""
    roles = RoleGrant.objects.in_force(at).filter(user=OuterRef("pk"), role__in=[*NAMED, Role.COORDINATOR])
    return User.objects.filter(Exists(roles), is_active=True).order_by("last_name", "first_name", "pk")


class TakeForm(forms.Form):
    """Taking the file after the dry run. ``seen`` tells which dry run the person has in front of them.

    ``faults`` are those of the dry run. A file of hours asks who has approved them, as ``import_office --approved-by``.
    """

    seen = forms.CharField(widget=forms.HiddenInput)
    approver = ApproverField(
        label=_("Who has approved the hours?"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Each unit's own named employee"),
        help_text=_("Choose a person when one has approved them all. Nobody approves their own hours."),
    )
    skip_bad_rows = forms.BooleanField(
        label=_("Take the good rows and leave the refused ones out"),
        error_messages={"required": _("Rows are refused: say that they are left out, or mend the sheet first.")},
    )

    def __init__(
        self, *args: Any, sheet: UploadedSheet, faults: Sequence[Fault] = (), at: datetime, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"seen": sheet.seen, "approver": sheet.approver_id}
        super().__init__(*args, **kwargs)
        self._was = sheet.approver_id
        self._whole_file = any(not fault.row for fault in faults)
        if sheet.sort == UploadedSheet.Sort.HOURS:
            cast(ApproverField, self.fields["approver"]).queryset = approvers(at)
            self.fields["approver"].mark_optional = False  # type: ignore[attr-defined]  # the empty choice says what it does
        else:
            del self.fields["approver"]
        if not any(fault.row for fault in faults):
            del self.fields["skip_bad_rows"]

    def clean_approver(self) -> User | None:
        """Where a unit has nobody to approve, somebody must be named."""
        found: User | None = self.cleaned_data["approver"]
        if self._whole_file and (found.pk if found else None) == self._was:
            raise forms.ValidationError(_("The file is refused so. Choose another approver, or mend the sheet."))
        return found
