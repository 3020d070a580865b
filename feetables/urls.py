from django.urls import URLPattern

app_name = "feetables"
urlpatterns: list[URLPattern] = []
