"""Workbooks and presentations that act by the rarer ways: odd spellings of calls, holders of formulas, data from elsewhere."""

from collections.abc import Callable, Iterator

from tests.sanitizer.office import OFFICE, Package, document, paragraph, presentation, shape

from .carriers import in_sheet
from .common import MARKER, URL, VISIBLE, Attack

_MAIN = "application/vnd.openxmlformats-officedocument."
_SHEET = f"{_MAIN}spreadsheetml."
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MS = "http://schemas.microsoft.com/office/"
_SHEET_PART = "xl/worksheets/sheet1.xml"
_SPACES = f'xmlns="{_X}" xmlns:r="{OFFICE}"'
_BAD = f"WEBSERVICE(&quot;{URL}&quot;)"


def _part(
    relation: str, name: str, kind: str, content: str | bytes, owner: str = "xl/workbook.xml"
) -> Callable[[Package], object]:
    def mend(package: Package) -> None:
        package.add(name, content, kind)
        package.relate(owner, relation, name, id="rIdA")

    return mend


# -- formulas -------------------------------------------------------------------------------------------------------

_FORMULAS = {
    "call behind a line break": f"WEBSERVICE&#10;(&quot;{URL}&quot;)", "call behind a wide blank": f"WEBSERVICE\u3000(&quot;{URL}&quot;)",
    "call behind no-break blanks": f"WEBSERVICE\u00a0(&quot;{URL}&quot;)", "call with a mark within": f"WEB\u200bSERVICE(&quot;{URL}&quot;)",
    "call with a dotless letter": f"WEBSERV\u0131CE(&quot;{URL}&quot;)", "call with a Kelvin sign": f"LIN\u212a(&quot;{URL}&quot;)",
    "call by two prefixes": f"_xlfn._xlws.WEBSERVICE(&quot;{URL}&quot;)", "call by many prefixes": f"_xlfn._xlfn._xlfn.WEBSERVICE(&quot;{URL}&quot;)",
    "call by a plus": f"+WEBSERVICE(&quot;{URL}&quot;)", "call by an at sign": f"@WEBSERVICE(&quot;{URL}&quot;)",
    "call in a list": f"{{WEBSERVICE(&quot;{URL}&quot;)}}", "filter of XML": f"FILTERXML(WEBSERVICE(&quot;{URL}&quot;),&quot;//a&quot;)",
    "name of a LET": f"LET(f,WEBSERVICE,f(&quot;{URL}&quot;))", "function of a LAMBDA": f"LAMBDA(x,x(&quot;{URL}&quot;))(WEBSERVICE)",
    "function given to MAP": f"MAP(&quot;{URL}&quot;,_xleta.WEBSERVICE)", "function given to BYROW": f"BYROW(&quot;{URL}&quot;,_xleta.WEBSERVICE)",
    "DDE with quotes": f"'cmd'|'/k {MARKER}'!'A0'", "DDE within IF": f"IF(1,MSEXCEL|'\\..\\{MARKER}'!A0,0)", "DDE in full-width bars": f"cmd｜'/k {MARKER}'!A0",
    "DDE of a sum": f"SUM(1,cmd|'/k {MARKER}'!A0)", "book by a share": f"'\\\\127.0.0.1\\{MARKER}\\[a.xlsx]S'!A1", "book by the web": f"'http://127.0.0.1/[{MARKER}.xlsx]S'!A1",
    "book without a sheet": f"[{MARKER}.xlsx]!name", "book of a name": f"'{MARKER}.xlsx'!name&amp;[1]!x", "area of two books": f"SUM('[{MARKER}.xlsx]A:B'!A1)",
    "link by a share": f"HYPERLINK(&quot;\\\\127.0.0.1\\{MARKER}&quot;)", "link by a cell": f"HYPERLINK(A1,&quot;{MARKER}&quot;)", "link by CHAR": f"HYPERLINK(CHAR(102)&amp;&quot;ile:{MARKER}&quot;)",
    "link with blanks": f"HYPERLINK (  &quot;file:///{MARKER}&quot; )", "link to another book": f"HYPERLINK(&quot;#[{MARKER}.xlsx]S!A1&quot;)", "link by brackets": f"HYPERLINK(&quot;[{MARKER}.xlsx]S!A1&quot;)",
    "place in another book": f"INDIRECT(&quot;'[{MARKER}.xlsx]S'!A1&quot;)", "place in a share": f"INDIRECT(&quot;'\\\\127.0.0.1\\[{MARKER}]S'!A1&quot;)",
    "link to another book in pieces": f"HYPERLINK(&quot;#&quot;&amp;&quot;[\\\\127.0.0.1\\{MARKER}.xlsx]S!A1&quot;)", "link to another book in small pieces": f"HYPERLINK(&quot;#&quot;&amp;&quot;[{MARKER}.xls&quot;&amp;&quot;x]S!A1&quot;,&quot;x&quot;)",
    "letter with a file in pieces": f"HYPERLINK(&quot;mailto:a@example.jp?&quot;&amp;&quot;att&quot;&amp;&quot;ach={MARKER}&quot;)", "place in another book behind a quote in a name": f"INDIRECT('a&quot;'!A1&amp;&quot;'[{MARKER}.xlsx]S'!A1&quot;)",
    "function handed by its bare name": f"REDUCE(&quot;{MARKER}&quot;,A1,WEBSERVICE)", "function chosen by its bare name": f"CHOOSE(1,WEBSERVICE)(&quot;{MARKER}&quot;)",
    "columns of quotes": f"SUM({MARKER}[" + "'" * 99,
    "live data": f"RTD(&quot;{MARKER}&quot;,&quot;127.0.0.1&quot;,1)", "SQL": f"SQL.REQUEST(&quot;{MARKER}&quot;)", "translation": f"TRANSLATE(&quot;{MARKER}&quot;)", "machine learning": f"COPILOT(&quot;{MARKER}&quot;)",
    "old macro": f"FORMULA.FILL(&quot;{MARKER}&quot;,A1)", "old start": f"INITIATE(&quot;cmd&quot;,&quot;{MARKER}&quot;)", "old poke": f"POKE(1,&quot;{MARKER}&quot;,A1)", "evaluation": f"EVALUATE(&quot;{MARKER}&quot;)",
    "files": f"FILES(&quot;{MARKER}&quot;)", "cell of a file": f"GET.CELL(5,&quot;{MARKER}&quot;)", "run": f"RUN(&quot;{MARKER}&quot;)", "Python object": f"_xlws.PY(0,1,&quot;{MARKER}&quot;)",
}  # fmt: skip


