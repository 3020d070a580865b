"""The life of a message. Steps without a role are the program's own (``office.outbox``, ``office.reminders``)."""

from office.choices import MessageState as State
from office.choices import Role
from office.states import step, table

_COORDINATOR = [Role.COORDINATOR]

MESSAGE = table(
    step("claim", [State.WAITING, State.SENDING], State.SENDING, [], system=True),
    step("send", [State.SENDING], State.SENT, [], system=True),
    step("try_later", [State.SENDING], State.WAITING, [], system=True),
    step("give_up", [State.SENDING], State.FAILED, [], system=True),
    step("overtaken", [State.SENDING, State.TO_GATHER, State.BY_HAND], State.DROPPED, [], system=True),
    step("no_address", [State.SENDING], State.BY_HAND, [], system=True),
    step("gather", [State.TO_GATHER], State.GATHERED, [], system=True),
    step("hold", [State.WAITING, State.TO_GATHER], State.HELD, _COORDINATOR),
    step("edit", [State.WAITING, State.HELD, State.FAILED], State.HELD, _COORDINATOR),
    step("release", [State.HELD], State.WAITING, _COORDINATOR),
    step("resend", [State.FAILED], State.WAITING, _COORDINATOR),
    step(
        "discard",
        [State.WAITING, State.TO_GATHER, State.HELD, State.FAILED, State.BY_HAND],
        State.DROPPED,
        _COORDINATOR,
    ),
    step("tell", [State.BY_HAND, State.FAILED], State.TOLD, _COORDINATOR),
)

#: Where a message begins: it waits, waits for the daily message, or has nowhere to go.
BEGINS = frozenset({State.WAITING, State.TO_GATHER, State.BY_HAND})
ENDS = frozenset({State.SENT, State.DROPPED, State.GATHERED, State.TOLD})
