"""Addresses of contracts and their texts; experts/urls.py takes them in."""

from django.urls import path

from experts import views_contract_answers as answers
from experts import views_contract_texts as texts
from experts import views_contracts as contracts

urlpatterns = [
    path("experts/<int:pk>/contracts/new/", contracts.contract_new, name="contract_new"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/<int:pk>/", contracts.contract, name="contract"),
    path("contracts/<int:pk>/edit/", contracts.contract_edit, name="contract_edit"),
    path("contracts/<int:pk>/sign/", contracts.contract_sign, name="contract_sign"),
    path("contracts/<int:pk>/send/", contracts.contract_send, name="contract_send"),
    path("contracts/<int:pk>/take-back/", contracts.contract_take_back, name="contract_take_back"),
    path("contracts/<int:pk>/paper/", contracts.contract_paper, name="contract_paper"),
    path("contracts/<int:pk>/countersign/", contracts.contract_countersign, name="contract_countersign"),
    path("contracts/<int:pk>/renew/", contracts.contract_renew, name="contract_renew"),
    path("contracts/<int:pk>/remove/", contracts.contract_remove, name="contract_remove"),
    path("contracts/<int:pk>/accept/", answers.contract_accept, name="contract_accept"),
    path("contracts/<int:pk>/ask-change/", answers.contract_ask_change, name="contract_ask_change"),
    path("contracts/<int:pk>/contract.pdf", answers.contract_pdf, name="contract_pdf"),
    path("contracts/<int:pk>/scan", answers.contract_scan, name="contract_scan"),
    path("contracts/texts/", texts.contract_texts, name="contract_texts"),
    path("contracts/texts/new/<slug:language>/", texts.contract_text_new, name="contract_text_new"),
    path("contracts/texts/<int:pk>/", texts.contract_text, name="contract_text"),
    path("contracts/texts/<int:pk>/edit/", texts.contract_text_edit, name="contract_text_edit"),
    path("contracts/texts/<int:pk>/use/", texts.contract_text_use, name="contract_text_use"),
    path("contracts/texts/<int:pk>/remove/", texts.contract_text_remove, name="contract_text_remove"),
]
