"""What the city publishes: services that citizens or businesses use, a fortnight after their first release."""

import datetime as dt

from sekisho.people.models import User
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.services import deciding
from sekisho.sample.cast import Cast
from sekisho.sample.clock import Clock
from sekisho.sample.story import Story

_SINCE = 700
#: decided only today, so that a decision is seen waiting
_LAST = "operation"
#: published this long before today at least: the delay must be over
_SETTLED = 4


def open_the_house(cast: Cast, clock: Clock, today: dt.date) -> None:
    """The quality office decides what is published of services at all."""
    clock.move_to(today - dt.timedelta(days=_SINCE))
    fields = [name for name in dictionary().fields if name != _LAST]
    deciding.decide_fields(cast["yamamoto"], fields, reason="市民への説明のため、公開を始めます。")


def arrange(story: Story, released: dt.date) -> None:
    """Publish a service that people outside the city hall use."""
    day = released + dt.timedelta(days=14)
    if (story.project.for_citizens or story.project.for_businesses) and day < story.ago(_SETTLED):
        story.on(day, lambda: _publish(story))


def _publish(story: Story) -> None:
    deciding.decide_service(story.quality, story.project, shown=True, reason="利用が始まったため")


def go_further(office: User) -> None:
    """One more field is to be published from tomorrow: until then it can be taken back."""
    deciding.decide_fields(office, list(dictionary().fields), reason="稼働状況も説明できるようになりました。")
