from django.urls import path

from budgets import views, views_set

app_name = "budgets"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("file/", views.overview_file, name="overview_file"),
    path("units/<int:pk>/", views.unit, name="unit"),
    path("units/<int:pk>/file/", views.unit_file, name="unit_file"),
    path("units/<int:pk>/noted/", views.noted, name="noted"),
    path("units/<int:pk>/set/", views_set.set_budget, name="set"),
    path("again/<int:year>/", views_set.same_again, name="same_again"),
    path("levels/", views_set.levels, name="levels"),
    path("levels/<int:pk>/remove/", views_set.levels_remove, name="levels_remove"),
]
