"""Calls to the API as a person with a token, the way a program makes them."""

from typing import Any

from django.test import Client

from sekisho.people.models import User
from sekisho.people.services import create_token

ROOT = "/api/v1"


class Caller:
    """A person's program: ``Caller(user).get("/projects")``. Paths stand below ``/api/v1``; bodies are JSON."""

    def __init__(self, user: User | None, scope: str = "write", language: str = "en") -> None:
        self.client = Client(headers={"accept-language": language})
        self.headers: dict[str, str] = {}
        if user is not None:
            _token, text = create_token(user, name="tests", scope=scope, days=1, by=user)
            self.headers = {"authorization": f"Bearer {text}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; keyword arguments are headers (``if_match="…"``)."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = (
            {}
            if method == "get"
            else {"data": "" if body is None else body, "content_type": "application/json"}
        )
        address = path if path.startswith(("http", ROOT)) else ROOT + path
        return getattr(self.client, method.lower())(address, headers={**self.headers, **more}, **kind)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("put", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("patch", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.send("delete", path, **headers)

    def upload(self, path: str, **parts: Any) -> Any:
        """A multipart request."""
        return self.client.post(ROOT + path, data=parts, headers=self.headers)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, checked for its form."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["code"] == code, document
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(document)
    return document
