"""The sanitizer beside the libraries it stands on, measured alternately in one run, as ratios.

Run with ``.venv/bin/python benchmarks/sanitizer.py``. Both sides do the same work on the same bytes; ours includes two
processes per file (the handler and the verifier), identification, report and hashes. ``pyvips`` is measured when it is
installed. Figures are processor-bound medians of wall time on one core.
"""

import argparse
import io
import os
import random
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pikepdf
import pypdfium2
import xlsxwriter
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.sanitizer.encrypting import zipcrypto_zip
from tests.sanitizer.office import SPACES, document, paragraph

from sekisho.sanitizer import Policy, libreoffice, sanitize
from sekisho.sanitizer.engine import shared_reader, shared_warden
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import pdf_rebuilt, pdf_source, zipcrypto
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.libreoffice import box_program, office_program

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument(
    "--processor", action="store_true", help="processor time of all processes, for busy machines"
)
parser.add_argument(
    "--pdfs", type=Path, help="a folder of PDF files to rebuild, each beside its opening and saving"
)
parser.add_argument(
    "--office",
    type=Path,
    help="a folder of Word, Excel and PowerPoint files, each over expanding and deflating it",
)
options = parser.parse_args(None if __name__ == "__main__" else [])


def seconds(act: Callable[[], object]) -> float:
    clock = _processor if options.processor else time.perf_counter
    begun = clock()
    act()
    return clock() - begun


def _processor() -> float:
    """Processor time of this process, of both warm parents, and of their children that have ended."""
    time.sleep(0.35)  # until the parents have noticed
    spent = time.process_time()
    for warden in (shared_warden(), shared_reader()):
        if warden._process is not None:
            after_name = Path(f"/proc/{warden._process.pid}/stat").read_text().rpartition(")")[2].split()
            spent += sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")
    return spent


def beside(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, taken in turns."""
    pairs = [(seconds(ours), seconds(theirs)) for _round in range(options.rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def passing(data: bytes, name: str, policy: str = "inbound") -> Callable[[], None]:
    def act() -> None:
        result = sanitize(data, policy, name=name)
        assert result.is_clean, result.report.refusal

    return act


def pages(count: int) -> bytes:
    """A report of ``count`` pages of text."""
    pdf = pikepdf.Pdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for number in range(count):
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        lines = "".join(
            f"1 0 0 1 60 {800 - 14 * row} Tm (Page {number} line {row} of words) Tj " for row in range(50)
        )
        page.Contents = pikepdf.Stream(pdf, f"BT /F 11 Tf {lines} ET".encode())
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def drawings(count: int) -> bytes:
    """Pages of tables and curves: 3,000 strokes each."""
    pdf = pikepdf.Pdf.new()
    source = random.Random(1)
    for _number in range(count):
        pdf.add_blank_page(page_size=(595, 842))
        places = [(source.uniform(20, 570), source.uniform(20, 820)) for _stroke in range(3_000)]
        lines = "\n".join(f"{x:.2f} {y:.2f} m {y / 2:.2f} {x:.2f} l S" for x, y in places)
        pdf.pages[-1].Contents = pikepdf.Stream(pdf, f"0.4 w 0.2 0.2 0.6 RG\n{lines}".encode())
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def scans(count: int) -> bytes:
    """Pages that are one photograph of 2 megapixels each, as from a scanner."""
    pdf = pikepdf.Pdf.new()
    for number in range(count):
        picture = io.BytesIO()
        Image.effect_noise((310, 438), 40 + number).resize((1240, 1754)).convert("RGB").save(picture, "JPEG")
        pdf.add_blank_page(page_size=(595, 842))
        image = pikepdf.Stream(
            pdf, picture.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1240, Height=1754,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        pdf.pages[-1].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(image)))
        pdf.pages[-1].Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /I Do Q")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def saved(data: bytes) -> None:
    """The floor of rebuilding, which decodes, checks and draws nothing: open and save with pikepdf."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(io.BytesIO())


def drawn(data: bytes) -> None:
    """The floor of pixel mode: draw at 150 dpi and encode."""
    for page in pypdfium2.PdfDocument(data):
        page.render(scale=150 / 72).to_pil().save(io.BytesIO(), "JPEG", quality=85)


def photo() -> bytes:
    noise = Image.effect_noise((4000, 3000), 60).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=85)
    return out.getvalue()


