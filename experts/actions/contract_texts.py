"""Versions of the contract's text, kept by the coordinator: a draft, taken into use, replaced by the next one."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from experts import contract_fill, rules
from experts.actions.common import coordinator_only
from experts.models import ContractText
from experts.states import CONTRACT_TEXT
from office.actions import log, move
from office.errors import Conflict, Refused
from office.models import User
from office.saving import readable, save, trigger_says

trigger_says(
    "contract_text_in_use_is_never_changed",
    gettext_lazy("A text that is or was in use is not changed. Make a new version of it."),
)


def fault_words(faults: rules.Faults) -> list[str]:
    """What must be mended, in the active language; each placeholder by its name."""
    found = []
    if faults.unknown:
        names = ", ".join(f"{{{name}}}" for name in faults.unknown)
        said = ngettext("This placeholder is not known: %(names)s.", "These placeholders are not known: %(names)s.",
                        len(faults.unknown))  # fmt: skip
        found.append(said % {"names": names})
    if faults.missing:
        names = ", ".join(f"{{{name}}}" for name in faults.missing)
        said = ngettext("This placeholder is missing: %(names)s.", "These placeholders are missing: %(names)s.",
                        len(faults.missing))  # fmt: skip
        found.append(said % {"names": names})
    if faults.lone_brace:
        found.append(_("A brace { or } stands alone. Braces are only for placeholders."))
    return found


def new_text(language: str, *, by: User, at: datetime) -> ContractText:
    """A draft from the version in use, or from the model when there is none. Twice gives the same draft."""
    coordinator_only(by)
    with readable():
        known = list(ContractText.objects.select_for_update().filter(language=language))
        for one in known:
            if one.state == ContractText.State.DRAFT:
                return one
        used = next((one for one in known if one.state == ContractText.State.IN_USE), None)
        made = ContractText(
            language=language,
            number=max((one.number for one in known), default=0) + 1,
            body=used.body if used else contract_fill.model_text(language),
            notice_days=used.notice_days if used else 14,
            made_from=used,
            made_by=by,
            made_at=at,
        )
        save(made)
        log("contracttext.add", made, by=by, at=at)
    return made


def save_text(text: ContractText, *, body: str, notice_days: int, by: User, at: datetime) -> ContractText:
    """Changes a draft. Refused with the names of placeholders that are not known or missing."""
    coordinator_only(by)
    body = rules.normal(body)
    if faults := fault_words(rules.faults_of(body)):
        raise Refused(" ".join(faults))
    with readable():
        text = ContractText.objects.select_for_update().get(pk=text.pk)
        _draft_only(text)
        text.body, text.notice_days = body, notice_days
        save(text)
        log("contracttext.change", text, by=by, at=at)
    return text


def use_text(text: ContractText, *, by: User, at: datetime) -> ContractText:
    """Takes a draft into use; the version before it is replaced. Contracts that were sent keep their own text."""
    coordinator_only(by)
    with readable():
        before = ContractText.objects.select_for_update().filter(language=text.language, state="in_use").first()
        text = ContractText.objects.select_for_update().get(pk=text.pk)
        if faults := fault_words(rules.faults_of(text.body)):
            raise Refused(" ".join(faults))
        if before is not None and before.pk != text.pk:
            move(before, CONTRACT_TEXT["replace"], by=by, at=at)
        move(text, CONTRACT_TEXT["take_into_use"], by=by, at=at, used_by=by, used_at=at)
    return text


def remove_text(text: ContractText, *, by: User, at: datetime) -> None:
    """Removes a draft."""
    coordinator_only(by)
    with readable():
        text = ContractText.objects.select_for_update().get(pk=text.pk)
        _draft_only(text)
        log("contracttext.remove", text, by=by, at=at)
        text.delete()


def _draft_only(text: ContractText) -> None:
    if text.state != ContractText.State.DRAFT:
        raise Conflict(_("A text that is or was in use is not changed. Make a new version of it."))
