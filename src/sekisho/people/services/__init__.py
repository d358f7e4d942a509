"""Every act on people: organisations, accounts, roles, tokens, notices, the installation itself."""

from sekisho.people.services.accounts import (
    activate_person,
    create_person,
    deactivate_person,
    edit_person,
    remove_second_factor,
    set_password,
    set_preferences,
)
from sekisho.people.services.installation import set_up
from sekisho.people.services.notices import mark_all_read, mark_read, notify, notify_many
from sekisho.people.services.organisations import (
    close_organisation,
    create_organisation,
    edit_organisation,
    move_organisation,
    rename_organisation,
    reopen_organisation,
)
from sekisho.people.services.roles import end_role, grant_role
from sekisho.people.services.tokens import authenticate_bearer, authenticate_token, create_token, revoke_token

__all__ = [
    "activate_person",
    "authenticate_bearer",
    "authenticate_token",
    "close_organisation",
    "create_organisation",
    "create_person",
    "create_token",
    "deactivate_person",
    "edit_organisation",
    "edit_person",
    "end_role",
    "grant_role",
    "mark_all_read",
    "mark_read",
    "move_organisation",
    "notify",
    "notify_many",
    "remove_second_factor",
    "rename_organisation",
    "reopen_organisation",
    "revoke_token",
    "set_password",
    "set_preferences",
    "set_up",
]
