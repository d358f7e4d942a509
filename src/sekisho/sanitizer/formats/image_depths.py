"""Pictures of more than eight bits a sample, brought to what screens show."""

from typing import Any

from PIL import Image

_BITS, _PHOTOMETRIC, _FORMAT = 258, 262, 339  # tags of TIFF
_WHITE_IS_ZERO, _UNSIGNED = 0, 1
_WHITE = 0xFFFF
_WHOLE = 1 << 32


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture that is opened and not loaded stores its samples in more bits than those of its mode."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return True
    if tags := getattr(picture, "tag_v2", None):
        bits = tags.get(_BITS, (8,))
        return isinstance(bits, tuple) and any(each > 8 for each in bits)
    tiles = getattr(picture, "tile", None) or []
    return picture.format == "PNG" and any(";16" in str(tile) for tile in tiles)


def eight_bit(frame: Image.Image, source: Image.Image | None = None) -> Image.Image:
    """Gray of 16 and 32 bits and floating gray stretched to what screens show.

    ``source``: the frame as it was opened, where that tells more of its samples (TIFF). The one gray that a PNG tells to
    be see-through is so.
    """
    tags = getattr(source, "tag_v2", None) or {}
    made = _stretched(frame, _tag(tags, _BITS), is_unsigned=_tag(tags, _FORMAT) in {None, _UNSIGNED})
    # Of eight bits the decoder turns white and black itself.
    if _tag(tags, _PHOTOMETRIC) == _WHITE_IS_ZERO and frame.mode != "F":
        made = made.point(lambda value: 255 - value)
    clear = frame.info.get("transparency")
    if frame.mode.startswith("I") and isinstance(clear, int) and 0 <= clear <= _WHITE:
        alpha = frame.convert("I").point([255 * (value != clear) for value in range(_WHITE + 1)], "L")
        made = Image.merge("LA", (made, alpha))
    return made


def _stretched(frame: Image.Image, bits: int | None, *, is_unsigned: bool) -> Image.Image:
    if frame.mode == "I" and bits == 32 and is_unsigned:
        return _whole_range(frame)
    if frame.mode.startswith("I;16"):  # in either order of bytes
        frame = frame.convert("I")
    low, high = frame.getextrema()
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return frame.convert("L")
    if bits == 12:  # in 16
        return _scaled(frame, 255.0 / 4095)
    if (
        frame.mode == "F" and not 0 <= low <= high <= 255 and high > low
    ):  # measured values rather than a share of white
        return _scaled(frame, 255.0 / (high - low), -255.0 * low / (high - low))
    high = _WHITE if 255 < high <= _WHITE and low >= 0 else high
    is_share = frame.mode == "F" and low >= 0 and high <= 1  # of full white
    return _scaled(frame, 255.0 / high if high > 255 else 255.0 if is_share else 1.0)


def _whole_range(frame: Image.Image) -> Image.Image:
    """Of 32 bits without a sign, which Pillow reads as if they had one."""
    scale = 255.0 / (_WHOLE - 1)
    lower = _scaled(frame, scale)
    upper = _scaled(frame, scale, 255.0 * _WHOLE / (_WHOLE - 1))
    is_upper = frame.convert("F").point(lambda value: value * -255.0 + 0.0).convert("L")
    return Image.composite(upper, lower, is_upper)


def _scaled(frame: Image.Image, scale: float, more: float = 0.0) -> Image.Image:
    return frame.convert("F").point(lambda value: value * scale + more).convert("L")


def _tag(tags: Any, tag: int) -> int | None:
    said = tags.get(tag)
    said = said[0] if isinstance(said, tuple) and said else said
    return said if isinstance(said, int) else None
