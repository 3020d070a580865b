"""A thousand experts reminded at once, by the real reminder of December, through two processes of a worker."""

from time import monotonic

from experts.models import Contract, Expert
from office.models import OutboxMessage, ReminderRound, User
from office.reminders import REMINDERS, tick
from tests.factories import at, make_expert
from tests.faults.messages import counted, perhaps, states
from tests.faults.slow.machine import Machine

ALL = 1000
LANGUAGES = ("fi", "sv", "en")


def _experts() -> None:
    """With accounts in three languages and a contract that does not end; nobody has brought a tax card."""
    model = make_expert()
    contract = Contract.objects.get(expert=model)
    Contract.objects.filter(pk=contract.pk).update(valid_from=at(2024, 1, 1).date(), valid_to=None)
    contract.refresh_from_db()
    users = User.objects.bulk_create(
        User(email=f"many{n}@example.org", first_name="Moni", last_name=f"Lukija{n}", language=LANGUAGES[n % 3])
        for n in range(ALL - 1)
    )
    experts: list[Expert] = []
    for n, user in enumerate(users):
        one = Expert.objects.get(pk=model.pk) if n == 0 else experts[0]
        values = {field.attname: getattr(one, field.attname) for field in Expert._meta.concrete_fields}
        values |= {"id": None, "user_id": user.pk, "email": user.email, "payroll_number": f"M{n}"}
        experts.append(Expert(**values))
    experts = Expert.objects.bulk_create(experts)
    contracts = []
    for expert in experts:
        values = {field.attname: getattr(contract, field.attname) for field in Contract._meta.concrete_fields}
        contracts.append(Contract(**(values | {"id": None, "expert_id": expert.pk})))
    Contract.objects.bulk_create(contracts)


def test_a_thousand_experts_at_once(office: Machine) -> None:
    """Two clocks tick at the same time; each expert gets one message, in the own language, over few connections."""
    _experts()
    now = at(2025, 12, 1, 9)  # past on every machine, so that the worker's own clock finds it due
    ReminderRound.objects.bulk_create(
        ReminderRound(name=name, day=now.date(), done_at=now) for name in REMINDERS if name != "tax_card"
    )
    office.worker()
    begun = monotonic()
    assert (tick(at=now).written, tick(at=now).written) == (ALL, 0)
    written = monotonic() - begun
    office.wait(lambda: states() == {"sent": ALL}, "everybody is told", 120)
    result = counted(office.server)
    print(  # noqa: T201 - figures of the run
        f"\n{ALL} experts: written in {written:.1f} s, all arrived after {monotonic() - begun:.1f} s, "
        f"{office.server.conversations} connections, {result}"
    )
    assert result == {"lost": 0, "once": ALL, "doubled and marked": 0, "doubled and not marked": 0}
    assert perhaps() == set()
    assert set(OutboxMessage.objects.values_list("language", flat=True)) == set(LANGUAGES)
    assert len(set(office.server.readers)) == ALL
    assert office.server.conversations <= ALL / 20
