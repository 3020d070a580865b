"""Orders and sessions as numbers for Prometheus."""

from assignments.models import Offer, Order, Session
from assignments.states import OfferState, OrderState, SessionState
from office.metrics import by_state, gauge

gauge("orders", "Orders by state.", lambda _at: by_state(Order.objects.all(), OrderState.values), label="state")
gauge("offers", "Offers by state.", lambda _at: by_state(Offer.objects.all(), OfferState.values), label="state")
gauge("sessions", "Sessions by state.", lambda _at: by_state(Session.objects.all(), SessionState.values), label="state")
