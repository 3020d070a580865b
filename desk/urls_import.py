from django.urls import path

from desk import views_import as views

app_name = "desk"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.import_sheet, name="import_sheet"),
]
