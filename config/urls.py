"""All addresses. Every view says who may see it (office.checks)."""

from django.urls import include, path

from office import views as office

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("desk.urls_named")),
    path("orders/", include("assignments.urls")),
    path("registry/", include("experts.urls")),
    path("training/", include("training.urls")),
    path("recruitment/", include("recruitment.urls")),
    path("induction/", include("induction.urls")),
    path("fee-tables/", include("feetables.urls")),
    path("budgets/", include("budgets.urls")),
    path("fees/", include("fees.urls")),
    path("supervision/", include("supervision.urls")),
    path("calendar/", include("calendars.urls")),
    path("units/", include("office.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/mfa/", include("allauth.mfa.urls")),
    path("language/", office.set_language, name="set_language"),
    path("privacy/", office.privacy, name="privacy"),
    path("accessibility/", office.accessibility, name="accessibility"),
    path("healthz", office.healthz, name="healthz"),
    path("readyz", office.readyz, name="readyz"),
    path("metrics", office.metrics_page, name="metrics"),
]
