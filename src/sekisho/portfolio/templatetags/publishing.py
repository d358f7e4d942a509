"""Words of the public side in templates."""

from django import template
from django.utils.translation import gettext as _

from sekisho.portfolio.words import field_word

register = template.Library()


@register.simple_tag
def public_field(name: str) -> str:
    """The title of a field; "" is the service itself."""
    return field_word(name) if name else _("The service itself")
