"""Background work: the job row in our database is the truth; workers claim, run and finish it."""
