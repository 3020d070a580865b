from django.urls import include, path

from desk import urls_import, urls_rights

app_name = "desk"
urlpatterns = [
    path("imports/", include(urls_import.urlpatterns)),
    path("", include(urls_rights.urlpatterns)),
]
