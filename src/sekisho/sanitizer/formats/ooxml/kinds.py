"""The kinds of part a rebuilt package may hold: told by relation type and content type together, never by name."""

from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.package import RELATIONS

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml."
_DRAW = "application/vnd.openxmlformats-officedocument.drawingml."
_CHART_DRAWING = "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml"
_MS_DIAGRAM = "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing"
_MS_CHART = "http://schemas.microsoft.com/office/2014/relationships/chartEx"
_PICTURES = ("image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif", "image/bmp", "image/x-bmp",
             "image/x-ms-bmp", "image/tiff", "image/webp", "image/x-emf", "image/emf", "image/x-wmf", "image/wmf",
             "image/x-png", "")  # fmt: skip  # what is not declared is told by what it holds
_GRAPHICS = "image chart chartEx diagramData diagramLayout diagramColors diagramQuickStyle diagramDrawing"


@dataclass(frozen=True)
class Kind:
    """``name``: where parts of this kind go, `{}` for a number. ``children``: ids of kinds it may refer to.

    ``root``: the element its XML must begin with.
    """

    id: str
    relation: str
    types: tuple[str, ...]
    name: str
    root: str
    children: frozenset[str]
    links: bool = False


def _kind(
    id: str, types: str | tuple[str, ...], name: str, root: str, children: str = "", *,
    relation: str = "", links: bool = False,
) -> Kind:  # fmt: skip
    listed = (types,) if isinstance(types, str) else types
    return Kind(id, relation or RELATIONS + id, tuple(listed), name, root, frozenset(children.split()), links)


_COMMON = (
    _kind("theme", "application/vnd.openxmlformats-officedocument.theme+xml", "{family}/theme/theme{}.xml", "a:theme", "image"),
    _kind("themeOverride", "application/vnd.openxmlformats-officedocument.themeoverride+xml", "{family}/theme/override{}.xml", "a:themeOverride", "image"),
    _kind("image", _PICTURES, "{family}/media/image{}", ""),
    _kind("chart", _DRAW + "chart+xml", "{family}/charts/chart{}.xml", "c:chartSpace", "image themeOverride chartUserShapes"),
    _kind("chartEx", "application/vnd.ms-office.chartex+xml", "{family}/charts/chartEx{}.xml", "cx:chartSpace", "image", relation=_MS_CHART),
    _kind("chartUserShapes", _CHART_DRAWING, "{family}/drawings/shapes{}.xml", "c:userShapes", "image", links=True),
    _kind("diagramData", _DRAW + "diagramdata+xml", "{family}/diagrams/data{}.xml", "dgm:dataModel", "image", links=True),
    _kind("diagramLayout", _DRAW + "diagramlayout+xml", "{family}/diagrams/layout{}.xml", "dgm:layoutDef", "image"),
    _kind("diagramColors", _DRAW + "diagramcolors+xml", "{family}/diagrams/colors{}.xml", "dgm:colorsDef"),
    _kind("diagramQuickStyle", _DRAW + "diagramstyle+xml", "{family}/diagrams/style{}.xml", "dgm:styleDef"),
    _kind("diagramDrawing", "application/vnd.ms-office.drawingml.diagramdrawing+xml", "{family}/diagrams/drawing{}.xml", "dsp:drawing", "image", relation=_MS_DIAGRAM, links=True),
)  # fmt: skip

