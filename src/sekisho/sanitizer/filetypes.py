"""The types of file an office receives: one row each, with what identification, policy and reports need."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

#: how a compound file ([MS-CFB] 2.2) begins: old Office files, and new ones under a password
COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")

# A family is the unit policies speak of; each is handled by one module of ``formats``.
FAMILIES = (
    "pdf", "word", "sheet", "slides", "legacy", "image", "vector", "text", "markup", "archive", "mail",
    "refused",
)  # fmt: skip


@dataclass(frozen=True)
class FileType:
    """``extensions``: the first is the one a clean file of this type gets; the others are accepted names."""

    id: str
    family: str
    mime: str
    extensions: tuple[str, ...]
    en: str
    ja: str


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml."
_MACRO = "application/vnd.ms-{}.macroEnabled.12"

_ROWS = (
    ("pdf", "pdf", "application/pdf", "pdf", "PDF", "PDF文書"),
    ("docx", "word", _WORD + "document", "docx", "Word document", "Word文書"),
    ("docm", "word", _MACRO.format("word.document"), "docm", "Word document with macros", "マクロ付きWord文書"),
    ("dotx", "word", _WORD + "template", "dotx", "Word template", "Wordテンプレート"),
    ("dotm", "word", _MACRO.format("word.template"), "dotm", "Word template with macros", "マクロ付きWordテンプレート"),
    ("xlsx", "sheet", _SHEET + "sheet", "xlsx", "Excel workbook", "Excelブック"),
    ("xlsm", "sheet", _MACRO.format("excel.sheet"), "xlsm", "Excel workbook with macros", "マクロ付きExcelブック"),
    ("xltx", "sheet", _SHEET + "template", "xltx", "Excel template", "Excelテンプレート"),
    ("xltm", "sheet", _MACRO.format("excel.template"), "xltm", "Excel template with macros", "マクロ付きExcelテンプレート"),
    ("xlsb", "sheet", _MACRO.format("excel.sheet.binary"), "xlsb", "Excel binary workbook", "Excelバイナリブック"),
    ("pptx", "slides", _SLIDES + "presentation", "pptx", "PowerPoint presentation", "PowerPointプレゼンテーション"),
    ("pptm", "slides", _MACRO.format("powerpoint.presentation"), "pptm", "PowerPoint presentation with macros",
     "マクロ付きPowerPointプレゼンテーション"),
    ("potx", "slides", _SLIDES + "template", "potx", "PowerPoint template", "PowerPointテンプレート"),
    ("potm", "slides", _MACRO.format("powerpoint.template"), "potm", "PowerPoint template with macros",
     "マクロ付きPowerPointテンプレート"),
    ("ppsx", "slides", _SLIDES + "slideshow", "ppsx", "PowerPoint slide show", "PowerPointスライドショー"),
    ("ppsm", "slides", _MACRO.format("powerpoint.slideshow"), "ppsm", "PowerPoint slide show with macros",
     "マクロ付きPowerPointスライドショー"),
    ("doc", "legacy", "application/msword", "doc dot", "Word 97-2003 document", "Word 97-2003文書"),
    ("xls", "legacy", "application/vnd.ms-excel", "xls xlt", "Excel 97-2003 workbook", "Excel 97-2003ブック"),
    ("ppt", "legacy", "application/vnd.ms-powerpoint", "ppt pps pot", "PowerPoint 97-2003 presentation",
     "PowerPoint 97-2003プレゼンテーション"),
    ("rtf", "legacy", "application/rtf", "rtf", "Rich text", "リッチテキスト"),
    ("odt", "legacy", "application/vnd.oasis.opendocument.text", "odt ott", "OpenDocument text", "OpenDocument文書"),
    ("ods", "legacy", "application/vnd.oasis.opendocument.spreadsheet", "ods ots", "OpenDocument spreadsheet",
     "OpenDocument表計算"),
    ("odp", "legacy", "application/vnd.oasis.opendocument.presentation", "odp otp", "OpenDocument presentation",
     "OpenDocumentプレゼンテーション"),
    ("fodt", "legacy", "application/vnd.oasis.opendocument.text-flat-xml", "fodt", "OpenDocument text in one piece",
     "OpenDocument文書（XML）"),
    ("fods", "legacy", "application/vnd.oasis.opendocument.spreadsheet-flat-xml", "fods",
     "OpenDocument spreadsheet in one piece", "OpenDocument表計算（XML）"),
    ("fodp", "legacy", "application/vnd.oasis.opendocument.presentation-flat-xml", "fodp",
     "OpenDocument presentation in one piece", "OpenDocumentプレゼンテーション（XML）"),
    ("jpeg", "image", "image/jpeg", "jpg jpeg jpe jfif", "JPEG picture", "JPEG画像"),
    ("png", "image", "image/png", "png", "PNG picture", "PNG画像"),
    ("gif", "image", "image/gif", "gif", "GIF picture", "GIF画像"),
    ("tiff", "image", "image/tiff", "tif tiff", "TIFF picture", "TIFF画像"),
    ("bmp", "image", "image/bmp", "bmp dib", "BMP picture", "BMP画像"),
    ("webp", "image", "image/webp", "webp", "WebP picture", "WebP画像"),
    ("heic", "image", "image/heic", "heic heif hif", "HEIC picture", "HEIC画像"),
    ("avif", "image", "image/avif", "avif", "AVIF picture", "AVIF画像"),
    ("svg", "vector", "image/svg+xml", "svg", "SVG drawing", "SVG図形"),
    ("csv", "text", "text/csv", "csv", "CSV table", "CSV表"),
    ("tsv", "text", "text/tab-separated-values", "tsv tab", "Tab-separated table", "タブ区切り表"),
    ("md", "text", "text/markdown", "md markdown", "Markdown text", "Markdownテキスト"),
    ("json", "text", "application/json", "json jsonl ndjson geojson", "JSON data", "JSONデータ"),
    ("ics", "text", "text/calendar", "ics ical ifb", "Calendar entries", "予定（iCalendar）"),
    ("vcf", "text", "text/vcard", "vcf vcard", "Contacts (vCard)", "連絡先（vCard）"),
    ("txt", "text", "text/plain", "txt text log", "Plain text", "テキスト"),
    ("xml", "markup", "application/xml", "xml", "XML data", "XMLデータ"),
    ("html", "markup", "text/html", "html htm xhtml", "Web page", "Webページ"),
    ("zip", "archive", "application/zip", "zip", "ZIP archive", "ZIP書庫"),
    ("7z", "archive", "application/x-7z-compressed", "7z", "7-Zip archive", "7-Zip書庫"),
    ("lzh", "archive", "application/x-lzh-compressed", "lzh lha", "LZH archive", "LZH書庫"),
    ("tar", "archive", "application/x-tar", "tar", "TAR archive", "TAR書庫"),
    ("gz", "archive", "application/gzip", "gz tgz tar.gz", "GZIP archive", "GZIP書庫"),
    ("bz2", "archive", "application/x-bzip2", "bz2 tbz tbz2", "BZIP2 archive", "BZIP2書庫"),
    ("xz", "archive", "application/x-xz", "xz txz", "XZ archive", "XZ書庫"),
    ("eml", "mail", "message/rfc822", "eml", "Mail message", "メール"),
    ("msg", "mail", "application/vnd.ms-outlook", "msg", "Outlook message", "Outlookメッセージ"),
    ("tnef", "mail", "application/vnd.ms-tnef", "tnef tnf", "Outlook's wrapper (winmail.dat)", "Outlook独自の包み（winmail.dat）"),
    ("encrypted-ooxml", "refused", "application/x-ole-storage", "docx xlsx pptx docm xlsm pptm",
     "Encrypted Office document", "暗号化されたOffice文書"),
    ("jtd", "refused", "application/x-js-taro", "jtd jtdc jtt", "Ichitaro document", "一太郎文書"),
    ("xdw", "refused", "application/vnd.fujixerox.docuworks", "xdw", "DocuWorks document", "DocuWorks文書"),
    ("xbd", "refused", "application/vnd.fujixerox.docuworks.binder", "xbd", "DocuWorks binder", "DocuWorksバインダー"),
    ("jww", "refused", "application/x-jww", "jww jwc", "Jw_cad drawing", "Jw_cad図面"),
    ("dwg", "refused", "image/vnd.dwg", "dwg", "AutoCAD drawing", "AutoCAD図面"),
    ("exe", "refused", "application/vnd.microsoft.portable-executable", "exe dll scr com sys cpl",
     "Windows program", "Windowsプログラム"),
    ("elf", "refused", "application/x-elf", "elf so", "Linux program", "Linuxプログラム"),
    ("macho", "refused", "application/x-mach-binary", "dylib", "macOS program", "macOSプログラム"),
    ("lnk", "refused", "application/x-ms-shortcut", "lnk", "Windows shortcut", "Windowsショートカット"),
    ("url", "refused", "application/x-mswinurl", "url webloc", "Internet shortcut", "インターネットショートカット"),
    ("iso", "refused", "application/x-iso9660-image", "iso img", "Disk image", "ディスクイメージ"),
    ("cab", "refused", "application/vnd.ms-cab-compressed", "cab", "Cabinet archive", "CABファイル"),
    ("rar", "refused", "application/vnd.rar", "rar", "RAR archive", "RAR書庫"),
    ("zst", "refused", "application/zstd", "zst tzst", "Zstandard archive", "Zstandard書庫"),
    ("lz4", "refused", "application/x-lz4", "lz4", "LZ4 archive", "LZ4書庫"),
    ("compress", "refused", "application/x-compress", "z", "compress archive", "compress書庫"),
    ("arj", "refused", "application/x-arj", "arj", "ARJ archive", "ARJ書庫"),
    ("psd", "refused", "image/vnd.adobe.photoshop", "psd psb", "Photoshop picture", "Photoshop画像"),
    ("access", "refused", "application/vnd.ms-access", "mdb accdb", "Access database", "Accessデータベース"),
    ("one", "refused", "application/onenote", "one", "OneNote section", "OneNoteセクション"),
    ("hta", "refused", "application/hta", "hta", "HTML application", "HTMLアプリケーション"),
    ("chm", "refused", "application/vnd.ms-htmlhelp", "chm", "Compiled help", "コンパイル済みヘルプ"),
    ("msi", "refused", "application/x-msi", "msi", "Windows installer", "Windowsインストーラー"),
    ("jar", "refused", "application/java-archive", "jar apk war", "Java archive", "Javaアーカイブ"),
    ("script", "refused", "text/x-script", "js jse vbs vbe wsf wsh ps1 psm1 bat cmd sh py pl rb reg inf php",
     "Script", "スクリプト"),
    ("swf", "refused", "application/x-shockwave-flash", "swf", "Flash movie", "Flashムービー"),
    ("ps", "refused", "application/postscript", "ps eps ai", "PostScript", "PostScript"),
    ("emf", "vector", "image/emf", "emf wmf", "Windows metafile", "Windowsメタファイル"),
    ("sqlite", "refused", "application/vnd.sqlite3", "sqlite db", "SQLite database", "SQLiteデータベース"),
    ("audio", "refused", "audio/mpeg", "mp3 m4a wav ogg flac", "Sound recording", "音声ファイル"),
    ("video", "refused", "video/mp4", "mp4 mov avi mkv webm wmv", "Video recording", "動画ファイル"),
    ("visio", "refused", "application/vnd.visio", "vsdx vsdm vstx vsd vst", "Visio drawing", "Visio図面"),
    ("publisher", "refused", "application/vnd.ms-publisher", "pub", "Publisher document", "Publisher文書"),
    ("wordperfect", "refused", "application/vnd.wordperfect", "wpd", "WordPerfect document", "WordPerfect文書"),
    ("cdr", "refused", "application/vnd.corel-draw", "cdr cdt", "CorelDRAW drawing", "CorelDRAW図面"),
    ("jxl", "refused", "image/jxl", "jxl", "JPEG XL picture", "JPEG XL画像"),
    ("project", "refused", "application/vnd.ms-project", "mpp mpt", "Project plan", "Project計画"),
    ("pst", "refused", "application/vnd.ms-outlook-pst", "pst ost", "Outlook data file", "Outlookデータファイル"),
    ("opendocument", "refused", "application/vnd.oasis.opendocument.graphics", "odg otg odf odb odc sxw sxc sxi sxd",
     "OpenDocument of another kind", "その他のOpenDocument"),
    ("xps", "refused", "application/vnd.ms-xpsdocument", "xps oxps", "XPS document", "XPS文書"),
    ("epub", "refused", "application/epub+zip", "epub", "Electronic book (EPUB)", "電子書籍（EPUB）"),
    ("jp2", "refused", "image/jp2", "jp2 jpx jpf j2k", "JPEG 2000 picture", "JPEG 2000画像"),
    ("ico", "refused", "image/vnd.microsoft.icon", "ico cur", "Icon", "アイコン"),
    ("parquet", "refused", "application/vnd.apache.parquet", "parquet", "Parquet table", "Parquet表"),
    ("shapefile", "refused", "application/vnd.shp", "shp shx dbf", "Map data (shapefile)", "地図データ（シェープファイル）"),
    ("ole", "refused", "application/x-ole-storage", "", "Unknown compound file", "種類の分からない複合ファイル"),
    ("empty", "refused", "application/x-empty", "", "Empty file", "空のファイル"),
    ("unknown", "refused", "application/octet-stream", "", "Unknown data", "種類の分からないデータ"),
)  # fmt: skip

TYPES: dict[str, FileType] = {
    row[0]: FileType(row[0], row[1], row[2], tuple(row[3].split()), row[4], row[5]) for row in _ROWS
}


@cache
def types_by_extension() -> dict[str, tuple[FileType, ...]]:
    """``{"docx": (docx, encrypted-ooxml)}``: the types a name of this extension may hold."""
    found: dict[str, list[FileType]] = {}
    for kind in TYPES.values():
        for extension in kind.extensions:
            found.setdefault(extension, []).append(kind)
    return {extension: tuple(kinds) for extension, kinds in found.items()}


def handled() -> Iterator[FileType]:
    """The types that can come out clean."""
    return (kind for kind in TYPES.values() if kind.family != "refused")
