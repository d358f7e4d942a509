"""A provider of identities (OpenID Connect) on a free loopback port: it signs everybody in as one person."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@contextmanager
def serving(claims: dict[str, Any]) -> Iterator[str]:
    """Serve until left; yields the origin. ``claims`` (sub, email, email_verified) may change meanwhile;
    ``userinfo`` among them is what it says of a person beside the identity token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                query = parse_qs(asked.query)
                answer = urlencode({"code": "c", "state": query["state"][0]})
                self.send_response(302)
                self.send_header("Location", f"{query['redirect_uri'][0]}?{answer}")
                self.end_headers()
            else:
                said = claims.get("userinfo", claims)
                self._say(_configuration(origin) if "well-known" in asked.path else said)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say({"access_token": "a", "token_type": "Bearer", "id_token": _unsigned(origin, claims)})

        def _say(self, content: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield origin
    server.shutdown()
    server.server_close()


def _configuration(origin: str) -> dict[str, str]:
    places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
    found = {f"{name}_endpoint": f"{origin}/{path}" for name, path in places.items()}
    return found | {"issuer": origin, "jwks_uri": f"{origin}/keys"}


def _unsigned(origin: str, claims: dict[str, Any]) -> str:
    """An identity token; the back channel it came by vouches for it, so nobody looks at the signature."""
    parts = [
        {"alg": "RS256", "typ": "JWT"},
        {"iss": origin, "aud": "sekisho", "exp": 4_102_444_800, **claims},
    ]
    return ".".join(
        [urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts] + ["c2ln"]
    )
