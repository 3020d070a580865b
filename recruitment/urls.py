from django.urls import path

from recruitment import views, views_public, views_steps

app_name = "recruitment"
urlpatterns = [
    path("", views.applications, name="applications"),
    path("apply/", views_public.apply, name="apply"),
    path("apply/thanks/", views_public.thanks, name="thanks"),
    path("new/", views.enter, name="enter"),
    path("<int:pk>/", views.application, name="application"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/interview/", views_steps.book, name="book"),
    path("<int:pk>/interview/held/", views_steps.hold, name="hold"),
    path("<int:pk>/view/", views_steps.view, name="view"),
    path("<int:pk>/remove/", views_steps.remove, name="remove"),
    path("<int:pk>/decide/<str:step>/", views_steps.decide, name="decide"),
]