def _formulas() -> Iterator[Attack]:
    for name, formula in _FORMULAS.items():
        yield in_sheet(f"way: {name}", f'<c r="B1" t="str"><f>{formula}</f><v>7</v></c>')
    hidden = f'<definedNames><definedName name="a" hidden="1">{_BAD}</definedName></definedNames>'
    yield in_sheet("way: cell that asks a name", '<c r="B1"><f>a</f><v>1</v></c>', names=hidden)
    yield in_sheet(
        "way: name that asks a name",
        names=hidden.replace("</definedNames>", '<definedName name="b">a+1</definedName></definedNames>'),
    )
    yield in_sheet("way: function of a name", '<c r="B1"><f>f("x")</f><v>1</v></c>',
                   names=f"<definedNames><definedName name=\"f\">_xlfn.LAMBDA(_xlpm.x,WEBSERVICE(&quot;{URL}&quot;&amp;_xlpm.x))</definedName></definedNames>")  # fmt: skip
    yield in_sheet(
        "way: rule on a bar",
        tail=f'<conditionalFormatting sqref="A1"><cfRule type="dataBar" priority="1"><dataBar><cfvo type="formula" val="{_BAD}"/><cfvo type="max"/><color rgb="FFFF0000"/></dataBar></cfRule></conditionalFormatting>',
    )
    yield in_sheet(
        "way: rule on icons",
        tail=f'<conditionalFormatting sqref="A1"><cfRule type="iconSet" priority="1"><iconSet><cfvo type="percent" val="0"/><cfvo type="formula" val="cmd|&apos;{MARKER}&apos;!A0"/><cfvo type="num" val="3"/></iconSet></cfRule></conditionalFormatting>',
    )
    yield in_sheet(
        "way: input of a list",
        tail=f'<dataValidations count="1"><dataValidation type="custom" sqref="A1"><formula1>{_BAD}</formula1><formula2>cmd|\'{MARKER}\'!A0</formula2></dataValidation></dataValidations>',
    )
    yield in_sheet(
        "way: scenario",
        tail=f'<scenarios><scenario name="a" comment="{MARKER}"><inputCells r="A1" val="={MARKER}"/></scenario></scenarios>',
    )
    yield in_sheet(
        "way: table of data",
        f'<c r="B1"><f t="dataTable" ref="B1:B2" r1="{MARKER}" dt2D="1">cmd|\'{MARKER}\'!A0</f><v>1</v></c>',
    )
    yield in_sheet(
        "way: sort by another book",
        tail=f'<sortState ref="A1:A2"><sortCondition ref="A1:A2" customList="{URL}"/></sortState>',
    )
    yield in_sheet("way: gathered from other books", tail=f'<dataConsolidate><dataRefs count="1"><dataRef ref="A1" sheet="{MARKER}" r:id="rIdA"/></dataRefs></dataConsolidate>',
                   mend=lambda package: package.relate(_SHEET_PART, "externalLinkPath", URL, external=True, id="rIdA"))  # fmt: skip
    yield in_sheet("way: watched cells", tail=f'<cellWatches><cellWatch r="{MARKER}"/></cellWatches>')
    yield in_sheet(
        "way: cell whose place lies",
        f'<c r="B1" t="str" vm="1" cm="7"><f ca="1" aca="1">{_BAD}</f><v>7</v></c>',
    )
    yield in_sheet(
        "way: formula in another space", f'<c r="B1" t="str"><x:f xmlns:x="{_X}">{_BAD}</x:f><v>7</v></c>'
    )
    yield in_sheet(
        "way: formula in two halves",
        f'<c r="B1" t="str"><f>WEB<!-- -->SERVICE(&quot;{URL}&quot;)</f><v>7</v></c>',
    )
    yield in_sheet(
        "way: formula as data", f'<c r="B1" t="str"><f><![CDATA[WEBSERVICE("{URL}")]]></f><v>7</v></c>'
    )
    yield in_sheet("way: two formulas in a cell", f'<c r="B1"><f>1+1</f><f>{_BAD}</f><v>7</v></c>')
    yield in_sheet("way: formula behind the value", f'<c r="B1"><v>7</v><f>{_BAD}</f></c>')
    yield in_sheet(
        "way: shared formula of another",
        f'<c r="B1"><f t="shared" si="0" ref="B1">1+1</f><v>2</v></c><c r="C1"><f t="shared" si="0">{_BAD}</f><v>2</v></c>',
    )


