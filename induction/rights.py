"""Induction in a person's data (office.rights)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from induction.models import GuideRead, Induction, InductionItem
from office.rights import Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname

INDUCTIONS = record_class(
    "inductions",
    gettext_lazy("Induction"),
    37,
    ["induction.Induction", "induction.InductionItem", "induction.GuideRead"],
    lambda person: {
        "induction.Induction": Induction.objects.filter(expert=person.expert_id),
        "induction.InductionItem": InductionItem.objects.filter(induction__expert=person.expert_id),
        "induction.GuideRead": GuideRead.objects.filter(expert=person.expert_id),
    },
)


@INDUCTIONS.collects
def _inductions(person: Person) -> Iterator[Section]:
    found = Induction.objects.filter(expert=person.expert_id).select_related("unit").order_by("id")
    yield from section(
        "inductions",
        _("Induction"),
        (
            [fact("unit", _("Unit"), one.unit.code, localname(one.unit)), *read(one, "state", "started_at", "done_at")]
            for one in found
        ),
    )
    items = InductionItem.objects.filter(induction__expert=person.expert_id).select_related("induction__unit")
    yield from section(
        "induction_items",
        _("What you have been shown"),
        (
            [
                fact("unit", _("Unit"), item.induction.unit.code, localname(item.induction.unit)),
                fact("row", _("What"), localname(item)),
                fact("ticked_at", _("When"), item.ticked_at),
            ]
            for item in items.order_by("induction", "place", "id")
        ),
    )
    reads = GuideRead.objects.filter(expert=person.expert_id).select_related("version__unit").order_by("id")
    yield from section(
        "guides_read",
        _("Guides read"),
        (
            [
                fact("guide", _("Guide"), _guide(one)),
                fact("number", _("Version"), one.version.number),
                *read(one, "read_at", "language"),
            ]
            for one in reads
        ),
    )


def _guide(one: GuideRead) -> str:
    return localname(one.version.unit) if one.version.unit else _("the common guide")


@INDUCTIONS.erases
def _no_inductions(person: Person, _name: str, _at: datetime) -> int:
    rows = INDUCTIONS.rows(person)
    order = ("induction.InductionItem", "induction.Induction", "induction.GuideRead")
    return sum(clear(*(rows[label] for label in order)).values())
