"""Parts of clean Office files that say one thing in one form: nothing in them is anybody's choice but numbers."""

import re

_HEAD = rb"<\?xml version=\"1\.0\" encoding=\"UTF-8\" standalone=\"yes\"\?>\s"
# The drawing of a workbook's comments.
_NOTES = re.compile(
    rb"<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
    rb"xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shapetype [^<>]*><v:stroke joinstyle=\"miter\"/>"
    rb"<v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>"
    rb"(?:<v:shape id=\"_x0000_s\d+\" type=\"#_x0000_t202\" style=\"[\w:;-]*\" fillcolor=\"#[0-9a-f]{6}\" "
    rb"o:insetmode=\"auto\"><v:fill color2=\"#[0-9a-f]{6}\"/><v:textbox style=\"mso-direction-alt:auto\"/>"
    rb"<x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/>"
    rb"(?:<x:Anchor>\d{1,7}(?:, \d{1,7}){7}</x:Anchor>)?<x:AutoFill>False</x:AutoFill>"
    rb"<x:Row>\d+</x:Row><x:Column>\d+</x:Column>(?:<x:Visible/>)?</x:ClientData></v:shape>)*</xml>"
)
# The drawing of pictures in headers and footers: in which place each stands, its size, what is cut off, how pale it is.
_HEADERS = re.compile(
    rb"<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
    rb"xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shapetype id=\"_x0000_t75\"(?: [a-z:]+=\"[\w,@]*\")*>"
    rb"<v:stroke joinstyle=\"miter\"/><v:formulas>(?:<v:f eqn=\"[\w@ ]*\"/>)*</v:formulas>"
    rb"<v:path o:extrusionok=\"f\" gradientshapeok=\"t\" o:connecttype=\"rect\"/><o:lock v:ext=\"edit\" aspectratio=\"t\"/>"
    rb"</v:shapetype>(?:<v:shape id=\"[LCR][HF](?:EVEN|FIRST)?\" o:spid=\"_x0000_s\d{1,5}\" type=\"#_x0000_t75\" "
    rb"style=\"position:absolute;margin-left:0;margin-top:0;width:\d{1,4}\.\d\dpt;height:\d{1,4}\.\d\dpt;z-index:\d\d?\">"
    rb"<v:imagedata o:relid=\"rId\d+\"(?: [a-z]+=\"-?[\d.]{1,11}f?\")*(?: grayscale=\"t\")?/>"
    rb"<o:lock v:ext=\"edit\" rotation=\"t\"/></v:shape>)*</xml>"
)
# "The formula in this cell spills over its neighbours", for cells to point at.
_SPILLING = re.compile(
    _HEAD + rb"<metadata xmlns=\"http://schemas\.openxmlformats\.org/spreadsheetml/2006/main\" "
    rb"xmlns:xda=\"http://schemas\.microsoft\.com/office/spreadsheetml/2017/dynamicarray\"><metadataTypes count=\"1\">"
    rb"<metadataType name=\"XLDAPR\"(?: [A-Za-z]+=\"\d+\")*/></metadataTypes><futureMetadata name=\"XLDAPR\" count=\"1\"><bk><extLst>"
    rb"<ext uri=\"\{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3\}\"><xda:dynamicArrayProperties fDynamic=\"1\" fCollapsed=\"0\"/></ext>"
    rb"</extLst></bk></futureMetadata><cellMetadata count=\"1\"><bk><rc t=\"1\" v=\"0\"/></bk></cellMetadata></metadata>"
)
# "This look is a box to tick", for looks to point at.
_BOXES = re.compile(
    _HEAD
    + rb"<FeaturePropertyBags xmlns=\"http://schemas\.microsoft\.com/office/spreadsheetml/2022/featurepropertybag\">"
    rb"<bag type=\"Checkbox\"/><bag type=\"XFControls\"><bagId k=\"CellControl\">0</bagId></bag>"
    rb"<bag type=\"XFComplement\"><bagId k=\"XFControls\">1</bagId></bag>"
    rb"(?:<bag type=\"D?XFComplements\" extRef=\"D?XFComplementsMapperExtRef\">"
    rb"<a k=\"MappedFeaturePropertyBags\"><bagId>2</bagId></a></bag>){2}</FeaturePropertyBags>"
)
# A sheet of the workbook behind a chart: numbers, words and marks of errors in their cells.
CHART_SHEET = re.compile(
    _HEAD + rb"<worksheet xmlns=\"http://schemas\.openxmlformats\.org/spreadsheetml/2006/main\"><sheetData>"
    rb"(?><row r=\"\d{1,7}\">(?><c r=\"[A-Z]{1,3}\d{1,7}\"(?: s=\"\d{1,6}\"><v>-?[\d.eE+-]{1,70}</v>|"
    rb" t=\"e\"><v>#[A-Z/0-9!?]{3,7}</v>| t=\"inlineStr\"><is><t xml:space=\"preserve\">[^<]*+</t></is>)</c>)*+</row>)*+"
    rb"</sheetData></worksheet>"
)
# Which version of Office the file is like.
_PROGRAM = re.compile(
    _HEAD
    + rb"<Properties xmlns=\"http://schemas\.openxmlformats\.org/officeDocument/2006/extended-properties\">"
    rb"<Application>Microsoft Office</Application><AppVersion>\d{1,2}\.0000</AppVersion></Properties>"
)
FIXED = {
    "application/vnd.openxmlformats-officedocument.vmlDrawing": re.compile(
        rb"%s|%s" % (_NOTES.pattern, _HEADERS.pattern)
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml": _SPILLING,
    "application/vnd.ms-excel.featurepropertybag+xml": _BOXES,
    "application/vnd.openxmlformats-officedocument.extended-properties+xml": _PROGRAM,
}
_PICTURE = re.compile(rb"<v:imagedata o:relid=\"(rId\d+)\"")


def pictures_of(data: bytes) -> set[str]:
    """The ids of the relations that a part of one form leads along, all to pictures."""
    return {id.decode() for id in _PICTURE.findall(data)}