# -- parts ----------------------------------------------------------------------------------------------------------


def _parts() -> Iterator[Attack]:
    link = f'<externalLink {_SPACES}><ddeLink ddeService="cmd" ddeTopic="/k {MARKER}"><ddeItems><ddeItem name="A0" advise="1"/></ddeItems></ddeLink></externalLink>'
    yield in_sheet(
        "way: link of DDE",
        '<c r="B1"><f>[1]!A0</f><v>7</v></c>',
        mend=_part("externalLink", "xl/externalLinks/externalLink1.xml", f"{_SHEET}externalLink+xml", link),
    )
    yield in_sheet("way: link of OLE", mend=lambda package: (
        _part("externalLink", "xl/externalLinks/externalLink1.xml", f"{_SHEET}externalLink+xml", f'<externalLink {_SPACES}><oleLink r:id="rId1" progId="{MARKER}"/></externalLink>')(package),
        package.relate("xl/externalLinks/externalLink1.xml", "oleObject", f"file:///{MARKER}", external=True)))  # fmt: skip
    for name, relation, target, kind, content in (
        ("query of the web", "connections", "xl/connections.xml", f"{_SHEET}connections+xml", f'<connections {_SPACES}><connection id="1" type="4" refreshOnLoad="1"><webPr url="{URL}"/></connection></connections>'),
        ("model of data", f"{_MS}2007/relationships/powerPivotData", "xl/model/item.data", "application/vnd.ms-excel.model+data", MARKER),
        ("cache of a slicer", f"{_MS}2007/relationships/slicerCache", "xl/slicerCaches/slicerCache1.xml", "application/vnd.ms-excel.slicercache+xml", f"<slicerCacheDefinition name='{MARKER}'/>"),
        ("cache of a time line", f"{_MS}2011/relationships/timelineCache", "xl/timelineCaches/timelineCache1.xml", "application/vnd.ms-excel.timelinecache+xml", f"<timelineCacheDefinition name='{MARKER}'/>"),
        ("Power Query", "customXml", "customXml/item1.xml", "application/xml", f'<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">{MARKER}</DataMashup>'),
        ("macro sheet of another tongue", f"{_MS}2006/relationships/xlIntlMacrosheet", "xl/macrosheets/intlsheet1.xml", "application/vnd.ms-excel.intlmacrosheet+xml", f"<f>{MARKER}</f>"),
        ("dialogue", "dialogsheet", "xl/dialogsheets/sheet1.xml", f"{_SHEET}dialogsheet+xml", f"<dialogsheet>{MARKER}</dialogsheet>"),
        ("map of XML", "xmlMaps", "xl/xmlMaps.xml", "application/xml", f"<MapInfo><Map ID='1' Name='{MARKER}'><DataBinding FileBinding='true' DataBindingLoadMode='1' FileBindingName='{URL}'/></Map></MapInfo>"),
        ("history of changes", "revisionHeaders", "xl/revisions/revisionHeaders.xml", f"{_SHEET}revisionHeaders+xml", f"<headers>{MARKER}</headers>"),
        ("users", "usernames", "xl/revisions/userNames.xml", f"{_SHEET}userNames+xml", f"<users>{MARKER}</users>"),
        ("volatile data", "volatileDependencies", "xl/volatileDependencies.xml", f"{_SHEET}volatileDependencies+xml", f'<volTypes><volType type="realTimeData"><main first="{MARKER}"/></volType></volTypes>'),
        ("tool bars", f"{_MS}2006/relationships/attachedToolbars", "xl/attachedToolbars.bin", "application/vnd.ms-excel.attachedToolbars", MARKER),
        ("chain of calculation with words", "calcChain", "xl/calcChain.xml", f"{_SHEET}calcChain+xml", f"<calcChain><c r='{MARKER}'/></calcChain>"),
        ("rich values from the web", f"{_MS}2017/06/relationships/rdRichValue", "xl/richData/rdrichvalue.xml", "application/vnd.ms-excel.rdrichvalue+xml", f"<rvData><rv><v>{URL}</v></rv></rvData>"),
        ("pictures of the web", f"{_MS}2020/07/relationships/rdRichValueWebImage", "xl/richData/rdRichValueWebImage.xml", "application/vnd.ms-excel.rdrichvaluewebimage+xml", f"<webImagesSrd><webImageSrd><address r:id='{URL}'/></webImageSrd></webImagesSrd>"),
        ("Python", f"{_MS}2023/09/relationships/Python", "xl/python.xml", "application/vnd.ms-excel.python+xml", f"<python><environmentDefinition>{MARKER}</environmentDefinition></python>"),
        ("binary sheet", "worksheet", "xl/worksheets/binaryIndex1.bin", "application/vnd.ms-excel.binIndexWs", MARKER),
        ("metadata of OLAP", "sheetMetadata", "xl/metadata.xml", f"{_SHEET}sheetMetadata+xml", f"<metadata xmlns='{_X}'><metadataStrings><s v='{MARKER}'/></metadataStrings><mdxMetadata><mdx n='0' f='v'><t c='1'><n x='0'/></t></mdx></mdxMetadata></metadata>"),
    ):  # fmt: skip
        yield in_sheet(f"way: part, {name}", mend=_part(relation, target, kind, content))
    for name, relation, target, kind, content, tail in (
        ("query table", "queryTable", "xl/queryTables/queryTable1.xml", f"{_SHEET}queryTable+xml", f'<queryTable name="{MARKER}" connectionId="1" refreshOnLoad="1"/>', ""),
        ("slicer", f"{_MS}2007/relationships/slicer", "xl/slicers/slicer1.xml", "application/vnd.ms-excel.slicer+xml", f"<slicers><slicer name='{MARKER}'/></slicers>", ""),
        ("control", "control", "xl/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml", f'<ocx classid="{{{MARKER}}}"/>', '<controls><control shapeId="1" r:id="rIdA" name="x"><controlPr macro="[0]!a" linkedCell="a" r:id="rIdA"/></control></controls>'),
        ("form control", "ctrlProp", "xl/ctrlProps/ctrlProp1.xml", "application/vnd.ms-excel.controlproperties+xml", f'<formControlPr fmlaMacro="{MARKER}"/>', ""),
        ("drawing of old", "vmlDrawing", "xl/drawings/vmlDrawing1.vml", f"{_MAIN}vmlDrawing", f'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape href="{URL}"><x:ClientData ObjectType="Button"><x:FmlaMacro>{MARKER}</x:FmlaMacro></x:ClientData></v:shape></xml>', '<legacyDrawing r:id="rIdA"/>'),
        ("paper of a printer", "printerSettings", "xl/printerSettings/printerSettings1.bin", f"{_SHEET}printerSettings", MARKER, '<pageSetup r:id="rIdA"/>'),
        ("property of a sheet", "customProperty", "xl/customProperty1.bin", f"{_SHEET}customProperty", MARKER, f'<customProperties><customPr name="{MARKER}" r:id="rIdA"/></customProperties>'),
        ("cells of single values", "tableSingleCells", "xl/tables/tableSingleCells1.xml", f"{_SHEET}tableSingleCells+xml", f"<singleXmlCells><singleXmlCell><xmlCellPr uniqueName='{MARKER}'/></singleXmlCell></singleXmlCells>", ""),
        ("object of a package", "package", "xl/embeddings/a.xlsx", f"{_SHEET}sheet", MARKER, '<oleObjects><oleObject progId="Excel.Sheet.12" shapeId="1" r:id="rIdA" autoLoad="1" oleUpdate="OLEUPDATE_ALWAYS"/></oleObjects>'),
        ("threads of comments", f"{_MS}2017/10/relationships/threadedComment", "xl/threadedComments/threadedComment1.xml", "application/vnd.ms-excel.threadedcomments+xml", f"<ThreadedComments>{MARKER}</ThreadedComments>", ""),
    ):  # fmt: skip
        yield in_sheet(
            f"way: part of a sheet, {name}",
            tail=tail,
            mend=_part(relation, target, kind, content, _SHEET_PART),
        )
    yield in_sheet(
        "way: publishing",
        tail=f'<webPublishItems count="1"><webPublishItem id="1" divId="a" sourceType="sheet" destinationFile="{URL}" autoRepublish="1"/></webPublishItems>',
    )
    yield in_sheet(
        "way: picture behind the cells from elsewhere",
        tail='<picture r:id="rIdA"/>',
        mend=lambda package: package.relate(_SHEET_PART, "image", f"{URL}.png", external=True, id="rIdA"),
    )
    yield in_sheet("way: table with queries", tail='<tableParts count="1"><tablePart r:id="rIdA"/></tableParts>', mend=_part("table", "xl/tables/table1.xml", f"{_SHEET}table+xml",
        f'<table {_SPACES} id="1" name="t" displayName="t" ref="A1:A2" tableType="queryTable" connectionId="1"><tableColumns count="1"><tableColumn id="1" name="a" queryTableFieldId="1" totalsRowFunction="custom"><calculatedColumnFormula>{_BAD}</calculatedColumnFormula><totalsRowFormula>cmd|\'{MARKER}\'!A0</totalsRowFormula><xmlColumnPr mapId="1" xpath="/{MARKER}" xmlDataType="string"/></tableColumn></tableColumns></table>', _SHEET_PART))  # fmt: skip
    for name, source in (
        ("a connection", f'<cacheSource type="external" connectionId="1"><extLst><ext uri="{MARKER}"/></extLst></cacheSource>'),
        ("another book", f'<cacheSource type="worksheet"><worksheetSource ref="A1:B2" sheet="{MARKER}" r:id="rIdX"/></cacheSource>'),
        ("many areas", f'<cacheSource type="consolidation"><consolidation><rangeSets count="1"><rangeSet ref="A1" sheet="{MARKER}"/></rangeSets></consolidation></cacheSource>'),
    ):  # fmt: skip
        yield in_sheet(f"way: pivot of {name}", mend=_part("pivotCacheDefinition", "xl/pivotCache/pivotCacheDefinition1.xml", f"{_SHEET}pivotCacheDefinition+xml",
                       f'<pivotCacheDefinition {_SPACES} refreshOnLoad="1" r:id="rIdR" refreshedBy="{MARKER}">{source}<cacheFields count="1"><cacheField name="{MARKER}" sqlType="1" formula="{MARKER}"/></cacheFields></pivotCacheDefinition>'))  # fmt: skip


