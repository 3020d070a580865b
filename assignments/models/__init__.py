"""Orders, offers, sessions, moves, processes."""

from assignments.models.offers import Offer as Offer
from assignments.models.orders import Order as Order
from assignments.models.orders import OrderPlan as OrderPlan
from assignments.models.orders import UnitHabits as UnitHabits
from assignments.models.processes import CoordinationMeeting as CoordinationMeeting
from assignments.models.processes import MeetingDecision as MeetingDecision
from assignments.models.processes import Process as Process
from assignments.models.sessions import Move as Move
from assignments.models.sessions import Session as Session
