"""API of the gateway: transfers; the network and its plan; policies; holds and alerts."""

from ninja import Router

from sekisho.gateway.api import network, policies, transfers, watching

router = Router()
for part in (transfers, network, policies, watching):
    router.add_router("", part.router)
