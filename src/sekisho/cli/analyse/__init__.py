"""``sekisho analyse``: figures from a spreadsheet of answers, for anyone; no settings and no database."""

import click

from sekisho.cli.analyse.csat import csat
from sekisho.cli.analyse.kano import kano
from sekisho.cli.analyse.nps import nps
from sekisho.cli.analyse.sus import sus

__all__ = ["analyse"]


@click.group()
def analyse() -> None:
    """Kano, SUS, satisfaction and NPS figures from a CSV or Excel file of answers."""


for command in (kano, sus, csat, nps):
    analyse.add_command(command)
