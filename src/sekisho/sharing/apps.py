from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Similar products, common platforms, and what is reused."""

    name = "sekisho.sharing"
    label = "sharing"

    def ready(self) -> None:
        from sekisho.book.neighbours import (
            ImportNeighbour,
            Neighbour,
            register_import_neighbour,
            register_neighbour,
        )
        from sekisho.book.queries.ledger import register_subject
        from sekisho.book.words import register_acts
        from sekisho.sharing import measures, models, words

        measures.register()
        register_neighbour(Neighbour(words.SIMILAR, measures.similar_of))
        register_neighbour(Neighbour(words.LIFE, measures.life_of))
        register_import_neighbour(ImportNeighbour(words.YEARS, measures.years_after_import))
        register_acts(words.ACTS)
        records = {"reuse": models.ReuseEntry, "proposal": models.Proposal}
        register_subject("sharing", words.SHARING, (*records, "similar"), records)
        register_subject("years", words.YEARS, ("succession",), {})
