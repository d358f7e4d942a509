"""Small Office packages made by hand, so that a test can put anything anywhere in them."""

import io
import zipfile

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument."
SPACES = (
    f'xmlns:w="{_W}" xmlns:r="{OFFICE}" xmlns:a="{_A}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
CELLS = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{visible}</t></is></c>{cells}</row></sheetData>'


class Package:
    """Parts, content types and relations, written as a ZIP in the order they were added."""

    def __init__(self, main: str, main_type: str, content: str) -> None:
        self.parts: list[tuple[str, bytes]] = []
        self.types: dict[str, str] = {}
        self.defaults = {
            "rels": "application/vnd.openxmlformats-package.relationships+xml",
            "xml": "application/xml",
        }
        self.relations: dict[str, list[str]] = {}
        self.main = main
        self.add(main, content, main_type)
        self.relate("", "officeDocument", main)

    def add(self, name: str, content: str | bytes, kind: str = "") -> "Package":
        self.parts.append((name, content.encode() if isinstance(content, str) else content))
        if kind:
            self.types[name] = kind
        return self

    def relate(self, owner: str, kind: str, target: str, *, external: bool = False, id: str = "") -> str:
        """Add a relation of a part; ``kind`` is the last word of an office type, or a whole one."""
        listed = self.relations.setdefault(owner, [])
        id = id or f"rId{len(listed) + 1}"
        whole = kind if ":" in kind else f"{OFFICE}/{kind}"
        mode = ' TargetMode="External"' if external else ""
        shown = target if external or target.startswith("/") else f"/{target}"
        listed.append(f'<Relationship Id="{id}" Type="{whole}" Target="{shown}"{mode}/>')
        return id

    def link(self, kind: str, target: str, *, external: bool = False) -> str:
        """A relation of the main part."""
        return self.relate(self.main, kind, target, external=external)

    def build(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", self._types())
            for owner, listed in self.relations.items():
                folder, _, name = owner.rpartition("/")
                place = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
                archive.writestr(place, _relations(listed))
            for name, content in self.parts:
                archive.writestr(name, content)
        return out.getvalue()

    def _types(self) -> str:
        lines = [f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in self.defaults.items()]
        lines += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in self.types.items()]
        return (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            + "".join(lines)
            + "</Types>"
        )


def _relations(listed: list[str]) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(listed)
        + "</Relationships>"
    )


def document(body: str, *, kind: str = "wordprocessingml.document", vendor: str = "") -> Package:
    """A Word file whose body is ``body``."""
    main_type = vendor or f"{_MAIN}{kind}"
    return Package(
        "word/document.xml",
        f"{main_type}.main+xml",
        f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def workbook(sheet: str, *, names: str = "", vendor: str = "", more: str = "") -> Package:
    """An Excel file with one sheet whose content (inside ``worksheet``) is ``sheet``."""
    main_type = vendor or f"{_MAIN}spreadsheetml.sheet"
    package = Package(
        "xl/workbook.xml", f"{main_type}.main+xml",
        f'<workbook xmlns="{_X}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/>{more}</sheets>'
        f"{names}</workbook>",
    )  # fmt: skip
    package.link("worksheet", "xl/worksheets/sheet1.xml")
    content = f'<worksheet xmlns="{_X}" xmlns:r="{OFFICE}">{sheet}</worksheet>'
    return package.add("xl/worksheets/sheet1.xml", content, f"{_MAIN}spreadsheetml.worksheet+xml")


def presentation(shapes: str, *, tail: str = "", vendor: str = "", slide: str = "") -> Package:
    """A PowerPoint file with one slide, its layout, master and theme."""
    main_type = vendor or f"{_MAIN}presentationml.presentation"
    spaces = f'xmlns:p="{_P}" xmlns:a="{_A}" xmlns:r="{OFFICE}"'
    tree = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    package = Package(
        "ppt/presentation.xml", f"{main_type}.main+xml",
        f'<p:presentation {spaces}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        f'<p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
        f'<p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
    )  # fmt: skip
    package.link("slideMaster", "ppt/slideMasters/slideMaster1.xml")
    package.link("slide", "ppt/slides/slide1.xml")
    body = slide or f"<p:cSld><p:spTree>{tree}{shapes}</p:spTree></p:cSld>{tail}"
    package.add(
        "ppt/slides/slide1.xml", f"<p:sld {spaces}>{body}</p:sld>", f"{_MAIN}presentationml.slide+xml"
    )
    package.relate("ppt/slides/slide1.xml", "slideLayout", "ppt/slideLayouts/slideLayout1.xml")
    empty = f"<p:cSld><p:spTree>{tree}</p:spTree></p:cSld>"
    package.add(
        "ppt/slideLayouts/slideLayout1.xml", f"<p:sldLayout {spaces}>{empty}</p:sldLayout>",
        f"{_MAIN}presentationml.slideLayout+xml",
    )  # fmt: skip
    package.relate("ppt/slideLayouts/slideLayout1.xml", "slideMaster", "ppt/slideMasters/slideMaster1.xml")
    colours = "".join(f' {name}="{value}"' for name, value in (
        ("bg1", "lt1"), ("tx1", "dk1"), ("bg2", "lt2"), ("tx2", "dk2"), ("accent1", "accent1"), ("accent2", "accent2"),
        ("accent3", "accent3"), ("accent4", "accent4"), ("accent5", "accent5"), ("accent6", "accent6"),
        ("hlink", "hlink"), ("folHlink", "folHlink"),
    ))  # fmt: skip
    package.add(
        "ppt/slideMasters/slideMaster1.xml", f"<p:sldMaster {spaces}>{empty}<p:clrMap{colours}/></p:sldMaster>",
        f"{_MAIN}presentationml.slideMaster+xml",
    )  # fmt: skip
    return package


def shape(text: str, run: str = "", properties: str = "") -> str:
    """A text box on a slide; ``run`` goes into the run's properties, ``properties`` into the shape's."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="box">{properties}</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:rPr>{run}</a:rPr><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def opened(package: bytes) -> bytes:
    """Everything in a package, expanded, one part after another."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return b"\n".join(archive.read(name) + name.encode() for name in archive.namelist())


def rewritten(package: bytes, part: str, old: bytes | None, new: bytes) -> bytes:
    """A clean package with something else in one of its parts; ``old`` None: all of it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            data = source.read(info)
            if info.filename == part:
                assert old is None or old in data
                data = new if old is None else data.replace(old, new, 1)
            fresh = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            fresh.create_system, fresh.compress_type = 0, info.compress_type
            target.writestr(fresh, data)
    return out.getvalue()
