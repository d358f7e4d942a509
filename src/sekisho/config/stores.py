"""Where the gateway keeps files: a folder, or an S3-compatible store named by an address."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

#: bytes of an object that are read in memory; more goes through a temporary file
_IN_MEMORY = 16 << 20
_KNOWN = {"endpoint": "endpoint_url", "region": "region_name"}


def s3_store(address: str, variable: str) -> dict[str, Any]:
    """The ``STORAGES`` entry of ``s3://bucket/prefix?endpoint=https://…&region=…``.

    ``variable``: the setting that holds the address. Keys come from where boto3 looks (``AWS_ACCESS_KEY_ID`` and so on), never from the address.

    Raises:
        ImproperlyConfigured: the address cannot be read, or django-storages is not installed.
    """
    parts = urlsplit(address)
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or not parts.hostname or parts.username or set(asked) - set(_KNOWN):
        raise ImproperlyConfigured(
            f"{variable} must be s3://bucket/prefix?endpoint=https://host&region=name, without keys"
        )
    try:
        import storages.backends.s3  # noqa: F401 - only whether it is there
    except ImportError:
        raise ImproperlyConfigured(f"{variable} needs: pip install 'sekisho[s3]'") from None
    options: dict[str, Any] = {
        "bucket_name": parts.hostname,
        "location": parts.path.strip("/"),
        "file_overwrite": True,
        "max_memory_size": _IN_MEMORY,
        "default_acl": None,
        **{_KNOWN[key]: value for key, value in asked.items()},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