def recoded(data: bytes) -> None:
    Image.open(io.BytesIO(data)).convert("RGB").save(io.BytesIO(), "JPEG", quality=85)


def book(rows: int) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for row in range(rows):
            sheet.write_row(row, 0, [row, f"name {row % 97}", row * 1.5, "fixed", f"=A{row + 1}+1"])
    return out.getvalue()


_STYLE = (
    '<w:style w:type="paragraph" w:customStyle="1" w:styleId="Office{0}"><w:name w:val="Office {0}"/><w:basedOn w:val="Office1"/>'
    '<w:next w:val="Office1"/><w:uiPriority w:val="{0}"/><w:qFormat/><w:rsid w:val="00FC{0:04}"/><w:pPr><w:keepNext/>'
    '<w:keepLines/><w:pBdr><w:bottom w:val="single" w:sz="8" w:space="4" w:color="4F81BD" w:themeColor="accent1"/></w:pBdr>'
    '<w:spacing w:before="{0}" w:after="300" w:line="240" w:lineRule="auto"/><w:ind w:left="{1}"/><w:contextualSpacing/>'
    '<w:outlineLvl w:val="{1}"/></w:pPr><w:rPr><w:rFonts w:asciiTheme="majorHAnsi" w:hAnsiTheme="majorHAnsi"/><w:b/><w:bCs/>'
    '<w:color w:val="17365D" w:themeColor="text2" w:themeShade="BF"/><w:spacing w:val="{1}"/><w:kern w:val="28"/>'
    '<w:sz w:val="{2}"/><w:szCs w:val="{2}"/></w:rPr></w:style>'
)
_SPOKEN = (
    '<w:p w:rsidR="00AB{0:04}" w:rsidRDefault="00AB{0:04}"><w:pPr><w:pStyle w:val="Office{0}"/></w:pPr><w:r w:rsidRPr="00AC{0:04}">'
    "<w:t>{1}</w:t></w:r></w:p>"
)


def report() -> bytes:
    """A report as Word saves it: 320 styles of many properties, text in them, a table, a picture, header and footer."""
    cells = f"<w:tr>{''.join(['<w:tc>', paragraph('表のセル'), '</w:tc>'] * 5)}</w:tr>"
    words = "".join(_SPOKEN.format(number, "本文の文章がここに続く。" * 6) for number in range(1, 61))
    package = document(f"{words}<w:tbl>{cells * 20}</w:tbl>")
    styles = "".join(_STYLE.format(number, number % 9, 18 + number % 6) for number in range(1, 321))
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    parts = {"styles": f"<w:styles {SPACES}>{styles}</w:styles>"} | {
        f"{part}1": f"<w:{root} {SPACES}>{paragraph('部外秘')}</w:{root}>"
        for part, root in (("header", "hdr"), ("footer", "ftr"))
    }
    for name, content in parts.items():
        package.add(f"word/{name}.xml", content, f"{kind}{name.rstrip('1')}+xml")
        package.link(name.rstrip("1"), f"word/{name}.xml")
    picture = io.BytesIO()
    Image.effect_noise((400, 300), 40).convert("RGB").save(picture, "JPEG")
    package.add("word/media/image1.jpg", picture.getvalue(), "image/jpeg")
    package.link("image", "word/media/image1.jpg")
    return package.build()


