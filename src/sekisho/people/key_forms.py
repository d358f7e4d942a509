"""allauth's forms of signing in, passkeys and security keys, where a label says too little."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _


class _Named:
    """A form whose field ``name`` has its label in the reader's language."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class AddKeyForm(_Named, AddWebAuthnForm):
    """A new key and what to call it."""


class EditKeyForm(_Named, EditWebAuthnForm):
    """What a key is called."""


class NameForm(LoginForm):
    """Signing in, by either name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