# -- drawings of workbooks ------------------------------------------------------------------------------------------

_DRAW = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_CORNER = "<xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>"


def _anchored(inside: str) -> str:
    return f"<xdr:wsDr {_DRAW}><xdr:twoCellAnchor><xdr:from>{_CORNER}</xdr:from><xdr:to>{_CORNER}</xdr:to>{inside}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"


def _drawing(inside: str, *more: tuple[str, str, bool], chart: str = "") -> Callable[[Package], object]:
    def mend(package: Package) -> None:
        _part("drawing", "xl/drawings/drawing1.xml", f"{_MAIN}drawing+xml", _anchored(inside), _SHEET_PART)(
            package
        )
        for number, (kind, target, external) in enumerate(more, start=1):
            package.relate("xl/drawings/drawing1.xml", kind, target, external=external, id=f"rId{number}")
        if chart:
            package.add(
                "xl/charts/chart1.xml",
                f"<c:chartSpace {_DRAW}>{chart}</c:chartSpace>",
                f"{_MAIN}drawingml.chart+xml",
            )

    return mend


_SP = '<xdr:sp macro="{macro}" textlink="{textlink}"><xdr:nvSpPr><xdr:cNvPr id="2" name="a">{properties}</xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>x</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
_CHART_FRAME = '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="a"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame>'
_SERIES = '<c:chart><c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:ser><c:idx val="0"/><c:order val="0"/>{}</c:ser><c:axId val="1"/><c:axId val="2"/></c:barChart></c:plotArea></c:chart>'


