"""mailbot: an e-mail service desk daemon. Mails become tickets, questions, answers and reminders."""

__version__ = "0.1.0"
