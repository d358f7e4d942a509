from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """All projects at once: figures kept with the writes, dashboards, the list behind every number."""

    name = "sekisho.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        from sekisho.book.followers import register_follower
        from sekisho.book.neighbours import (
            GateNeighbour,
            Neighbour,
            register_gate_neighbour,
            register_neighbour,
        )
        from sekisho.book.queries.ledger import register_subject
        from sekisho.book.words import register_acts
        from sekisho.book.words_values import register_values
        from sekisho.people.notices import register_kind
        from sekisho.portfolio import models, words
        from sekisho.portfolio.public.models import PublicationDecision
        from sekisho.portfolio.public.services.snapshot import mark
        from sekisho.portfolio.services.figures import touch

        register_follower(touch)
        register_follower(mark)
        register_neighbour(Neighbour(words.OPERATION, words.operation_of))
        register_neighbour(Neighbour(words.PUBLIC, words.public_of))
        register_neighbour(Neighbour(words.SIGNS, words.signs_of))
        register_neighbour(Neighbour(words.REPORT, words.report_of))
        register_gate_neighbour(GateNeighbour(words.DOSSIER, words.dossier_of))
        register_acts(words.ACTS)
        register_values({"public_field": words.field_word, "from_moment": words.moment_word})
        register_values({"alarm": words.alarm_word})
        records = {"operation": models.OperationMonth, "incident": models.Incident}
        register_subject("operation", words.OPERATION, ("operation", "incident"), records)
        register_subject("publication", words.PUBLIC, ("publication",), {"publication": PublicationDecision})
        register_subject("signs", words.SIGNS, ("sign",), {"sign": models.SignAnswer})
        register_kind("portfolio_week", words.WEEK)