_MAIN_WORD = tuple(
    f"application/vnd.{name}.main+xml".lower()
    for name in ("openxmlformats-officedocument.wordprocessingml.document", "openxmlformats-officedocument.wordprocessingml.template",
                 "ms-word.document.macroEnabled", "ms-word.template.macroEnabledTemplate")
)  # fmt: skip
_MAIN_SHEET = tuple(
    f"application/vnd.{name}.main+xml".lower()
    for name in ("openxmlformats-officedocument.spreadsheetml.sheet", "openxmlformats-officedocument.spreadsheetml.template",
                 "ms-excel.sheet.macroEnabled", "ms-excel.template.macroEnabled")
)  # fmt: skip
_MAIN_SLIDES = tuple(
    f"application/vnd.{name}.main+xml".lower()
    for name in ("openxmlformats-officedocument.presentationml.presentation", "openxmlformats-officedocument.presentationml.template",
                 "openxmlformats-officedocument.presentationml.slideshow", "ms-powerpoint.presentation.macroEnabled",
                 "ms-powerpoint.template.macroEnabled", "ms-powerpoint.slideshow.macroEnabled")
)  # fmt: skip

WORD = (
    _kind("officeDocument", _MAIN_WORD, "word/document.xml", "w:document",
          f"styles numbering settings fontTable theme footnotes endnotes comments commentsExtended header footer {_GRAPHICS}", links=True),
    _kind("styles", _WORD + "styles+xml", "word/styles.xml", "w:styles"),
    _kind("numbering", _WORD + "numbering+xml", "word/numbering.xml", "w:numbering", "image"),
    _kind("settings", _WORD + "settings+xml", "word/settings.xml", "w:settings"),
    _kind("fontTable", _WORD + "fonttable+xml", "word/fontTable.xml", "w:fonts"),
    _kind("footnotes", _WORD + "footnotes+xml", "word/footnotes.xml", "w:footnotes", _GRAPHICS, links=True),
    _kind("endnotes", _WORD + "endnotes+xml", "word/endnotes.xml", "w:endnotes", _GRAPHICS, links=True),
    _kind("comments", _WORD + "comments+xml", "word/comments.xml", "w:comments", "image", links=True),
    _kind("commentsExtended", _WORD + "commentsextended+xml", "word/commentsExtended.xml", "w15:commentsEx", relation="http://schemas.microsoft.com/office/2011/relationships/commentsExtended"),
    _kind("header", _WORD + "header+xml", "word/header{}.xml", "w:hdr", _GRAPHICS, links=True),
    _kind("footer", _WORD + "footer+xml", "word/footer{}.xml", "w:ftr", _GRAPHICS, links=True),
    *_COMMON,
)  # fmt: skip

SHEET = (
    _kind("officeDocument", _MAIN_SHEET, "xl/workbook.xml", "x:workbook", "worksheet chartsheet styles sharedStrings theme pivotCacheDefinition"),
    _kind("worksheet", _SHEET + "worksheet+xml", "xl/worksheets/sheet{}.xml", "x:worksheet", "drawing headerPictures table comments image pivotTable", links=True),
    _kind("chartsheet", _SHEET + "chartsheet+xml", "xl/chartsheets/sheet{}.xml", "x:chartsheet", "drawing headerPictures image"),
    _kind("styles", _SHEET + "styles+xml", "xl/styles.xml", "x:styleSheet"),
    _kind("sharedStrings", _SHEET + "sharedstrings+xml", "xl/sharedStrings.xml", "x:sst"),
    _kind("table", _SHEET + "table+xml", "xl/tables/table{}.xml", "x:table"),
    _kind("comments", _SHEET + "comments+xml", "xl/comments{}.xml", "x:comments"),
    _kind("pivotTable", _SHEET + "pivottable+xml", "xl/pivotTables/pivotTable{}.xml", "x:pivotTableDefinition", "pivotCacheDefinition"),
    _kind("pivotCacheDefinition", _SHEET + "pivotcachedefinition+xml", "xl/pivotCache/pivotCacheDefinition{}.xml", "x:pivotCacheDefinition"),
    _kind("headerPictures", "application/vnd.openxmlformats-officedocument.vmldrawing", "xl/drawings/headers{}.vml", "", "image", relation=RELATIONS + "vmlDrawing"),
    _kind("drawing", "application/vnd.openxmlformats-officedocument.drawing+xml", "xl/drawings/drawing{}.xml", "xdr:wsDr", _GRAPHICS, links=True),
    *_COMMON,
)  # fmt: skip

