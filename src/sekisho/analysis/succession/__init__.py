"""What became of each project from one year's portfolio to the next. Pure functions over records; no Django.

``records`` holds what goes in and comes out, ``pairing`` how likely two records are one project and why, ``matching``
turns pairs into what continued, was renamed, merged, split, ended or is new. The method and its figures: docs/years.md.
"""

from sekisho.analysis.succession.matching import match
from sekisho.analysis.succession.records import KINDS, Link, Reason, Succession, YearRecord

__all__ = ["KINDS", "Link", "Reason", "Succession", "YearRecord", "match"]
