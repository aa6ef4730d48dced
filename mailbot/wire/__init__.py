"""Who we talk to: IMAP and SMTP. Foreign exceptions become Transient or Permanent here, once."""
