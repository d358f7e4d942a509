"""Addresses of the gateway."""

from django.urls import path

from sekisho.gateway.views import network, outside, packages, plan, policies, records, transfers, uploads

app_name = "gateway"
urlpatterns = [
    path("gateway/", transfers.transfers, name="transfers"),
    path("gateway/send/", transfers.send, name="send"),
    path("gateway/transfers/<int:pk>/", transfers.page, name="transfer"),
    path("gateway/transfers/<int:pk>/do/<slug:name>/", transfers.act, name="transfer_act"),
    path("gateway/files/<int:pk>/take/", transfers.take, name="take"),
    path("gateway/files/<int:pk>/do/<slug:name>/", transfers.file_act, name="file_act"),
    path("gateway/requests/<int:pk>/answer/", transfers.answer, name="answer"),
    path("gateway/outside/<str:token>/", outside.page, name="outside"),
    path("gateway/outside/<str:token>/code/", outside.send_code, name="outside_code"),
    path("gateway/outside/<str:token>/files/<int:pk>/", outside.take, name="outside_take"),
    path("gateway/uploads/", uploads.begin, name="upload_begin"),
    path("gateway/uploads/<int:pk>/", uploads.state, name="upload_state"),
    path("gateway/uploads/<int:pk>/send/", uploads.finish, name="upload_send"),
    path("gateway/uploads/files/<int:pk>/<int:number>/", uploads.chunk, name="upload_chunk"),
    path("gateway/routes/", network.routes, name="routes"),
    path("gateway/routes/new/", network.new_route, name="new_route"),
    path("gateway/routes/<slug:code>/", network.route, name="route"),
    path("gateway/routes/<slug:code>/do/<slug:name>/", network.route_act, name="route_act"),
    path("gateway/policies/", policies.policies, name="policies"),
    path("gateway/policies/new/", policies.new_policy, name="new_policy"),
    path("gateway/policies/<slug:code>/", policies.policy, name="policy"),
    path("gateway/network/do/<slug:name>/", network.network_act, name="network_act"),
    path("gateway/map/", network.network_map, name="map"),
    path("gateway/plan/", plan.plan, name="plan"),
    path("gateway/plan/begin/", plan.begin, name="plan_begin"),
    path("gateway/plan/steps/<int:number>/", plan.step, name="plan_step"),
    path("gateway/books/<str:code>/moves/", plan.plan_move, name="plan_move"),
    path("gateway/books/<str:code>/moves/<int:pk>/<slug:name>/", plan.move_act, name="move_act"),
    path("gateway/books/<str:code>/", network.systems, name="systems"),
    path("gateway/books/<str:code>/do/<slug:name>/", network.systems_act, name="systems_act"),
    path("gateway/packages/", packages.packages, name="packages"),
    path("gateway/packages/<int:pk>/again/", packages.again, name="package_again"),
    path("gateway/records/", records.records, name="records"),
    path("gateway/records.csv", records.export, name="records_csv"),
]