def _drawings() -> Iterator[Attack]:
    on = '<drawing r:id="rIdA"/>'
    sp = _SP.format
    yield in_sheet(
        "way: shape that runs a macro",
        tail=on,
        mend=_drawing(sp(macro=f"[0]!{MARKER}", textlink="", properties="")),
    )
    yield in_sheet(
        "way: shape whose words come from elsewhere",
        tail=on,
        mend=_drawing(sp(macro="", textlink=f"[1]{MARKER}!A1", properties="")),
    )
    yield in_sheet(
        "way: shape that opens a file",
        tail=on,
        mend=_drawing(
            sp(
                macro="",
                textlink="",
                properties=f'<a:hlinkClick r:id="rId1" tooltip="{MARKER}" invalidUrl="{URL}"/>',
            ),
            ("hyperlink", f"file:///{MARKER}", True),
        ),
    )
    yield in_sheet(
        "way: shape that opens a place elsewhere",
        tail=on,
        mend=_drawing(
            sp(macro="", textlink="", properties='<a:hlinkClick r:id="rId1"/>'),
            ("hyperlink", f"#[{MARKER}.xlsx]S!A1", True),
        ),
    )
    yield in_sheet(
        "way: shape whose words come from a program",
        tail=on,
        mend=_drawing(sp(macro="", textlink=f"cmd|'{MARKER}'!A0", properties="")),
    )
    picture = '<xdr:pic macro="{}"><xdr:nvPicPr><xdr:cNvPr id="2" name="a"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip {}/></xdr:blipFill><xdr:spPr/></xdr:pic>'
    yield in_sheet(
        "way: picture from elsewhere with a macro",
        tail=on,
        mend=_drawing(picture.format(MARKER, 'r:link="rId1"'), ("image", URL, True)),
    )
    yield in_sheet("way: series of another book", tail=on, mend=_drawing(_CHART_FRAME, ("chart", "xl/charts/chart1.xml", False), chart=_SERIES.format(
        f"<c:tx><c:strRef><c:f>[1]{MARKER}!A1</c:f></c:strRef></c:tx><c:val><c:numRef><c:f>cmd|'{MARKER}'!A0</c:f></c:numRef></c:val>")))  # fmt: skip
    yield in_sheet("way: chart with data of its own", tail=on, mend=lambda package: (_drawing(_CHART_FRAME, ("chart", "xl/charts/chart1.xml", False), chart=_SERIES.format("")
        + '<c:externalData r:id="rId1"><c:autoUpdate val="1"/></c:externalData>')(package),
        package.relate("xl/charts/chart1.xml", "oleObject", f"file:///{MARKER}", external=True)))  # fmt: skip
    yield in_sheet("way: chart that is a pivot of another book", tail=on, mend=_drawing(_CHART_FRAME, ("chart", "xl/charts/chart1.xml", False), chart=
        f"<c:pivotSource><c:name>[{MARKER}.xlsx]S!P</c:name><c:fmtId val=\"0\"/></c:pivotSource>" + _SERIES.format("")))  # fmt: skip
    yield in_sheet("way: chart that shows its data by link", tail=on, mend=_drawing(_CHART_FRAME, ("chart", "xl/charts/chart1.xml", False), chart=_SERIES.format(
        f'<c:extLst><c:ext uri="{{02D57815-91ED-43cb-92C2-25804820EDAC}}"><c15:datalabelsRange xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart"><c15:f>[1]{MARKER}!A1</c15:f></c15:datalabelsRange></c:ext></c:extLst>')))  # fmt: skip


