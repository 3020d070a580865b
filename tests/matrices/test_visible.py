"""Who sees which row, asked of ``visible_to`` of every model: pages, lists and files all stand on it (P1, P5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from assignments.models import Session
from office.models import User
from supervision.models import SupervisionGroup
from tests.conftest import Clock
from tests.conftest import cast as cast_fixture
from tests.matrices.world import NOW, build, people_of

pytestmark = pytest.mark.django_db

UNIT = {"coordinator", "named", "deputy", "staff"}
NAMED = {"coordinator", "named", "deputy"}
#: Model, row of the world (the first unit's, the first expert's), and who of all people sees it. Nobody else does.
SEEN: dict[tuple[str, str], set[str]] = {
    ("office.Unit", "unit"): UNIT | {"finance"},
    ("office.Away", "away"): {"coordinator", "named"},
    ("office.OutboxMessage", "message"): {"coordinator", "expert"},
    ("experts.Expert", "expert"): {"coordinator", "expert"},
    ("experts.SavedView", "saved_view"): {"coordinator"},
    ("training.Course", "course"): {"coordinator"},
    ("training.CourseDate", "course_date"): {"coordinator"},
    ("training.Participant", "course_place"): {"coordinator", "expert"},
    ("training.ExternalTraining", "external_training"): {"coordinator", "expert"},
    ("recruitment.Application", "application"): {"coordinator", "named"},  # named interviews
    ("induction.GuideVersion", "guide"): NAMED,
    ("induction.GuideVersion", "guide_draft"): {"named", "deputy"},
    ("induction.Induction", "induction"): NAMED | {"expert"},
    ("assignments.Order", "draft"): UNIT,  # it names the expert, who does not know of it yet
    ("assignments.Order", "to_confirm"): UNIT,
    ("assignments.Order", "looking"): UNIT,
    ("assignments.Order", "agreed_order"): UNIT | {"expert"},
    ("assignments.Offer", "offer"): UNIT | {"expert"},
    ("assignments.Offer", "can"): UNIT | {"expert"},
    ("assignments.Process", "process"): UNIT | {"expert"},
    ("assignments.CoordinationMeeting", "coordination"): UNIT,
    ("assignments.Session", "planned"): UNIT,
    ("assignments.Session", "agreed"): UNIT | {"expert"},
    ("assignments.Session", "held"): UNIT | {"expert"},
    ("supervision.SupervisionGroup", "group"): {"coordinator", "expert", "other_expert", "supervisor"},
    ("supervision.SupervisionGroup", "ended_group"): {"coordinator", "supervisor"},
    ("supervision.SupervisionMeeting", "meeting"): {"coordinator", "expert", "other_expert", "supervisor"},
    ("fees.Receipt", "receipt"): NAMED | {"expert"},
    ("fees.CorrectionRequest", "request"): NAMED | {"expert"},
    ("fees.HourList", "list"): NAMED | {"expert"},
    ("fees.PaymentRun", "run"): {"coordinator", "finance"},
    ("fees.RunLine", "line"): NAMED | {"finance", "expert"},
}


@pytest.fixture(scope="module")
def office(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, int], dict[str, User]]]:
    """The rows by name and the people, built once and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        Clock(patch)(NOW)
        cast = cast_fixture.__wrapped__(None)  # type: ignore[attr-defined]  # the fixture's own function
        rows = build(cast).objects
        ended = {"name_fi": "Entinen", "name_sv": "Tidigare", "supervisor": cast.supervisor, "is_active": False}
        rows["ended_group"] = SupervisionGroup.objects.create(**ended).pk
        rows["planned"] = Session.objects.get(order=rows["to_confirm"]).pk
        rows["agreed_order"] = Session.objects.get(pk=rows["agreed"]).order_id
        yield rows, {name: person for name, person in people_of(cast).items() if person is not None}
        transaction.set_rollback(True)


def test_every_model_that_is_asked_who_sees_it_is_here() -> None:
    asked = {model._meta.label for model in apps.get_models() if hasattr(model._default_manager.all(), "visible_to")}
    assert {label for label, _row in SEEN} == asked


@pytest.mark.parametrize(("label", "row"), SEEN, ids="/".join)
def test_who_sees_it(office: tuple[dict[str, int], dict[str, User]], clock: Clock, label: str, row: str) -> None:
    """People of the other unit, other experts and everybody without a part in it see nothing of it."""
    clock(NOW)
    rows, people = office
    manager: Any = apps.get_model(label)._default_manager
    seeing = {name for name, one in people.items() if manager.visible_to(one).filter(pk=rows[row]).exists()}
    assert seeing == SEEN[label, row]
