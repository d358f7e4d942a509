"""The page where the recipients of a message open its locked attachments: no account, an address that stands in the message."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from sekisho.errors import SekishoError
from sekisho.gateway.services import unlocking as service
from sekisho.people.throttle import TooManyRequests


@sensitive_post_parameters("password")
@sensitive_variables("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the password; what it opens comes by mail."""
    locked = service.find(token[:200])
    refusal, status = "", 200
    if request.method == "POST":
        try:
            service.unlock(locked, request.POST.getlist("password"))
            return redirect("gateway:mail_unlock", token)
        except TooManyRequests:
            raise
        except SekishoError as error:
            refusal = str(next(iter(getattr(error, "fields", {}).values()), error))
            status = error.status
    context = {
        "transfer": locked.message.transfer,
        "mail": locked.message,
        "locked": locked,
        "names": [] if locked.waits else locked.names,
        "refusal": refusal,
    }
    response = render(request, "gateway/mail_unlock.html", context, status=status)
    # as for outside parties: with "no-referrer" browsers send forms with the origin "null", which the CSRF check refuses
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
