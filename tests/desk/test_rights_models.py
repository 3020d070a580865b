"""Nothing about a person is forgotten: every model that leads to an expert or an account is in a record class."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from experts.models import Expert
from office.models import User
from office.rights import CLASSES, Person, covered

#: What leads to a person and is no record about one, and why.
NOT_ABOUT_A_PERSON = {
    "assignments.CoordinationMeeting": "minutes of the office: who wrote them",
    "budgets.Budget": "a decision of the office: who entered it",
    "desk.ErasureReport": "who carried an erasure out; no names of those erased",
    "desk.RemovalReport": "counts",
    "desk.RetentionRun": "who carried the job out",
    "experts.ContractText": "a version of the office's text: who wrote it",
    "feetables.FeeTable": "the county's decision: who entered it",
    "feetables.FeeItem": "a row of the county's decision",
    "induction.GuideVersion": "a unit's text: who published it",
    "induction.ReadinessTick": "what a unit has in order: who noted it",
    "office.MessageText": "a version of the office's text: who wrote it",
    "office.LongWork": "who began it or broke it off; gone with the run that it is about",
    "office.WorkPart": "numbers of what is left to do, gone when it is done",
    "supervision.SupervisionGroup": "a group of the office: who leads it by duty",
    "supervision.SupervisionMeeting": "a date of a group",
}


def leads_to_a_person() -> Iterator[str]:
    """Models with a foreign key to an account or an expert, or to a model that has one."""

    def leads(model: type[models.Model], found: set[type[models.Model]]) -> bool:
        keys = (field for field in model._meta.fields if field.many_to_one or field.one_to_one)
        return any(field.related_model in found for field in keys)

    found: set[type[models.Model]] = {User, Expert}
    everything = set(apps.get_models(include_auto_created=True))
    while more := {model for model in everything - found if leads(model, found)}:
        found |= more
    yield from sorted(model._meta.label for model in found)


def test_every_model_about_a_person_is_in_a_record_class() -> None:
    forgotten = [label for label in leads_to_a_person() if label not in covered() | set(NOT_ABOUT_A_PERSON)]
    assert forgotten == []


def test_no_exception_is_left_over() -> None:
    there = set(leads_to_a_person())
    assert [label for label in NOT_ABOUT_A_PERSON if label not in there or label in covered()] == []


@pytest.mark.parametrize("code", sorted(CLASSES))
def test_a_class_counts_only_models_it_names(code: str) -> None:
    found = CLASSES[code]
    rows = found.rows(Person(name="Eva Expert", language="fi", user=User(pk=1), expert_id=1))
    assert set(rows) <= set(found.labels)
    assert {queryset.model._meta.label for queryset in rows.values()} == set(rows)


@pytest.mark.parametrize("code", sorted(CLASSES))
def test_a_class_is_erased_or_kept_by_law_or_holds_nobody(code: str) -> None:
    found = CLASSES[code]
    holds = bool(found.rows(Person(name="Eva Expert", language="fi", user=User(pk=1), expert_id=1)))
    assert not holds or found.erase is not None or found.by_law
    assert not holds or found.collect is not None
    assert (found.over is None) == (found.remove is None) == (found.months is None)