# -- presentations --------------------------------------------------------------------------------------------------

_SLIDE = "ppt/slides/slide1.xml"


def _slide(
    name: str,
    run: str = "",
    properties: str = "",
    *,
    tail: str = "",
    more: str = "",
    mend: Callable[[Package], object] = lambda package: None,
) -> Attack:
    def build() -> bytes:
        package = presentation(shape(VISIBLE, run, properties) + more, tail=tail)
        mend(package)
        return package.build()

    return Attack(f"pptx way: {name}", build, "pptx")


def _relation(kind: str, target: str) -> Callable[[Package], object]:
    return lambda package: package.relate(_SLIDE, kind, target, external=True, id="rIdA")


def _timing(inside: str) -> str:
    return f'<p:timing><p:tnLst><p:par><p:cTn id="1" dur="indefinite" nodeType="tmRoot"><p:childTnLst>{inside}</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>'


def _slides() -> Iterator[Attack]:
    for action in (
        f"ppaction://hlinkfile?{MARKER}", f"ppaction://hlinkpres?slideindex=1&amp;slidetitle={MARKER}", f"ppaction://customshow?id=0&amp;{MARKER}",
        f"ppaction://hlinkshowjump?jump=nextslide&amp;{MARKER}", f" ppaction://program?{MARKER}", f"ppaction%3A//program?{MARKER}", f"ppaction://hlinksldjump/../program?{MARKER}",
    ):  # fmt: skip
        yield _slide(
            f"action {action[:44]}",
            f'<a:hlinkClick r:id="rIdA" action="{action}"/>',
            mend=_relation("hyperlink", f"file:///{MARKER}"),
        )
    yield _slide(
        "link with history and colour",
        f'<a:hlinkClick r:id="rIdA" tgtFrame="{MARKER}" invalidUrl="{URL}" history="0" highlightClick="1" endSnd="1"/>',
        mend=_relation("hyperlink", f"ms-powerpoint:ofe|u|{URL}"),
    )
    yield _slide(
        "command that is called",
        tail=_timing(
            f'<p:cmd type="call" cmd="{MARKER}"><p:cBhvr><p:cTn id="2"/><p:tgtEl><p:spTgt spid="2"/></p:tgtEl></p:cBhvr></p:cmd>'
        ),
    )
    yield _slide(
        "value that is computed",
        tail=_timing(
            f'<p:anim to="http://{MARKER}" calcmode="fmla"><p:cBhvr><p:cTn id="2"/><p:tgtEl><p:sndTgt r:embed="rIdA" name="{MARKER}"/></p:tgtEl></p:cBhvr></p:anim>'
        ),
    )
    yield _slide(
        "video in time",
        tail=_timing(
            f'<p:video fullScrn="1"><p:cMediaNode><p:cTn id="2"/><p:tgtEl><p:inkTgt spid="{MARKER}"/></p:tgtEl></p:cMediaNode></p:video>'
        ),
    )
    yield _slide(
        "transition with a program",
        tail=f'<p:transition><p:extLst><p:ext uri="{{{MARKER}}}"><x>{MARKER}</x></p:ext></p:extLst></p:transition>',
    )
    media = '<p:pic><p:nvPicPr><p:cNvPr id="9" name="m"/><p:cNvPicPr/><p:nvPr><a:{} r:link="rIdA"/><p:extLst><p:ext uri="{{DAA4B4D4-6D71-4841-9C94-3DE7FCFB9230}}"><p14:media xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main" r:link="rIdA"/></p:ext></p:extLst></p:nvPr></p:nvPicPr><p:blipFill><a:blip/></p:blipFill><p:spPr/></p:pic>'
    for tag, kind in (
        ("videoFile", "video"),
        ("audioFile", "audio"),
        ("quickTimeFile", "video"),
        ("wavAudioFile", "audio"),
    ):
        yield _slide(f"media: {tag}", more=media.format(tag), mend=_relation(kind, f"file:///{MARKER}"))
    yield _slide("audio of a disk", more=media.format("audioCd"), mend=_relation("audio", URL))
    frame = '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="o"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData uri="{}">{}</a:graphicData></a:graphic></p:graphicFrame>'
    yield _slide(
        "linked object",
        more=frame.format(
            "http://schemas.openxmlformats.org/presentationml/2006/ole",
            f'<p:oleObj r:id="rIdA" progId="{MARKER}" spid="a"><p:link updateAutomatic="1"/></p:oleObj>',
        ),
        mend=_relation("oleObject", f"file:///{MARKER}!Sheet1"),
    )
    yield _slide(
        "control",
        tail="",
        more=frame.format(f"http://{MARKER}/control", f'<x:control xmlns:x="http://{MARKER}"/>'),
    )
    yield _slide("web add-in", more=frame.format("http://schemas.microsoft.com/office/webextensions/webextension/2010/11", f'<we:webextensionref xmlns:we="http://schemas.microsoft.com/office/webextensions/webextension/2010/11" r:id="rIdA" id="{MARKER}"/>'),
                 mend=_relation("http://schemas.microsoft.com/office/2011/relationships/webextension", URL))  # fmt: skip
    yield _slide("model in space", more=frame.format("http://schemas.microsoft.com/office/drawing/2017/model3d", f'<am3d:model3d xmlns:am3d="http://schemas.microsoft.com/office/drawing/2017/model3d" r:embed="rIdA"><x>{MARKER}</x></am3d:model3d>'),
                 mend=_relation("http://schemas.microsoft.com/office/2017/06/relationships/model3d", URL))  # fmt: skip
    yield _slide("ink", more='<p:contentPart r:id="rIdA"/>', mend=_relation("customXml", URL))
    yield _slide(
        "data of a customer",
        more='<p:sp><p:nvSpPr><p:cNvPr id="9" name="a"/><p:cNvSpPr/><p:nvPr userDrawn="1"><p:custDataLst><p:custData r:id="rIdA"/><p:tags r:id="rIdA"/></p:custDataLst></p:nvPr></p:nvSpPr><p:spPr/></p:sp>',
        mend=_relation("customXml", URL),
    )
    yield _slide(
        "background from elsewhere",
        more='<p:sp><p:nvSpPr><p:cNvPr id="9" name="a"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:blipFill><a:blip r:link="rIdA"/></a:blipFill></p:spPr></p:sp>',
        mend=_relation("image", URL),
    )
    yield _slide(
        "layout from elsewhere",
        mend=lambda package: package.relate(_SLIDE, "slideMaster", URL, external=True),
    )
    yield _slide(
        "program beside a slide",
        mend=lambda package: (
            package.relate(
                _SLIDE,
                "http://schemas.microsoft.com/office/2006/relationships/legacyDocTextInfo",
                "ppt/a.bin",
            ),
            package.add("ppt/a.bin", MARKER, "application/vnd.ms-office.legacyDocTextInfo"),
        ),
    )
    yield _slide("text of a slide by macros", f'<a:extLst><a:ext uri="{{{MARKER}}}"/></a:extLst>')
    for kind, part, root, content in (
        ("presProps", "presProps", "presentationPr", f'<p:htmlPubPr r:id="rId1" target="{MARKER}"/><p:webPr/><p:showPr><p:kiosk/></p:showPr>'),
        ("tags", "tags/tag1", "tagLst", f'<p:tag name="a" val="{MARKER}"/>'),
    ):  # fmt: skip

        def mend(
            package: Package, kind: str = kind, part: str = part, root: str = root, content: str = content
        ) -> None:
            package.add(
                f"ppt/{part}.xml",
                f'<p:{root} xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="{OFFICE}">{content}</p:{root}>',
                f"{_MAIN}presentationml.{kind}+xml",
            )
            package.link(kind, f"ppt/{part}.xml")
            package.relate(f"ppt/{part}.xml", "htmlPubSaveAs", URL, external=True)

        yield _slide(f"properties: {kind}", mend=mend)


# -- types that lie -------------------------------------------------------------------------------------------------


def _lying() -> Iterator[Attack]:
    """A main part of macros under each plain extension, and XML of another family under the right type."""
    yield Attack("way: workbook told to be a letter", lambda: Package(
        "word/document.xml", f"{_MAIN}wordprocessingml.document.main+xml", f"<workbook xmlns='{_X}'>{MARKER}</workbook>").build(), "docx", shows=lambda output: output[:5] == b"%PDF-")  # fmt: skip
    yield Attack("way: two main parts", lambda: _two_mains(), "docx", refused=True)


def _two_mains() -> bytes:
    package = document(paragraph(VISIBLE))
    package.add(
        "word/document2.xml", f"<x>{MARKER}</x>", "application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    package.relate("", "officeDocument", "word/document2.xml")
    return package.build()


ATTACKS = [*_formulas(), *_parts(), *_drawings(), *_slides(), *_lying()]
