from typing import Any

app_name = "induction"
urlpatterns: list[Any] = []
