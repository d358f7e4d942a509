"""The fonts that pages and drawings are shown in where they bring none of their own.

Japanese text whose font is not embedded is common, and a server often has no Japanese font: pdfium then draws blanks
without a word. So Noto Sans JP and Noto Serif JP, which come as a package, stand beside the fonts of the machine.
"""

import ctypes
from pathlib import Path

import pylopdf_fonts_jp
import pypdfium2.raw as pdfium

from sekisho.sanitizer.isolation.zygote import FONT_FOLDERS

SHIPPED = Path(pylopdf_fonts_jp.__file__).parent
JAPANESE_FONT = SHIPPED / "NotoSansJP-Regular.otf"
JAPANESE_SERIF = SHIPPED / "NotoSerifJP-Regular.otf"
# Families of drawings: those of these files, or the same from the machine, where it has them in bold too.
_BOLD = frozenset(
    path.name.split("-")[0] for folder in FONT_FOLDERS for path in Path(folder).rglob("Noto*CJK*-Bold.tt[cf]")
)
SANS = "Noto Sans CJK JP" if "NotoSansCJK" in _BOLD else "Noto Sans JP"
SERIF = "Noto Serif CJK JP" if "NotoSerifCJK" in _BOLD else "Noto Serif JP"
_LOADED: list[object] = []  # pdfium keeps pointers to the paths


def use_shipped_fonts() -> None:
    """Start pdfium anew with the machine's font folders and ours. To be called while no document is open."""
    if _LOADED:
        return
    paths = [ctypes.create_string_buffer(str(folder).encode()) for folder in (*FONT_FOLDERS, SHIPPED)]
    listed = (ctypes.POINTER(ctypes.c_char) * (len(paths) + 1))()  # ends with a null pointer
    for number, path in enumerate(paths):
        listed[number] = ctypes.cast(path, ctypes.POINTER(ctypes.c_char))
    _LOADED.extend((listed, *paths))
    pdfium.FPDF_DestroyLibrary()
    config = pdfium.FPDF_LIBRARY_CONFIG(
        version=2, m_pUserFontPaths=listed, m_pIsolate=None, m_v8EmbedderSlot=0
    )
    pdfium.FPDF_InitLibraryWithConfig(ctypes.byref(config))
