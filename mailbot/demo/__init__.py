"""`mailbot demo`: the real daemon against a mail server of its own, with sample mails. Imported by nothing else."""
