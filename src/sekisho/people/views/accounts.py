"""Administration of people: list, add, change, roles, password, closing an account."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.people import queries, services
from sekisho.people.forms import (
    EndRoleForm,
    NewPersonForm,
    PasswordForm,
    PeopleFilterForm,
    PersonForm,
    RoleForm,
    apply,
)
from sekisho.people.lists import people_file
from sekisho.people.models import RoleAssignment, User
from sekisho.people.views.administration import for_administrators
from sekisho.web.lists import asked_format

_DETAILS = ("display_name", "username", "email", "organisation", "language")


@require_GET
@for_administrators
def people(request: HttpRequest) -> HttpResponseBase:
    """People, searched and filtered; ``?after=USERNAME`` continues the list (htmx gets only the rows)."""
    form = PeopleFilterForm(request.GET)
    wanted = _wanted(form)
    after = request.GET.get("after", "").replace("\x00", "")
    if fmt := asked_format(request):
        return people_file(fmt, queries.people_found(wanted))
    page = queries.people_page(wanted, after=after)
    narrowed = bool(wanted.q or wanted.role or wanted.organisation or wanted.state != "active")
    context = {"form": form, "page": page, "narrowed": narrowed, "is_first": not after}
    part = bool(after) and getattr(request, "htmx", False)
    return render(request, "people/people_rows.html" if part else "people/people.html", context)


def _wanted(form: PeopleFilterForm) -> queries.PeopleFilter:
    form.is_valid()
    values = form.cleaned_data
    state = values.get("state") or "active"
    return queries.PeopleFilter(
        q=values.get("q", ""),
        role=values.get("role", ""),
        organisation=values.get("organisation"),
        state="" if state == "all" else state,
    )


@require_http_methods(["GET", "POST"])
@for_administrators
@sensitive_post_parameters("password")
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person, with a first role if wanted."""
    form = NewPersonForm(request.POST or None, initial={"organisation": request.GET.get("organisation", "")})
    if request.method == "POST" and (made := apply(form, lambda values: _add(request.user, values))):
        messages.success(request, _("%(name)s was added.") % {"name": made})
        return redirect("people:person", made.pk)
    return render(request, "people/person_new.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _add(user: Any, values: dict[str, Any]) -> User:
    role = values["role"]
    made = services.create_person(user, **{name: values[name] for name in (*_DETAILS, "password")})
    if role:
        services.grant_role(user, made, role=role, organisation=values["organisation"])
    return made


@require_http_methods(["GET", "POST"])
@for_administrators
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: details, roles, password, closing the account."""
    shown = _person(person_id)
    form = PersonForm(request.POST or None, initial=_details(shown))
    if request.method == "POST" and apply(
        form, lambda values: services.edit_person(request.user, shown, **values)
    ):
        messages.success(request, _("Saved."))
        return redirect("people:person", shown.pk)
    return _page(request, shown, form=form)


@require_POST
@for_administrators
def grant_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give the person a role."""
    shown = _person(person_id)
    form = RoleForm(request.POST)
    if apply(form, lambda values: services.grant_role(request.user, shown, **values)):
        messages.success(request, _("The role was given."))
        return redirect("people:person", shown.pk)
    return _page(request, shown, role_form=form)


@require_http_methods(["GET", "POST"])
@for_administrators
def end_role(request: HttpRequest, person_id: int, role_id: int) -> HttpResponse:
    """End a role on a day; one that has not started is withdrawn."""
    held = get_object_or_404(
        RoleAssignment.objects.select_related("user", "organisation"), pk=role_id, user_id=person_id
    )
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and "withdraw" in request.POST:
        services.end_role(request.user, held)
        messages.success(request, _("The role was withdrawn."))
        return redirect("people:person", person_id)
    if request.method == "POST" and apply(
        form, lambda values: services.end_role(request.user, held, values["valid_until"])
    ):
        messages.success(request, _("The last day of the role was set."))
        return redirect("people:person", person_id)
    context = {"held": held, "person": held.user, "form": form, "state": queries.state_of(held)}
    return render(request, "people/role_end.html", context, status=422 if form.errors else 200)


@require_POST
@for_administrators
@sensitive_post_parameters("password")
def set_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Set a password for the person."""
    shown = _person(person_id)
    form = PasswordForm(request.POST)
    if apply(form, lambda values: services.set_password(request.user, shown, **values)):
        messages.success(request, _("The new password holds from now on. Tell it to the person safely."))
        return redirect("people:person", shown.pk)
    return _page(request, shown, password_form=form)


@require_POST
@for_administrators
def remove_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take away the second factors of somebody who lost theirs."""
    shown = _person(person_id)
    services.remove_second_factor(request.user, shown)
    messages.success(
        request, _("%(name)s signs in without a second factor until they set up a new one.") % {"name": shown}
    )
    return redirect("people:person", shown.pk)


@require_POST
@for_administrators
def deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Close the account."""
    shown = services.deactivate_person(request.user, _person(person_id))
    messages.success(request, _("The account of %(name)s is closed.") % {"name": shown})
    return redirect("people:person", shown.pk)


@require_POST
@for_administrators
def activate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Open the account again."""
    shown = services.activate_person(request.user, _person(person_id))
    messages.success(request, _("The account of %(name)s is open again.") % {"name": shown})
    return redirect("people:person", shown.pk)


@require_POST
@for_administrators
def revoke_token(request: HttpRequest, person_id: int, token_id: int) -> HttpResponse:
    """Revoke a person's API token."""
    shown = _person(person_id)
    token = get_object_or_404(shown.api_tokens.select_related("user"), pk=token_id)
    services.revoke_token(request.user, token)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("people:person", shown.pk)


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.select_related("organisation"), pk=pk)


def _details(shown: User) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in _DETAILS}


def _page(request: HttpRequest, shown: User, **given: Any) -> HttpResponse:
    forms = {
        "form": given.get("form") or PersonForm(initial=_details(shown)),
        "role_form": given.get("role_form") or RoleForm(initial={"organisation": shown.organisation_id}),
        "password_form": given.get("password_form") or PasswordForm(),
    }
    refused = any(form.errors for form in forms.values())
    context = {
        **forms,
        "person": shown,
        "roles": queries.roles_of(shown),
        "tokens": queries.live_tokens(shown),
        "second_factors": queries.has_second_factor(shown),
    }
    return render(request, "people/person.html", context, status=422 if refused else 200)
