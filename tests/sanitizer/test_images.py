"""Pictures and drawings."""

import base64
import io
import random
from typing import Any, BinaryIO
from urllib.parse import quote

import pillow_heif
import pytest
from lxml import etree
from PIL import Image, ImageChops, ImageStat

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import images, jpeg_bands
from sekisho.sanitizer.formats.drawing_filters import leave_out_costly
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.verify import find_complaint

from .passing import clean, codes

pillow_heif.register_heif_opener()
MARKER = b"MARKER-http://127.0.0.1/"
GRADIENT = Image.linear_gradient("L").convert("RGB").resize((300, 200))


def encoded(encoder: str, picture: Image.Image = GRADIENT, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, encoder, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    data = Image.Exif()
    data[0x010E] = MARKER.decode()
    data[0x0112] = 6  # turned a quarter
    return data


def told() -> Image.Exif:
    data = exif()
    data[0x010F] = f"camera {MARKER.decode()}"
    data[0x8298] = "© 2026 東京都 <script>x()</script> http://127.0.0.1/".encode()
    data[0x013B] = "山田 太郎".encode()
    data[0x0132] = data.get_ifd(0x8769)[0x9003] = "2026:04:01 09:30:00"
    data.get_ifd(0x8769)[0x927C] = MARKER
    data.get_ifd(0x8825)[0x001B] = MARKER
    return data


@pytest.mark.parametrize(
    ("encoder", "name", "produced"),
    [
        ("JPEG", "a.jpg", "a.jpg"),
        ("PNG", "a.png", "a.png"),
        ("GIF", "a.gif", "a.gif"),
        ("TIFF", "a.tif", "a.tif"),
        ("BMP", "a.bmp", "a.png"),
        ("WEBP", "a.webp", "a.webp"),
        ("HEIF", "a.heic", "a.jpg"),
        ("AVIF", "a.avif", "a.jpg"),
    ],
)
def test_it_encodes_pixels_anew(encoder: str, name: str, produced: str) -> None:
    data = encoded(encoder) + (MARKER if encoder != "TIFF" else b"")
    output, result = clean(data, name)
    assert (result.name, result.method) == (produced, "pixel")
    assert MARKER not in output
    assert result.report.fidelity["pixel_similarity"] > 0.98
    assert Image.open(io.BytesIO(output)).size == GRADIENT.size


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_it_leaves_metadata_behind_and_turns_the_picture_upright(encoder: str) -> None:
    output, result = clean(encoded(encoder, exif=exif()), f"a.{encoder.lower()}")
    assert MARKER not in output
    assert "image.exif" in codes(result)
    made = Image.open(io.BytesIO(output))
    assert made.size == (200, 300)
    assert not made.info.get("exif")


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_policy_that_keeps_metadata_keeps_date_author_and_copyright_in_plain_words(encoder: str) -> None:
    output, result = clean(encoded(encoder, exif=told()), f"a.{encoder.lower()}", "archive")
    assert MARKER not in output
    made = Image.open(io.BytesIO(output))
    assert made.size == (200, 300)
    found = {tag: str(value).encode("latin-1").decode() for tag, value in made.getexif().items() if tag > 300}
    assert {tag: found[tag] for tag in (306, 315)} == {306: "2026:04:01 09:30:00", 315: "山田 太郎"}
    assert found[33432] == "© 2026 東京都 scriptx()script http127.0.0.1"
    assert {"image.exif", "image.metadata_kept"} <= codes(result)
    again, _result = clean(output, f"a.{encoder.lower()}", "archive")
    assert Image.open(io.BytesIO(again)).getexif()[306] == "2026:04:01 09:30:00"
    without, _result = clean(output, f"a.{encoder.lower()}")
    assert not {306, 315, 33432} & set(Image.open(io.BytesIO(without)).getexif())


def test_the_tags_that_pixels_of_a_tiff_need_are_not_called_metadata() -> None:
    assert "image.exif" not in codes(clean(encoded("TIFF"), "a.tif")[1])
    assert "image.exif" in codes(clean(encoded("TIFF", description="words"), "a.tif")[1])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_it_reads_every_mode(mode: str) -> None:
    picture = Image.new("I;16", (9, 7), 40_000) if mode == "I;16" else GRADIENT.convert(mode)
    output, _result = clean(encoded("TIFF", picture), "a.tif")
    assert Image.open(io.BytesIO(output)).size == picture.size


def test_it_keeps_frames_and_pages() -> None:
    frames = [GRADIENT, GRADIENT.rotate(90), GRADIENT.rotate(180)]
    for encoder, name in (("GIF", "a.gif"), ("TIFF", "a.tif"), ("WEBP", "a.webp")):
        data = encoded(encoder, save_all=True, append_images=frames[1:], duration=80)
        output, _result = clean(data, name)
        assert Image.open(io.BytesIO(output)).n_frames == 3


def test_it_refuses_what_is_cut_off_or_too_large() -> None:
    assert sanitize(encoded("JPEG")[:400], name="a.jpg").report.refusal == "input.broken"
    small = Policy.from_dict({"name": "s", "methods": {"image": "pixel"}, "limits": {"pixels": 1000}})
    assert sanitize(encoded("PNG"), small, name="a.png").report.refusal == "limit.pixels"


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (encoded("PNG") + b"x", "png", "picture.trailing"),
        (encoded("JPEG", exif=exif()), "jpeg", "picture.metadata"),
        (encoded("JPEG", exif=told()), "jpeg", "picture.metadata"),
        (encoded("PNG", exif=told()), "png", "picture.metadata"),
        (encoded("WEBP", exif=told()), "webp", "picture.metadata"),
        (encoded("JPEG") + b"PK\x03\x04", "jpeg", "picture.trailing"),
        (encoded("GIF") + b"x", "gif", "picture.trailing"),
        (encoded("WEBP") + b"x", "webp", "picture.trailing"),
        (encoded("TIFF", description="words"), "tiff", "picture.metadata"),
        (b"\x89PNG\r\n\x1a\n", "png", "picture.structure"),
    ],
)
def test_its_reader_dislikes_what_a_clean_picture_does_not_hold(data: bytes, kind: str, code: str) -> None:
    complaint = find_complaint(io.BytesIO(data), kind)
    assert complaint is not None
    assert complaint.code == code


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("turned", [0, 90])
def test_a_large_jpeg_is_compared_band_by_band(mode: str, turned: int) -> None:
    picture = Image.linear_gradient("L").resize((1500, 3001)).rotate(turned, expand=True).convert(mode)
    output, result = clean(encoded("JPEG", picture), "a.jpg")
    bands = jpeg_bands.bands(output)
    assert bands is not None
    sample, places = bands
    after = Image.open(io.BytesIO(sample))
    assert after.size == (picture.width, sum(bottom - top for top, bottom in places))
    assert places[-1][1] > picture.height * 0.7
    assert result.report.fidelity["pixel_similarity"] > 0.98
    assert jpeg_bands.bands(output[: len(output) // 2] + b"\xff\xd9") is None


def test_colours_that_a_jpeg_stores_once_for_four_pixels_come_out_as_they_were() -> None:
    tiles = Image.frombytes("L", (60, 40), random.Random(1).randbytes(60 * 40))
    sharp = Image.merge("RGB", (tiles, tiles.rotate(180), tiles.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    source = encoded(
        "JPEG", sharp.resize((840, 560), Image.Resampling.NEAREST), quality=85, subsampling="4:2:0"
    )
    output, _report = clean(source, "a.jpg")
    before, after = (Image.open(io.BytesIO(data)) for data in (source, output))
    assert max(ImageStat.Stat(ImageChops.difference(before, after)).rms) < 3


def test_a_large_jpeg_that_shows_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.linear_gradient("L").resize((1500, 3001)).convert("RGB")
    faithful = images._WRITERS["jpeg"]

    def faulty(job: Job, shown: images._Shown, out: BinaryIO) -> None:
        faithful(job, images._Shown([shown.frames[0].rotate(180)], shown.durations), out)

    monkeypatch.setitem(images._WRITERS, "jpeg", faulty)
    source = io.BytesIO(encoded("JPEG", picture))
    job = Job(source, io.BytesIO(), TYPES["jpeg"], "a.jpg", Policy.named("inbound"), "rebuilt")
    with pytest.raises(Refused, match=r"fidelity\.failed"):
        images.rebuild(job)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20" {0}>{1}</svg>'


@pytest.mark.parametrize(
    ("attributes", "inside", "code"),
    [
        ("onload='x()'", "", "svg.active"),
        ("", "<script>x()</script>", "svg.active"),
        ("", "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", "svg.active"),
        ("", "<image xlink:href='http://127.0.0.1/a.png' width='9' height='9'/>", "svg.external"),
        ("", "<image href='file:///etc/passwd' width='9' height='9'/>", "svg.external"),
        ("", "<use href='http://127.0.0.1/a.svg#b'/>", "svg.external"),
        ("", "<style>@import 'http://127.0.0.1/a.css';</style>", "svg.external"),
        ("", "<rect fill='url(http://127.0.0.1/#a)' width='9' height='9'/>", "svg.external"),
        ("", "<rect width='9' height='9'><set attributeName='href' to='x'/></rect>", "svg.active"),
    ],
)
def test_it_draws_svg_without_what_acts_or_loads(attributes: str, inside: str, code: str) -> None:
    output, result = clean(SVG.format(attributes, inside + "<rect width='5' height='5'/>").encode(), "a.svg")
    assert result.name == "a.png"
    assert code in codes(result)
    assert Image.open(io.BytesIO(output)).size == (62, 31)


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x "<script/>">',
        '<!ENTITY y "a"> <!ENTITY x "&y;&y;">',
        '<!ENTITY % y "a"> <!ENTITY x "a">',
        '<!ENTITY x "a"> <!ATTLIST svg width CDATA "9">',
        f'<!ENTITY x "{"a" * 301}">',
    ],
)
def test_it_refuses_svg_whose_document_type_declares_more_than_names(declared: str) -> None:
    data = f"<!DOCTYPE svg [{declared}]>{SVG.format('', '<text>&x;</text>')}"
    assert sanitize(data.encode(), name="a.svg").report.refusal == "svg.dtd"


def test_it_refuses_svg_that_swells_by_its_names() -> None:
    many = SVG.format("", "<text>&x;</text>" * 1001)
    data = f'<!DOCTYPE svg [<!ENTITY x "{"a" * 300}">]>{many}'
    assert sanitize(data.encode(), name="a.svg").report.refusal == "svg.dtd"


@pytest.mark.parametrize("red", ["'fill:#f00'", '"fill: rgb(255, 0, 0);/* \'> */"'])
def test_it_draws_svg_as_illustrator_writes_it(red: str) -> None:
    """Its namespaces stand behind names, which its document type declares."""
    data = f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
\t<!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
\t<!ENTITY ns_svg "http://www.w3.org/2000/svg">
\t<!ENTITY st0 {red}>
]>
<svg xmlns:i="&ns_ai;" xmlns="&ns_svg;" width="9" height="9"><switch>
<foreignObject requiredExtensions="&ns_ai;"><i:pgfRef/></foreignObject>
<g i:extraneous="self"><rect style='&st0;' width="9" height="9"/></g></switch></svg>"""
    output, result = clean(data.encode(), "a.svg")
    assert {"svg.doctype", "svg.active"} <= codes(result)
    assert Image.open(io.BytesIO(output)).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_it_draws_svg_that_only_names_its_document_type() -> None:
    """Drawing programs and plotting libraries write this line."""
    data = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    _output, result = clean(data + SVG.format("", "<rect width='5' height='5'/>").encode(), "a.svg")
    assert codes(result) == {"svg.doctype", "type.renamed"}


def _colour_at(output: bytes, x: float, y: float) -> tuple[int, ...]:
    """What shows on white at a place in CSS pixels of ``SVG``."""
    picture = Image.open(io.BytesIO(output)).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    scale = picture.width / 40
    found = Image.alpha_composite(white, picture).getpixel((round(x * scale), round(y * scale)))
    assert isinstance(found, tuple)
    return found[:3]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            '<rect {} fill="#00f" style="fill: light-dark(rgb(255, 0, 0), rgb(29, 41, 59)); stroke: none"/>',
            (255, 0, 0),
        ),
        ('<rect {} style="fill:light-dark(#ff0000, var(--dark, #121212))"/>', (255, 0, 0)),
        ("<style>:root{{--main:#f00}}.a{{fill:var(--main)}}</style><rect {} class='a'/>", (255, 0, 0)),
        ('<rect {} fill="light-dark(var(--none, hsl(0deg 100% 50%)), red)"/>', (255, 0, 0)),
        ('<rect {} style="fill:rgb(255 0 0 / 100%)"/>', (255, 0, 0)),
        ('<rect {} style="fill:rgb(100% 0% 0% / 0)"/>', (255, 255, 255)),
        ('<rect {} fill="#f00" style="fill:color-mix(in srgb, red, blue)"/>', (255, 0, 0)),
        (
            "<style>:root{{--a:var(--b);--b:#00f}}</style><rect {} fill='#f00' style='fill:var(--a)'/>",
            (255, 0, 0),
        ),
    ],
)
def test_colours_of_newer_css_are_drawn_as_browsers_draw_them(
    inside: str, expected: tuple[int, int, int]
) -> None:
    output, _result = clean(SVG.format("", inside.format('width="40" height="20"')).encode(), "a.svg")
    assert _colour_at(output, 20, 10) == expected


_ICON = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'>{}<rect width='2' height='1' fill='#f00'/></svg>"


def _iconed(icon: str, *, in_base64: bool) -> bytes:
    data = base64.b64encode(icon.encode()).decode() if in_base64 else quote(icon)
    address = f"data:image/svg+xml{';base64' if in_base64 else ';utf8'},{data}"
    return SVG.format("", f'<image width="40" height="20" xlink:href="{address}"/>').encode()


@pytest.mark.parametrize("in_base64", [True, False])
def test_a_drawing_within_a_drawing_is_drawn(in_base64: bool) -> None:
    within = _iconed(_ICON.format("<script>x()</script>"), in_base64=True).decode()
    for icon in (_ICON.format("<script>x()</script>"), within):
        output, result = clean(_iconed(icon, in_base64=in_base64), "a.svg")
        assert "svg.active" in codes(result)
        assert _colour_at(output, 20, 10) == _colour_at(output, 2, 2) == (255, 0, 0)


@pytest.mark.parametrize(
    "icon", ["", "<svg", "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>"]
)
def test_a_drawing_within_a_drawing_that_cannot_be_read_is_left_out(icon: str) -> None:
    output, result = clean(_iconed(icon, in_base64=False), "a.svg")
    assert "svg.external" in codes(result)
    assert _colour_at(output, 20, 10) == (255, 255, 255)


_LABEL = "<foreignObject width='40' height='20'>{}</foreignObject>"
_SPAN = "<div xmlns='http://www.w3.org/1999/xhtml' style='color:{}'><script>x</script>{}</div>"


@pytest.mark.parametrize(
    ("inside", "shows"),
    [
        (_LABEL.format(_SPAN.format("#f00", "■■■■")), True),
        (_LABEL.format(_SPAN.format("light-dark(#f00, #fff)", "<p>■■</p><p>■■</p>")), True),
        (_LABEL.format(_SPAN.format("url(http://127.0.0.1/)", "")), False),
        (f"<switch>{_LABEL.format(_SPAN.format('#f00', '■■■■'))}<g/></switch>", False),
    ],
)
def test_words_in_a_piece_of_web_page_become_words_of_the_drawing(inside: str, shows: bool) -> None:
    output, result = clean(SVG.format("", inside).encode(), "a.svg")
    assert "svg.active" in codes(result)
    pixels = zip(*[iter(Image.open(io.BytesIO(output)).convert("RGBA").tobytes())] * 4, strict=True)
    reds = [red for red, green, _blue, opaque in pixels if opaque > 200 and green < 50]
    assert (len(reds) > 50 and min(reds) > 200) is shows


@pytest.mark.parametrize(
    ("width", "pixels"),
    [("1in", 150), ("25.4mm", 150), ("2.54cm", 150), ("72pt", 150), ("6pc", 150), ("96", 150)],
)
def test_it_draws_svg_in_any_unit_of_length(width: str, pixels: int) -> None:
    data = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{width}'><rect width='9' height='9'/></svg>"
    output, _result = clean(data.encode(), "a.svg")
    assert Image.open(io.BytesIO(output)).size == (pixels, pixels)


def test_it_draws_lengths_with_units_and_says_what_programs_noted_as_metadata() -> None:
    inside = (
        "<metadata><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>author</r:RDF></metadata>"
        "<s:namedview xmlns:s='http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd'/>"
        "<rect width='3mm' height='3mm'/>"
    )
    output, result = clean(SVG.format("", inside).encode(), "a.svg")
    assert "svg.active" not in codes(result)
    assert "metadata.removed" in codes(result)
    assert Image.open(io.BytesIO(output)).convert("RGBA").getchannel("A").getbbox() == (0, 0, 18, 18)


class _Counting(io.BytesIO):
    """Tells how much was read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


@pytest.mark.parametrize("kind", ["png", "jpeg", "bmp"])
def test_no_more_of_a_picture_is_read_than_tells_that_it_is_too_large(kind: str) -> None:
    data = encoded(kind.upper())
    policy = Policy.from_dict(Policy.named("inbound").as_dict() | {"limits": {"pixels": 4}})
    source = _Counting(data + bytes(8 << 20))
    job = Job(source, io.BytesIO(), TYPES[kind], f"a.{kind}", policy, "pixel")
    with pytest.raises(Refused) as refused:
        images.rebuild(job)
    assert refused.value.code == "limit.pixels"
    assert source.taken < 1 << 20


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif"])
def test_it_tells_what_is_behind_a_picture_however_long(kind: str) -> None:
    behind = b"x" * (3 << 20)
    result = sanitize(encoded(kind.upper()) + behind, name=f"a.{kind}")
    trailing = [removal.detail for removal in result.report.removed if removal.code == "image.trailing"]
    assert trailing == [f"{len(behind)} bytes"]


@pytest.mark.parametrize(("scans", "refusal"), [(50, ""), (200, "limit.scans")])
def test_a_photograph_is_not_drawn_over_and_over_again(scans: int, refusal: str) -> None:
    data = encoded("JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    more = data[:-2] + last * scans + data[-2:]
    assert sanitize(more, name="a.jpg").report.refusal == refusal


def test_what_only_looks_like_the_start_of_a_scan_does_not_count() -> None:
    told = b"\xff\xda\0\x08" * 300
    data = encoded("JPEG", progressive=True, comment=told) + told
    clean(data, "a.jpg")


def _drawing(inside: str = "", attributes: str = 'width="20" height="20"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><rect width="10" height="10" fill="red"/>{inside}</svg>'.encode()


def test_a_drawing_of_any_size_is_drawn_within_bounds() -> None:
    for attributes in ('width="1000000" height="1000000"', 'viewBox="0 0 1e6 5e5"'):
        result = sanitize(_drawing(attributes=attributes), name="a.svg")
        width, height = Image.open(io.BytesIO(result.output or b"")).size
        assert 30_000_000 < width * height <= 41_000_000
        assert (width == height) == ("1000000" in attributes)


def test_a_text_that_would_take_minutes_to_be_drawn_is_refused_in_words() -> None:
    data = _drawing("<text y='10'>" + "<tspan>あい</tspan>" * 10_001 + "</text>")
    assert sanitize(data, name="a.svg").report.refusal == "limit.text"
    assert sanitize(_drawing("<text y='10'>あい</text>" * 100), name="a.svg").is_clean


@pytest.mark.parametrize(
    ("primitives", "told"),
    [
        ('<feMorphology operator="dilate" radius="100"/>', True),
        ('<feMorphology operator="dilate" radius="1e90"/>', True),
        ('<feMorphology operator="dilate" radius="2"/>', False),
        ('<feConvolveMatrix order="60 40" kernelMatrix=""/>', True),
        ("<feGaussianBlur stdDeviation='1'/>" * 1_000, True),
        ("<feGaussianBlur stdDeviation='4'/><feOffset dx='2'/><feMerge/>", False),
        ("<feTurbulence numOctaves='10'/>" * 40, True),
    ],
)
def test_a_filter_that_would_take_minutes_is_left_out_and_told(primitives: str, told: bool) -> None:
    page = 'width="800" height="800"'
    shape = f'<filter id="f" x="0" y="0">{primitives}</filter><rect x="50" width="700" height="700" filter="url(#f)"/>'
    if not told:
        assert "svg.filter" not in codes(sanitize(_drawing(shape, page), name="a.svg"))
        return
    output, result = clean(_drawing(shape, page), "a.svg")
    assert [removal.count for removal in result.report.removed if removal.code == "svg.filter"] == [1]
    assert Image.open(io.BytesIO(output)).convert("RGBA").getpixel((625, 625)) == (0, 0, 0, 255)


def test_a_filter_counts_for_the_region_that_it_names() -> None:
    small = '<filter id="f" filterUnits="userSpaceOnUse" x="0" y="0" width="9" height="9"><feMorphology radius="20"/></filter>'
    tree = etree.fromstring(_drawing(small))
    assert leave_out_costly(tree, 4_000_000, 2.0, 1_000.0) == 0
    assert (
        leave_out_costly(
            etree.fromstring(_drawing(small.replace("userSpaceOnUse", ""))), 4_000_000, 2.0, 1_000.0
        )
        == 1
    )


def test_what_webp_calls_an_encoding_error_for_want_of_memory_is_one_of_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = io.BytesIO(encoded("WEBP"))
    job = Job(source, io.BytesIO(), TYPES["webp"], "a.webp", Policy.named("inbound"), "pixel")

    def without_memory(*_what: Any, **_how: Any) -> None:
        raise ValueError("encoding error 1")

    monkeypatch.setattr(Image.Image, "save", without_memory)
    with pytest.raises(MemoryError):
        images.rebuild(job)


def test_no_more_noise_is_drawn_than_shows() -> None:
    tree = etree.fromstring(_drawing('<filter id="f"><feTurbulence numOctaves="1000000"/></filter>'))
    assert leave_out_costly(tree, 1_000, 1.0, 20.0) == 0
    assert tree.xpath("string(//@numOctaves)") == "10"


def test_a_drawing_in_an_encoding_of_japan_is_read() -> None:
    head = "<?xml version='1.0' encoding='Shift_JIS'?>"
    data = head.encode() + _drawing("<text y='15'>①㈱</text>").decode().encode("cp932")
    assert sanitize(data, name="a.svg").is_clean
