from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """User tests, surveys, satisfaction: what users say, and the measures gates demand of it."""

    name = "sekisho.voice"
    label = "voice"

    def ready(self) -> None:
        from sekisho.book.neighbours import Neighbour, register_neighbour
        from sekisho.book.queries.ledger import register_subject
        from sekisho.book.services.ledger import register_chains
        from sekisho.book.words import register_acts
        from sekisho.voice import measures, models, words
        from sekisho.voice.services.holders import expected_chains

        measures.register()
        register_neighbour(Neighbour(words.USER_TESTS, measures.tests_of))
        register_neighbour(Neighbour(words.QUALITY_LEVEL, measures.quality_of))
        register_neighbour(Neighbour(words.SURVEYS, measures.surveys_of))
        register_neighbour(Neighbour(words.SATISFACTION_SERIES, measures.series_of))
        register_acts(words.ACTS)
        records = {"test": models.UserTest, "problem": models.Problem, "survey": models.Survey}
        register_chains(expected_chains)
        register_subject("voice", words.VOICE, (*records, "participant", "feature"), records)
