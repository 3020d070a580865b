from typing import Any

app_name = "recruitment"
urlpatterns: list[Any] = []
