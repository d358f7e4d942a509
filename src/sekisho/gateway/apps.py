from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """Network zones, systems and flows; files that cross from zone to zone."""

    name = "sekisho.gateway"
    label = "gateway"

    def ready(self) -> None:
        from sekisho.book.neighbours import Neighbour, register_neighbour
        from sekisho.book.queries.ledger import register_subject
        from sekisho.book.services.ledger import register_chains
        from sekisho.book.words import register_acts
        from sekisho.book.words_values import register_values
        from sekisho.gateway import measures, models, words
        from sekisho.gateway.queries.figures import meaning_of
        from sekisho.gateway.services.records import expected_chains

        measures.register()
        words.register_notices()
        register_neighbour(Neighbour(words.SYSTEMS, measures.systems_of))
        register_acts(words.ACTS)
        register_values({"code": meaning_of})
        register_subject(
            "network",
            words.SYSTEMS,
            ("system", "flow", "move"),
            {"system": models.System, "flow": models.Flow},
        )
        register_chains(expected_chains)
