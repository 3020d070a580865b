"""What a view with @requires gets: somebody is signed in."""

from django.http import HttpRequest

from office.models import User


class Request(HttpRequest):
    """A request of a signed-in person (for the type checker)."""

    user: User
