"""The only writers of orders, offers, sessions and moves.

Each action is one transaction by one person, writes a log row for every step and raises office.errors.Refused or
Conflict with a readable message; then nothing is changed. ``at`` is aware; a second click is a Conflict.
"""

from assignments.actions.added import add_held, drop_added
from assignments.actions.asking import (
    change_asked,
    choose_whom,
    expire,
    expire_due,
    remind_due,
    withdraw_asking,
    withdraw_offer,
)
from assignments.actions.costs import may_have_costs, tell_costs
from assignments.actions.decided import back_to_rule, decide_fee, may_decide
from assignments.actions.lapse import lapse_due
from assignments.actions.missing import ask_another, cancel_both, go_on_with_one, leave_to_coordinator
from assignments.actions.moves import preview_move, propose_move
from assignments.actions.offers import accept, can, choose, decline, record_agreed, say_yes
from assignments.actions.orders import ask_several, cancel_order, confirm, make_offer, save_draft, set_trust, submit
from assignments.actions.outcomes import (
    EVENT_ROLES,
    Changed,
    Option,
    examine,
    options,
    record_outcome,
)
from assignments.actions.plans import copy_order
from assignments.actions.processes import end_process, open_process, save_plan
from assignments.actions.second import copy_both, drop_second, set_second, set_second_money
from assignments.actions.series import cancel_series, change_place
from assignments.actions.series_moves import move_series
from assignments.actions.together import (
    accept_move,
    accept_moves,
    decline_move,
    decline_moves,
    withdraw_move,
    withdraw_moves,
)
from assignments.actions.undo import may_undo, undo_outcome

__all__ = [
    "EVENT_ROLES",
    "Changed",
    "Option",
    "accept",
    "accept_move",
    "accept_moves",
    "add_held",
    "ask_another",
    "ask_several",
    "back_to_rule",
    "can",
    "cancel_both",
    "cancel_order",
    "cancel_series",
    "change_asked",
    "change_place",
    "choose",
    "choose_whom",
    "confirm",
    "copy_both",
    "copy_order",
    "decide_fee",
    "decline",
    "decline_move",
    "decline_moves",
    "drop_added",
    "drop_second",
    "end_process",
    "examine",
    "expire",
    "expire_due",
    "go_on_with_one",
    "lapse_due",
    "leave_to_coordinator",
    "make_offer",
    "may_decide",
    "may_have_costs",
    "may_undo",
    "move_series",
    "open_process",
    "options",
    "preview_move",
    "propose_move",
    "record_agreed",
    "record_outcome",
    "remind_due",
    "save_draft",
    "save_plan",
    "say_yes",
    "set_second",
    "set_second_money",
    "set_trust",
    "submit",
    "tell_costs",
    "undo_outcome",
    "withdraw_asking",
    "withdraw_move",
    "withdraw_moves",
    "withdraw_offer",
]
