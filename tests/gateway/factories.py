"""Routes and transfers for tests, made through the services."""

import io

import pyzipper

from sekisho.gateway.models import Arrival, Route, Zone
from sekisho.gateway.services import networks, routes, sending
from sekisho.jobs import worker


class Upload(io.BytesIO):
    """A file as forms hand it over."""

    def __init__(self, name, body):
        super().__init__(body)
        self.name, self.size = name, len(body)


def zones(people):
    if not Zone.objects.exists():
        networks.make_usual_zones(people.security_officer)
    return {zone.kind: zone for zone in Zone.objects.all()}


def make_route(people, organisation, **more) -> Route:
    placed = zones(people)
    said = {
        "code": f"route-{Route.objects.count()}",
        "name": "インターネットから内部へ",
        "source": placed["internet"],
        "target": placed["lgwan"],
        "policy": "inbound",
        "expiry_days": 7,
        "download_limit": 2,
        "hold_days": 30,
        **more,
    }
    return routes.make_route(people.security_officer, organisation=organisation, **said)


def send(user, route, *uploads, receiver=None, purpose="契約書の受け取り"):
    """Send whole files: ``(name, body)`` pairs."""
    files = [Upload(name, body) for name, body in uploads or [("名簿.csv", b"name,amount\r\nA,1\r\n")]]
    return sending.send_whole(user, route, receiver or sending.Receiver(), purpose, files)


def work(transfer):
    """Let the background work run, then read the transfer anew."""
    worker.process_all()
    transfer.refresh_from_db()
    return transfer


def locked_zip(password):
    """An archive with one table, encrypted as its password says."""
    held = io.BytesIO()
    with pyzipper.AESZipFile(held, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        archive.writestr("a.txt", b"hello")
    return held.getvalue()


def refused_package():
    """A package that this server did not take."""
    return Arrival.objects.create(
        name="000000000001.sekisho", seen="1:1", number=1, state="refused", reason="altered"
    )
