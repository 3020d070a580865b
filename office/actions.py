"""The tools of every action: the log row, and a step from one state to the next by compare-and-swap."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from office.errors import Conflict, Refused
from office.models import LogEntry
from office.states import Transition
from office.stored import change, put

if TYPE_CHECKING:
    from office.models import User


#: Log rows of the action under way, not written yet.
_gathered: ContextVar[list[LogEntry] | None] = ContextVar("gathered", default=None)


@contextmanager
def one_log() -> Iterator[None]:
    """Log rows of the block are written by one statement at its end, in their order; none when it fails.

    Only inside a transaction, and for blocks that do not read the log. One in another one is written with the outer.
    """
    outer = _gathered.get()
    rows: list[LogEntry] = []
    token = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(token)
    if outer is None:
        put(rows)
    else:
        outer += rows


def log(
    kind: str,
    obj: models.Model,
    *,
    by: "User | None",
    at: datetime,
    on_behalf_of: "User | None" = None,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    **facts: Any,
) -> LogEntry:
    """Appends one row to the audit log. ``facts`` must be JSON without sensitive data."""
    row = LogEntry(
        at=at,
        actor=by,
        on_behalf_of=on_behalf_of,
        kind=kind,
        object_type=obj._meta.label_lower,
        object_id=obj.pk,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        facts=facts,
    )
    gathered = _gathered.get()
    if gathered is None:
        put([row])
    else:
        gathered.append(row)
    return row


def may(user: "User | None", transition: Transition, *, unit_id: int | None = None) -> bool:
    """Whether the person holds a role of the step (in the unit, when the role is a unit's)."""
    if user is None:
        return transition.system
    return user.holdings.holds(transition.roles, unit_id)


def _transaction() -> AbstractContextManager[None]:
    """The action's own, if one is open: no savepoint is needed, for whatever fails here has changed nothing."""
    return nullcontext() if transaction.get_connection().in_atomic_block else transaction.atomic()


def move(
    obj: models.Model,
    transition: Transition,
    *,
    by: "User | None",
    at: datetime,
    unit_id: int | None = None,
    on_behalf_of: "User | None" = None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> LogEntry:
    """One step: checks the role, changes the row only while it is still in a source state, writes the log row.

    Raises Refused without the role, Conflict when the state is another by now (nothing is changed then).
    """
    if not may(by, transition, unit_id=unit_id):
        raise Refused(_("You may not do this."))
    with _transaction():
        model = type(obj)
        if len(transition.sources) == 1:  # the change itself waits for the one who was first, and compares
            before: str | None = next(iter(transition.sources))
            changed = change(
                model, {model._meta.pk.name: obj.pk, "state": before}, {"state": transition.target, **changes}
            )
        else:
            rows = model._default_manager.filter(pk=obj.pk)
            before = rows.select_for_update().values_list("state", flat=True).first()
            changed = before in transition.sources and rows.update(state=transition.target, **changes)
        if not changed:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        for name, value in {"state": transition.target, **changes}.items():
            setattr(obj, name, value)
        kind = f"{model._meta.model_name}.{transition.name}"
        return log(
            kind,
            obj,
            by=by,
            at=at,
            on_behalf_of=on_behalf_of,
            from_state=str(before),
            to_state=transition.target,
            reason=reason,
            **(facts or {}),
        )
