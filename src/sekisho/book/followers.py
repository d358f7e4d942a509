"""Who is told that books changed. Apps to our right register; they are told inside the transaction of the change."""

from collections.abc import Callable, Collection

Follower = Callable[[Collection[int]], None]

_followers: list[Follower] = []


def register_follower(follower: Follower) -> None:
    """Be told the keys of changed books; called from an app's ``ready``. A follower must be quick."""
    if follower not in _followers:
        _followers.append(follower)


def tell_followers(project_ids: Collection[int]) -> None:
    """Books changed, or something that is known of them elsewhere did."""
    for follower in _followers if project_ids else ():
        follower(project_ids)
