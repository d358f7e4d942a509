"""Colours that a profile or a calibration makes others than those of the device (8.6.5).

No profile comes through. What it says becomes a table of the colours of sRGB: pixels are changed by it, and to paint with
it stands as the function of a space of inks (8.6.6.5).
"""

import io
import itertools
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image, ImageCms

from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.values import (
    Number,
    Unreadable,
    decoded,
    entry,
    name,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

_SRGB = ImageCms.createProfile("sRGB")
_NAMED_SRGB = (b"sRGB", "sRGB".encode("utf-16-be"))
_DESCRIBED = 4096  # bytes of a profile that say what it is
_MAX_PROFILE = 8 << 20
_MODES = {1: "L", 3: "RGB"}
_DEVICES = {1: "DeviceGray", 3: "DeviceRGB"}
_STEPS = {1: 256, 3: 17}  # by which a table counts each component
_SEEN = 12  # of 255: by less nobody sees colours differ
_STEEPEST = 100  # power of a component
# The inverse of where red, green and blue of sRGB lie (IEC 61966-2-1): (.64 .33 .03), (.30 .60 .10), (.15 .06 .79).
_FROM_LIGHT = (
    (2.088353414, -0.990629183, -0.321285141),
    (-1.155287818, 2.236055332, 0.049531459),
    (0.066934404, -0.245426149, 1.271753681),
)


@dataclass(frozen=True)
class Profile:
    """``table``: what sRGB shows for each step of the components, the first counted first. ``transform``: for pixels, where they are changed."""

    components: int
    table: bytes
    transform: ImageCms.ImageCmsTransform | None

    def changed(self, picture: Image.Image) -> Image.Image:
        """The picture in the colours of the device, where its pixels are changed."""
        if self.transform is None or picture.mode != _MODES[self.components]:
            return picture
        made = ImageCms.applyTransform(picture, self.transform)
        assert made is not None
        return made if self.components == 3 else made.getchannel(0)

    def space(self, context: Context) -> Ref:
        """A space to paint with."""
        steps = _STEPS[self.components]
        entries = {
            "FunctionType": 0, "Domain": [0, 1] * self.components, "Range": [0, 1] * self.components,
            "Size": [steps] * self.components, "BitsPerSample": 8,
        }  # fmt: skip
        inks = [Name(f"Spot{at}") for at in range(1, self.components + 1)]
        function = context.writer.add_stream(entries, self.table)
        return context.writer.add([Name("DeviceN"), inks, Name(_DEVICES[self.components]), function])


def profile_of(context: Context, space: Any) -> Profile | None:
    """What a space of the source says of its colours, where one sees it."""
    if not isinstance(space, pikepdf.Array) or len(space) < 2:
        return None
    kind, said = name(space[0]), space[1]
    if kind not in {"ICCBased", "CalRGB"}:
        return None
    place = said.objgen if hasattr(said, "objgen") else (0, 0)
    if place[0] and place in context.profiles:
        return context.profiles[place]
    found = _read(said) if kind == "ICCBased" else _calibrated(said)
    if found and not _is_seen(found):
        found = None
    if place[0]:
        context.profiles[place] = found
    return found


def _is_seen(profile: Profile) -> bool:
    usual = _grid(profile.components).tobytes()
    return any(abs(a - b) > _SEEN for a, b in zip(usual, profile.table, strict=True))


def _grid(components: int) -> Image.Image:
    """A pixel for each step of a table."""
    values = [round(step * 255 / (_STEPS[components] - 1)) for step in range(_STEPS[components])]
    pixels = b"".join(bytes(reversed(steps)) for steps in itertools.product(values, repeat=components))
    return Image.frombytes(_MODES[components], (len(pixels) // components, 1), pixels)


def _read(stream: Any) -> Profile | None:
    """A profile of gray or of red, green and blue, None for sRGB and what cannot be read."""
    components = whole(entry(stream, "N"), 1, 4) or 0
    if components not in _MODES:
        return None
    try:
        data = decoded(stream)
        if any(called in data[:_DESCRIBED] for called in _NAMED_SRGB) or len(data) > _MAX_PROFILE:
            return None
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(data)), _SRGB, _MODES[components], "RGB"
        )
        shown = ImageCms.applyTransform(_grid(components), transform)
    except (Unreadable, ImageCms.PyCMSError, OSError, ValueError):
        return None
    assert shown is not None
    return Profile(components, (shown if components == 3 else shown.getchannel(0)).tobytes(), transform)


def _calibrated(said: Any) -> Profile | None:
    """Red, green and blue by powers and a matrix (8.6.5.3). Pixels of such a space are shown as those of the device."""
    white = numbers(entry(said, "WhitePoint"), 3)
    powers = numbers(entry(said, "Gamma"), 3) or [1, 1, 1]
    matrix = numbers(entry(said, "Matrix"), 9) or [1, 0, 0, 0, 1, 0, 0, 0, 1]
    whole = _primaries(white) if white and min(white) > 0 else []
    if not whole or min(whole) <= 0 or not all(0 < power <= _STEEPEST for power in powers):
        return None
    steps = [step / (_STEPS[3] - 1) for step in range(_STEPS[3])]
    lights = []
    for at, power in enumerate(powers):
        shares = [
            part / most for part, most in zip(_primaries(matrix[3 * at : 3 * at + 3]), whole, strict=True)
        ]
        lights.append([[step**power * share for share in shares] for step in steps])
    table = bytes(
        _curved(sum(shares))
        for last, middle, first in itertools.product(*reversed(lights))
        for shares in zip(first, middle, last, strict=True)
    )
    return Profile(3, table, None)


def _primaries(light: list[Number]) -> list[float]:
    """How much red, green and blue of sRGB a light of three components is."""
    return [sum(part * amount for part, amount in zip(row, light, strict=True)) for row in _FROM_LIGHT]


def _curved(linear: float) -> int:
    """The byte that sRGB shows an amount of light by (IEC 61966-2-1)."""
    amount = min(max(linear, 0.0), 1.0)
    return round(255 * (amount * 12.92 if amount <= 0.0031308 else 1.055 * amount ** (1 / 2.4) - 0.055))
