"""Our own attacks: small inert files built by code, each with a marker that must not come through."""
