from django.urls import path

from calendars import views

app_name = "calendars"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("addresses/", views.feeds, name="feeds"),
    path("addresses/<int:pk>/close/", views.feed_close, name="feed_close"),
    path("sessions/<int:pk>.ics", views.session_file, name="session_file"),
    path("<str:token>.ics", views.feed, name="feed"),
]