SLIDES = (
    _kind("officeDocument", _MAIN_SLIDES, "ppt/presentation.xml", "p:presentation",
          "slideMaster slide notesMaster handoutMaster presProps viewProps tableStyles theme commentAuthors"),
    _kind("slideMaster", _SLIDES + "slidemaster+xml", "ppt/slideMasters/slideMaster{}.xml", "p:sldMaster", f"slideLayout theme {_GRAPHICS}", links=True),
    _kind("slideLayout", _SLIDES + "slidelayout+xml", "ppt/slideLayouts/slideLayout{}.xml", "p:sldLayout", f"slideMaster themeOverride {_GRAPHICS}", links=True),
    _kind("slide", _SLIDES + "slide+xml", "ppt/slides/slide{}.xml", "p:sld", f"slideLayout notesSlide slide comments themeOverride {_GRAPHICS}", links=True),
    _kind("notesSlide", _SLIDES + "notesslide+xml", "ppt/notesSlides/notesSlide{}.xml", "p:notes", f"slide notesMaster themeOverride {_GRAPHICS}", links=True),
    _kind("notesMaster", _SLIDES + "notesmaster+xml", "ppt/notesMasters/notesMaster{}.xml", "p:notesMaster", f"theme {_GRAPHICS}", links=True),
    _kind("handoutMaster", _SLIDES + "handoutmaster+xml", "ppt/handoutMasters/handoutMaster{}.xml", "p:handoutMaster", f"theme {_GRAPHICS}", links=True),
    _kind("presProps", _SLIDES + "presprops+xml", "ppt/presProps.xml", "p:presentationPr"),
    _kind("viewProps", _SLIDES + "viewprops+xml", "ppt/viewProps.xml", "p:viewPr"),
    _kind("tableStyles", _SLIDES + "tablestyles+xml", "ppt/tableStyles.xml", "a:tblStyleLst", "image"),
    _kind("comments", _SLIDES + "comments+xml", "ppt/comments/comment{}.xml", "p:cmLst"),
    _kind("commentAuthors", _SLIDES + "commentauthors+xml", "ppt/commentAuthors.xml", "p:cmAuthorLst"),
    *_COMMON,
)  # fmt: skip

FAMILIES = {"word": WORD, "sheet": SHEET, "slides": SLIDES}
FOLDERS = {"word": "word", "sheet": "xl", "slides": "ppt"}
# The type of the main part and the file type that comes out: templates and shows stay what they are, macros go.
PRODUCED = {
    "docx": "docx", "docm": "docx", "dotx": "dotx", "dotm": "dotx", "xlsx": "xlsx", "xlsm": "xlsx", "xltx": "xltx",
    "xltm": "xltx", "pptx": "pptx", "pptm": "pptx", "potx": "potx", "potm": "potx", "ppsx": "ppsx", "ppsm": "ppsx",
}  # fmt: skip
MAIN_TYPES = {
    "docx": _WORD + "document.main+xml", "dotx": _WORD + "template.main+xml", "xlsx": _SHEET + "sheet.main+xml",
    "xltx": _SHEET + "template.main+xml", "pptx": _SLIDES + "presentation.main+xml",
    "potx": _SLIDES + "template.main+xml", "ppsx": _SLIDES + "slideshow.main+xml",
}  # fmt: skip
# Content types are compared in lower case; these are written as the standard spells them.
_SPELLED = ("fontTable", "sharedStrings", "slideMaster", "slideLayout", "notesSlide", "notesMaster", "handoutMaster",
            "presProps", "viewProps", "tableStyles", "commentAuthors", "commentsExtended", "themeOverride", "diagramData",
            "diagramLayout", "diagramColors", "diagramStyle", "pivotTable", "pivotCacheDefinition")  # fmt: skip


