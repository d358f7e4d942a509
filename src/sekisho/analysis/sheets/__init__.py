"""Spreadsheets of answers: which column is what, in the headings that people use. Pure functions over rows of cells."""

from sekisho.analysis.sheets.common import Sheet
from sekisho.analysis.sheets.csat import CountRow, CsatSheet, read_csat, read_populations
from sekisho.analysis.sheets.kano import KanoSheet, read_kano
from sekisho.analysis.sheets.nps import read_nps
from sekisho.analysis.sheets.sus import SusSheet, read_sus

__all__ = [
    "CountRow",
    "CsatSheet",
    "KanoSheet",
    "Sheet",
    "SusSheet",
    "read_csat",
    "read_kano",
    "read_nps",
    "read_populations",
    "read_sus",
]
