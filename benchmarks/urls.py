"""The addresses of Erfa, and the floor pages."""

from django.urls import include, path

from benchmarks import floors

urlpatterns = [
    path("floor/lists/", floors.lists_page, name="floor_lists"),
    path("floor/month/", floors.month_page, name="floor_month"),
    path("floor/board/", floors.board_page, name="floor_board"),
    path("floor/budgets/", floors.budgets_page, name="floor_budgets"),
    path("floor/experts/", floors.experts_page, name="floor_experts"),
    path("floor/sessions/", floors.sessions_page, name="floor_sessions"),
    path("floor/free/", floors.free_page, name="floor_free"),
    path("floor/write/", floors.write_page, name="floor_write"),
    path("", include("config.urls")),
]
