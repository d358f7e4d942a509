from django.apps import AppConfig


class BookConfig(AppConfig):
    """Projects, phases, gates, answers, reviews, decisions, releases, conditions, ledger."""

    name = "sekisho.book"
    label = "book"

    def ready(self) -> None:
        from sekisho.book import builtin_measures, notices
        from sekisho.book.queries import people as book_people
        from sekisho.book.queries.office import office_history
        from sekisho.book.services import ledger
        from sekisho.people.permissions import register_book_roles
        from sekisho.people.record import register_history, register_recorder

        builtin_measures.register()
        notices.register()
        register_book_roles(book_people.books_naming)
        register_recorder(ledger.record_office)
        register_history(office_history)