def spelled(content_type: str) -> str:
    """A content type in its usual letters."""
    content_type = content_type.replace("office.drawingml.diagramdrawing", "office.drawingml.diagramDrawing")
    for word in _SPELLED:
        content_type = content_type.replace(f".{word.lower()}+", f".{word}+")
    return content_type


# Relations that are not followed, by the last word of their type, with what to say of them.
DROPPED = {
    "vbaproject": "ooxml.macro", "wordvbadata": "ooxml.macro", "vbaprojectsignature": "ooxml.macro",
    "keymapcustomizations": "ooxml.macro", "attachedtoolbars": "ooxml.macro", "xlmacrosheet": "ooxml.macro_sheet",
    "xlintlmacrosheet": "ooxml.macro_sheet", "dialogsheet": "ooxml.macro_sheet", "oleobject": "ooxml.embedded",
    "package": "ooxml.embedded", "afchunk": "ooxml.chunk", "subdocument": "ooxml.external",
    "frame": "ooxml.external", "attachedtemplate": "ooxml.external", "mailmergesource": "ooxml.connection",
    "mailmergeheadersource": "ooxml.connection", "recipientdata": "ooxml.connection", "control": "ooxml.control",
    "activexcontrol": "ooxml.control", "activexcontrolbinary": "ooxml.control", "ctrlprop": "ooxml.control",
    "customxml": "ooxml.custom_xml", "customxmlprops": "ooxml.custom_xml", "tags": "ooxml.custom_xml",
    "customproperty": "ooxml.custom_xml", "printersettings": "ooxml.printer", "externallink": "ooxml.external_link",
    "externallinkpath": "ooxml.external_link", "ui": "ooxml.custom_ui", "extensibility": "ooxml.custom_ui",
    "usercustomization": "ooxml.custom_ui", "webextension": "ooxml.web_extension",
    "webextensiontaskpanes": "ooxml.web_extension", "connections": "ooxml.connection",
    "querytable": "ooxml.connection", "powerpivotdata": "ooxml.connection", "thumbnail": "ooxml.metadata",
    "font": "ooxml.font", "video": "ooxml.media", "audio": "ooxml.media", "media": "ooxml.media",
    "pivottable": "ooxml.pivot", "pivotcachedefinition": "ooxml.pivot", "slicer": "ooxml.slicer",
    "chartex": "ooxml.new_chart", "comments": "ooxml.comments", "slicercache": "ooxml.slicer", "timeline": "ooxml.slicer", "timelinecache": "ooxml.slicer", "core-properties": "metadata.removed", "extended-properties": "metadata.removed",
    "custom-properties": "metadata.removed", "origin": "ooxml.signature",
}  # fmt: skip
# Rebuilt without them by every program: not worth a line in the report.
UNNOTICED = {"webSettings", "stylesWithEffects", "calcChain", "people", "commentsExtended", "commentsIds",
             "commentsExtensible", "chartStyle", "chartColorStyle", "sheetMetadata", "vmlDrawing", "glossaryDocument",
             "person", "threadedComment", "authors", "changesInfo", "revisionInfo", "pivotCacheRecords", "FeaturePropertyBag",
             "rdRichValue", "rdRichValueStructure", "rdRichValueTypes", "richValueRel"}  # fmt: skip
# Comments of newer versions of PowerPoint, which are written as others (``newcomments``), and who they are of.
NEW_COMMENTS = "http://schemas.microsoft.com/office/2018/10/relationships/comments"
NEW_AUTHORS = "http://schemas.microsoft.com/office/2018/10/relationships/authors"
# Parts that show figures of a workbook, which they may hold beside.
CHARTS = {"chart", "chartEx"}
LOST = {"ooxml.chunk", "ooxml.font", "ooxml.new_chart", "ooxml.pivot", "ooxml.slicer", "ooxml.signature"}
# Told with the part they stood in: people see that something is missing there.
PLACED = {"ooxml.chart_data", "ooxml.chunk", "ooxml.new_chart"}