def accounts() -> bytes:
    """A workbook of three sheets with formulas, rules, lists, comments and two charts each."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        money = workbook.add_format({"num_format": "#,##0.00", "bold": True})
        red = workbook.add_format({"bg_color": "#FFC7CE"})
        for number in range(3):
            sheet = workbook.add_worksheet(f"表{number}")
            for row in range(1, 121):
                sheet.write_row(row, 0, [f"第{row % 13}課", row, row * 1234.5, row / 121, f"備考{row}"])
                sheet.write_formula(row, 5, f"=B{row + 1}*C{row + 1}", money, row * row * 1234.5)
            sheet.conditional_format("B2:B121", {"type": "data_bar"})
            above = {"type": "cell", "criteria": ">", "value": 50_000, "format": red}
            sheet.conditional_format("C2:C121", above)
            sheet.data_validation("E2:E50", {"validate": "list", "source": ["a", "b"]})
            for row in range(1, 6):
                sheet.write_comment(row, 1, f"コメント{row}")
            for column, kind in (("C", "column"), ("B", "line")):
                chart = workbook.add_chart({"type": kind})
                chart.add_series({"values": f"=表{number}!${column}$2:${column}$20"})
                sheet.insert_chart(f"H{5 if kind == 'column' else 25}", chart)
    return out.getvalue()


def unzipped(data: bytes) -> None:
    """The floor of an Office file: expand every part and deflate it again."""
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))


def line(what: str, ours: float, theirs: float, unit: str, amount: float) -> None:
    print(f"{what:<68} {theirs / ours:5.2f} of the floor   {amount / ours:8.1f} {unit}/s")


def main() -> None:
    passing(b"x", "a.txt")()  # the warm parent starts once
    small = document(paragraph("words of an ordinary letter ") * 60).build()
    overhead = statistics.median(seconds(passing(b"x", "a.txt")) for _round in range(30))
    print(f"{'one byte of text, everything included':<58} {overhead * 1000:5.1f} ms")
    line(
        "docx letter, over expanding and deflating",
        *beside(passing(small, "a.docx"), lambda: unzipped(small)),
        "files",
        1,
    )
    for what, name, data in (
        ("docx with 320 styles", "a.docx", report()),
        ("xlsx with charts, rules and comments", "a.xlsx", accounts()),
    ):
        floor = partial(unzipped, data)
        line(f"{what}, over expanding and deflating", *beside(passing(data, name), floor), "files", 1)
    if options.office:
        for place in sorted(options.office.glob("*.*x")):
            data = place.read_bytes()
            times = beside(passing(data, place.name), partial(unzipped, data))
            line(f"{place.name}, over expanding and deflating", *times, "files", 1)
    table = book(20_000)
    line(
        "xlsx of 20,000 rows, over expanding and deflating",
        *beside(passing(table, "a.xlsx"), lambda: unzipped(table)),
        "rows",
        20_000,
    )
    text = pages(20)
    line(
        "pdf of 20 pages in pixels, over pypdfium2 and JPEG",
        *beside(passing(text, "a.pdf", "inbound-strict"), lambda: drawn(text)),
        "pages",
        20,
    )
    _rebuilt_pdfs(text)
    if options.pdfs:
        _folder_of_pdfs(options.pdfs)
    picture = photo()
    line(
        "jpeg of 12 megapixels, over Pillow",
        *beside(passing(picture, "a.jpg"), lambda: recoded(picture)),
        "megapixels",
        12,
    )
    _beside_pyvips(picture)
    _zip_passwords()
    _two_processes(text)
    _old_files()


def _rebuilt_pdfs(text: bytes) -> None:
    """Rebuilt PDF over opening and saving, and over the drawing that any comparison of pages costs."""
    for what, data in (("text", text), ("drawings", drawings(20)), ("scans", scans(20))):
        assert sanitize(data, "inbound", name="a.pdf").method == "rebuilt"
        for floor, theirs in (
            ("pikepdf opening and saving", saved),
            ("drawing both at 200 kilopixels", seen_twice),
        ):
            line(
                f"pdf of 20 pages of {what}, over {floor}",
                *beside(passing(data, "a.pdf"), partial(theirs, data)),
                "pages",
                20,
            )


def rewritten(data: bytes) -> None:
    """The new document alone, in this process: not compared, not read again, not walled in."""
    kind = TYPES["pdf"]
    job = Job(io.BytesIO(data), io.BytesIO(), kind, "a.pdf", Policy.named("inbound"), "rebuilt")
    document = pdf_source.opened(job)
    pdf_rebuilt.write_anew(job, document, io.BytesIO())
    document.close()


def _folder_of_pdfs(folder: Path) -> None:
    """Every file once a round; those that need a password are left out. The rewrite alone, then everything included."""
    files = [data for place in sorted(folder.glob("*.pdf")) if _opens(data := place.read_bytes())]
    floor = partial(_each, saved, files)
    _each(rewritten, files)
    for what, ours in (
        ("the rewrite alone", partial(_each, rewritten, files)),
        ("everything included", lambda: [passing(data, "a.pdf")() for data in files]),
    ):
        line(
            f"{len(files)} pdf files, {what}, over pikepdf opening and saving",
            *beside(ours, floor),
            "files",
            len(files),
        )


def _each(act: Callable[[bytes], None], files: list[bytes]) -> None:
    for data in files:
        act(data)


def _opens(data: bytes) -> bool:
    try:
        pikepdf.open(io.BytesIO(data)).close()
    except pikepdf.PasswordError:
        return False
    return True


def seen_twice(data: bytes) -> None:
    """Every page drawn small, of two files."""
    for _file in range(2):
        for page in pypdfium2.PdfDocument(data):
            page.render(scale=(200_000 / (595 * 842)) ** 0.5).close()


def _beside_pyvips(picture: bytes) -> None:
    try:
        import pyvips
    except ImportError:
        print("pyvips is not installed: not measured")
        return
    line(
        "jpeg of 12 megapixels, over pyvips",
        *beside(passing(picture, "a.jpg"), lambda: pyvips.Image.new_from_buffer(picture, "").jpegsave_buffer(Q=85)),
        "megapixels", 12,
    )  # fmt: skip


def _zip_passwords() -> None:
    """Decrypting and expanding alone, since what the members are decides the rest."""
    words = bytes(random.Random(1).choices(b"abcdefghij klmno\n", k=6_000_000))
    data = io.BytesIO(zipcrypto_zip(b"secret", {"a.txt": words}))
    (info,) = zipfile.ZipFile(data).infolist()
    if not zipcrypto.can_read(info):
        print("fast-zip-decryption is not installed: ZipCrypto not measured")
        return
    spent = statistics.median(
        seconds(lambda: b"".join(zipcrypto.chunks(data, info, b"secret"))) for _round in range(options.rounds)
    )
    print(f"{'zip with an old password, decrypting and expanding':<58} {len(words) / spent / 1e6:5.0f} MB/s")


def _two_processes(text: bytes) -> None:
    one = seconds(lambda: [passing(text, "a.pdf")() for _file in range(6)])
    with ThreadPoolExecutor(2) as pool:
        two = seconds(lambda: list(pool.map(lambda _file: passing(text, "a.pdf")(), range(6))))
    print(f"{'two files at a time, over one at a time':<58} {one / two:5.2f} times")


def _old_files() -> None:
    """A letter in RTF: with a LibreOffice that is started for it, and with one that stands ready."""
    program = office_program()
    if program is None or box_program() is None:
        print("LibreOffice or bubblewrap is not installed: old files not measured")
        return
    started, ready = [], []
    for _round in range(options.rounds):
        for spent in (started, ready):
            libreoffice._places = places = libreoffice._Places()
            if spent is ready:
                places._ready = places.new(program).standing_by()
                time.sleep(8)
            spent.append(seconds(passing(rb"{\rtf1\ansi a letter\par}", "a.rtf")))
    print(f"{'rtf letter, with a LibreOffice started for it':<58} {statistics.median(started):5.2f} s")
    print(f"{'rtf letter, with one that stands ready':<58} {statistics.median(ready):5.2f} s")


if __name__ == "__main__":
    main()
