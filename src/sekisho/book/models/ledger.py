"""The append-only, hash-chained history. One chain per book, and one (``office``) for what belongs to no book."""

from django.db import models

from sekisho.book.models.project import Project

#: the chain of what belongs to no book
OFFICE = "office"


def chain_of(project: Project | None) -> str:
    """Name of a book's chain; ``office`` for what belongs to no book."""
    return f"book:{project.pk}" if project else OFFICE


class LedgerHead(models.Model):
    """Where a chain ends. Locked by each writer, so that a chain never forks; its count betrays a cut-off tail.

    ``seal`` is made with a key outside the database (see ``seals.py``). Empty: the end it was to seal did not hold.
    """

    chain = models.CharField(max_length=40, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="", blank=True)
    seal = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.chain} ({self.length})"


class LedgerEntry(models.Model):
    """One act: who, when, what, before and after, and the hash of the entry before."""

    chain = models.CharField(max_length=40)
    seq = models.PositiveBigIntegerField()
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="ledger")
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=300)
    act = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "-seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="ledger_seq_once")]

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq} {self.act}"
