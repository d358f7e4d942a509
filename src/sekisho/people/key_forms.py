"""allauth's forms of signing in, passkeys and security keys, where a label says too little or a stranger trips them up."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

#: what fits into the column of addresses; names are shorter
LONGEST = 254


class SignInForm(LoginForm):
    """Name or address, and password. A longer name than anybody has is not looked for: SQLite breaks off at it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].validators.append(MaxLengthValidator(LONGEST))


class CredentialField(forms.JSONField):
    """What a browser says of a key. Nested without end, or with numbers without end, is no JSON to this form either."""

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
            if isinstance(found, dict) and "rawId" not in found:
                raise ValueError
            return found
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": ""}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)


class _WithCredential:
    """A form whose field ``credential`` takes whatever is sent."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)


class SignInWithKeyForm(_WithCredential, LoginWebAuthnForm):
    """Signing in with a key alone."""


class SecondStepForm(_WithCredential, AuthenticateWebAuthnForm):
    """A key after the password."""


class ConfirmWithKeyForm(_WithCredential, ReauthenticateWebAuthnForm):
    """Showing the key again before something that matters."""


class _Named:
    """A form whose field ``name`` has its label in the reader's language."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class AddKeyForm(_Named, _WithCredential, AddWebAuthnForm):
    """A new key and what to call it."""


class EditKeyForm(_Named, EditWebAuthnForm):
    """What a key is called."""
