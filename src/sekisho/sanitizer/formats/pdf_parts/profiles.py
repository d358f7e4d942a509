"""The colours of a profile (8.6.5.5): no profile comes through, so pixels and colours become those that it shows.

Shadings stay as they are; where their profile shows others, the look of the page tells.
"""

import io
import itertools
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image, ImageCms

from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.values import Number, Unreadable, decoded, entry, name, whole

_SRGB = ImageCms.createProfile("sRGB")
_NAMED_SRGB = (b"sRGB", "sRGB".encode("utf-16-be"))
_DESCRIBED = 4096  # bytes of a profile that say what it is
_MAX_PROFILE = 8 << 20
_MODES = {1: "L", 3: "RGB"}
_STEPS = {1: 256, 3: 17}  # by which each component is tried
_SEEN = 12  # of 255: by less nobody sees colours differ


@dataclass(frozen=True)
class Profile:
    """What changes pixels of so many components into those that sRGB shows."""

    components: int
    transform: ImageCms.ImageCmsTransform

    def changed(self, picture: Image.Image) -> Image.Image:
        """The picture in the colours of the device."""
        if picture.mode != _MODES[self.components]:
            return picture
        made = ImageCms.applyTransform(picture, self.transform)
        assert made is not None
        return made if self.components == 3 else made.getchannel(0)

    def colour(self, amounts: list[Number]) -> list[Number]:
        """The colour of the device that looks like this one."""
        pixel = bytes(round(max(0, min(amount, 1)) * 255) for amount in amounts)
        made = self.changed(Image.frombytes(_MODES[self.components], (1, 1), pixel)).tobytes()
        return [round(value / 255, 4) for value in made]


def profile_of(context: Context, space: Any) -> Profile | None:
    """What a space of the source says of its colours, where one sees it."""
    if not isinstance(space, pikepdf.Array) or len(space) < 2 or name(space[0]) != "ICCBased":
        return None
    place = space[1].objgen if isinstance(space[1], pikepdf.Stream) else (0, 0)
    if place not in context.profiles:
        context.profiles[place] = _read(space[1])
    return context.profiles[place]


def _read(stream: Any) -> Profile | None:
    """A profile of gray or of red, green and blue, None for sRGB, what looks like it and what cannot be read."""
    components = whole(entry(stream, "N"), 1, 4) or 0
    if components not in _MODES:
        return None
    try:
        data = decoded(stream)
        if any(called in data[:_DESCRIBED] for called in _NAMED_SRGB) or len(data) > _MAX_PROFILE:
            return None
        found = Profile(
            components,
            ImageCms.buildTransform(
                ImageCms.ImageCmsProfile(io.BytesIO(data)), _SRGB, _MODES[components], "RGB"
            ),
        )
        tried = _grid(components)
        shown = found.changed(tried).tobytes()
    except (Unreadable, ImageCms.PyCMSError, OSError, ValueError):
        return None
    return found if any(abs(a - b) > _SEEN for a, b in zip(tried.tobytes(), shown, strict=True)) else None


def _grid(components: int) -> Image.Image:
    """A pixel for each of the colours that are tried."""
    values = [round(step * 255 / (_STEPS[components] - 1)) for step in range(_STEPS[components])]
    pixels = b"".join(bytes(steps) for steps in itertools.product(values, repeat=components))
    return Image.frombytes(_MODES[components], (len(pixels) // components, 1), pixels)
