from django.urls import path

from experts import views, views_contracts, views_own, views_papers, views_topics

app_name = "experts"
urlpatterns = [
    path("experts/", views.registry, name="registry"),
    path("experts.csv", views.registry_file, name="registry_file"),
    path("experts/new/", views.expert_new, name="expert_new"),
    path("experts/<int:pk>/", views.expert, name="expert"),
    path("experts/<int:pk>/edit/", views.expert_edit, name="expert_edit"),
    path("experts/<int:pk>/state/", views.expert_state, name="expert_state"),
    path("experts/<int:pk>/account/", views.expert_account, name="expert_account"),
    path("experts/<int:pk>/reads/", views.reads, name="reads"),
    path("experts/<int:pk>/tax-card/", views_papers.tax_card, name="tax_card"),
    path("experts/<int:pk>/contracts/new/", views_contracts.contract_new, name="contract_new"),
    path("contracts/<int:pk>/", views_contracts.contract, name="contract"),
    path("contracts/<int:pk>/edit/", views_contracts.contract_edit, name="contract_edit"),
    path("contracts/<int:pk>/sign/", views_contracts.contract_sign, name="contract_sign"),
    path("contracts/<int:pk>/end/", views_contracts.contract_end, name="contract_end"),
    path("contracts/<int:pk>/remove/", views_contracts.contract_remove, name="contract_remove"),
    path("me/", views_own.me, name="me"),
    path("me/edit/", views_own.my_edit, name="my_edit"),
    path("topics/", views_topics.topics, name="topics"),
    path("topics/new/", views_topics.topic_edit, name="topic_new"),
    path("topics/<int:pk>/", views_topics.topic_edit, name="topic"),
]
