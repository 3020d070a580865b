"""Forms of contracts and of their texts."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from experts import actions, rules
from experts.actions.contract_papers import LARGEST, check_scan
from experts.models import Contract, ContractText
from feetables.models import FeeTable
from office.choices import TASK_TYPES, Language
from office.errors import RuleError
from office.forms import CheckedByAction, DayField, PlainText

NO_HEALTH = _("Nothing about health, unless you have agreed on it, and nothing about clients.")
LINES = forms.Textarea(attrs={"rows": 2})


class ContractForm(CheckedByAction):
    valid_from = DayField(label=_("First day"), help_text=_("For example 1.1.2027."))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until it is ended."))
    kinds = forms.MultipleChoiceField(label=_("Kinds of work"), choices=TASK_TYPES, widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language of the contract"), choices=Language.choices, required=False)
    fee_table = forms.ModelChoiceField(
        FeeTable.objects.filter(state=FeeTable.State.APPROVED),
        label=_("Fee table"),
        required=False,
        empty_label=_("The table in force on the day of the work"),
        help_text=_(
            "The contract names this version and its decision. Work is priced by the table in force on its day: "
            "a new table that the county board approves applies from its first day."
        ),
    )
    training = PlainText(label=_("Training"), required=False, max_length=300, widget=LINES)
    experience = PlainText(label=_("Earlier experience"), required=False, max_length=300, widget=LINES)
    wishes = PlainText(label=_("Wishes"), required=False, max_length=300, widget=LINES, help_text=NO_HEALTH)
    tasks = PlainText(
        label=_("More about the tasks"), required=False, max_length=300, widget=LINES, help_text=NO_HEALTH
    )
    name_topics = forms.BooleanField(
        label=_("Name the experience topics in the contract"),
        required=False,
        help_text=_("Only when you have agreed on it with the expert: topics reveal health."),
    )

    class Meta:
        model = Contract
        fields = (
            "valid_from",
            "valid_to",
            "kinds",
            "language",
            "fee_table",
            "training",
            "experience",
            "wishes",
            "tasks",
            "name_topics",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].mark_optional = False  # type: ignore[attr-defined]  # there is always one

    def clean_language(self) -> str:
        chosen: str = self.cleaned_data["language"]
        return chosen or self.instance.language


class SignForm(forms.Form):
    signed_on = DayField(label=_("Signed on"), help_text=_("The day of the last signature, for example 2.4.2026."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > self.today:
            raise forms.ValidationError(_("The day of signing is in the future."))
        return day


class PaperForm(SignForm):
    """What the expert signed on paper."""

    signed_on = DayField(label=_("Signed on"), help_text=_("The day when the expert signed, for example 2.4.2026."))
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    scan = forms.FileField(label=_("Scan of the paper"), help_text=_("PDF, JPEG or PNG, at most 10 MB."))

    def clean_scan(self) -> bytes:
        file: UploadedFile[Any] = self.cleaned_data["scan"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is too large. At most 10 MB."))
        content: bytes = file.read()
        try:
            check_scan(content)
        except RuleError as error:
            raise forms.ValidationError(str(error.message)) from error
        return content


class AcceptForm(forms.Form):
    """The expert's yes. ``seen`` is the hash of the text that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    read = forms.BooleanField(
        label=_("I have read the contract and accept it."),
        error_messages={"required": _("Tick the box if you accept the contract.")},
    )


class WordForm(forms.Form):
    """Why a contract goes back to being a draft."""

    word = PlainText(
        label=_("What should change?"),
        max_length=300,
        widget=LINES,
        help_text=_("In a few words. Write nothing about health."),
    )


class ContractTextForm(forms.Form):
    body = PlainText(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 30}),
        max_length=30_000,
        help_text=_(
            "Each line is a paragraph. A line that begins with # is the title, with ## a heading. "
            "Placeholders in braces are filled when a contract is drawn up."
        ),
    )
    notice_days = forms.IntegerField(
        label=_("Days of notice"),
        min_value=0,
        max_value=365,
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
        help_text=_("How many days before the last day notice is given at the latest. Stands in the text."),
    )

    @classmethod
    def of(cls, text: ContractText, data: Any) -> "ContractTextForm":
        return cls(data, initial={"body": text.body, "notice_days": text.notice_days})

    def clean_body(self) -> str:
        body = rules.normal(self.cleaned_data["body"])
        if faults := actions.fault_words(rules.faults_of(body)):
            raise forms.ValidationError(faults)
        return body


#: What each placeholder is filled with, for the one who writes a text.
PLACEHOLDERS = {
    "county": _("the county's name"),
    "name": _("the expert's name"),
    "training": _("training, from the draft"),
    "experience": _("earlier experience, from the draft"),
    "topics": _("the experience topics, if they are named in the contract"),
    "wishes": _("wishes, from the draft"),
    "tasks": _("more about the tasks, from the draft"),
    "kinds": _("the kinds of work"),
    "validity": _("first and last day"),
    "valid_from": _("the first day"),
    "fee_table": _("the fee table and its decision"),
    "fees": _("the fees for these kinds of work"),
    "free_until_rule": _("until when the orderer cancels free of charge, by the policy of the first day"),
    "list_day": _("the day of the month by which the hour list is sent"),
    "pay_rule": _("when fees are paid"),
    "notice_days": _("days of notice"),
}
