"""Which projects are like each other, and why. Pure functions over texts and arrays; no Django, no network.

``text`` cleans and cuts, ``embedding`` and ``lexical`` compare by meaning and by words, ``facets`` finds what a project
does, ``space`` ranks a portfolio, ``reasons`` says why, ``groups`` finds duplicates, ``learning`` fits to people's
judgements, ``evaluation`` measures. The method and its figures: docs/similarity.md.
"""
