"""What may be done in the registry."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

SEE_REGISTRY = permission("experts.registry", _("See the registry and the full records of experts"), Role.COORDINATOR)
CHANGE_REGISTRY = permission(
    "experts.change", _("Add and change experts, contracts, tax cards, topics and areas"), Role.COORDINATOR
)
OWN_DETAILS = permission("experts.own", _("Own details, absences, and what units may see of them"), Role.EXPERT)
KEEP_ABSENCES = permission("experts.absences", _("Add and remove absences of an expert"), Role.COORDINATOR, Role.EXPERT)
SEE_LOOKS = permission("experts.looks", _("See who has looked at the records of all experts"), Role.COORDINATOR)
SEE_CONTRACT = permission(
    "experts.contract", _("Read a contract, and who has looked at a record"), Role.COORDINATOR, Role.EXPERT
)
NOTE_TAX_CARD = permission("experts.tax_card", _("Note that a tax card was delivered"), Role.COORDINATOR, Role.EXPERT)
ANSWER_CONTRACT = permission("experts.answer_contract", _("Accept the own contract, or ask for a change"), Role.EXPERT)
KEEP_TEXTS = permission("experts.contract_texts", _("Keep the text of contracts and its versions"), Role.COORDINATOR)
