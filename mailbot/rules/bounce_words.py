"""The words of mail systems in delivery reports, folded (lower case, no diacritics): English, Polish, German. Data only."""

from __future__ import annotations

from typing import NamedTuple

# Subjects that mail systems begin with, folded. A weak sign: people write such words too, and forward such mails.
SUBJECTS = (
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery delayed",
    "delivery notification",
    "undeliverable",
    "undelivered",
    "returned mail",
    "mail delivery fail",
    "mail delivery system",
    "mail system error",
    "failure notice",
    "message undeliverable",
    "message delivery",
    "non-delivery",
    "nondeliverable",
    "delayed mail",
    "warning: message",
    "niedostarczon",
    "niedostarczaln",
    "nie mozna dostarczyc",
    "nie udalo sie dostarczyc",
    "nie dostarczono",
    "wiadomosc niedostarczona",
    "wiadomosc nie zostala dostarczona",
    "zwrot wiadomosci",
    "zwrot poczty",
    "zwrocona wiadomosc",
    "blad dostarcz",
    "blad dorecz",
    "raport o niedostarczeniu",
    "powiadomienie o niedostarczeniu",
    "powiadomienie o stanie dostarcz",
    "niepowodzenie dostarcz",
    "opoznienie w dostarcz",
    "opoznienie dostarcz",
    "problem z dostarczeniem",
    "unzustellbar",
    "nicht zustellbar",
    "zustellung fehlgeschlagen",
    "ubermittlung fehlgeschlagen",
    "rucklaufer",
)

# Sentences of mail systems, folded, each the beginning or middle of a line.
SENTENCES = (
    "this is the qmail-send program",  # qmail
    "this is the mail system at host",  # Postfix
    "this message was created automatically by mail delivery software",  # Exim
    "a message that you sent could not be delivered",  # Exim
    "a message that you have sent could not be delivered",
    "the following addresses had permanent fatal errors",  # sendmail
    "the original message was received at",  # sendmail
    "i'm sorry to have to inform you that your message could not",  # Postfix
    "delivery to the following recipient",  # Gmail, old Exchange
    "delivery has failed to these recipients",  # Exchange
    "your message did not reach some or all of the intended recipients",  # Exchange
    "your message wasn't delivered",  # Gmail
    "your message couldn't be delivered",  # Microsoft 365
    "your message could not be delivered",
    "your message to the following recipients cannot be delivered",
    "there was a temporary problem delivering your message",  # Gmail
    "message not delivered",
    "twoja wiadomosc nie mogla zostac dostarczona",
    "twoja wiadomosc nie zostala dostarczona",
    "panstwa wiadomosc nie zostala dostarczona",
    "wiadomosc nie mogla zostac dostarczona",
    "wiadomosc nie zostala dostarczona do",
    "nie mozna dostarczyc wiadomosci do nastepujacych",
    "nie mozna bylo dostarczyc wiadomosci do",
    "nie udalo sie dostarczyc wiadomosci do",
    "nie powiodlo sie dostarczenie",  # Exchange
    "dostarczenie wiadomosci do nastepujacych",  # Exchange: "… adresatów lub list dystrybucyjnych nie powiodło się"
    "twoja wiadomosc nie dotarla do niektorych lub zadnych",  # Exchange
    "wystapil tymczasowy problem z dostarczeniem",  # Gmail
    "ihre nachricht konnte nicht zugestellt werden",
    "die folgende nachricht konnte nicht zugestellt werden",
    "diese nachricht wurde automatisch von einer mail-software erzeugt",
)


# The mail is still being tried: nothing has failed yet.
DELAYS = (
    "will retry",
    "will be retried",
    "temporary problem",
    "warning message only",
    "tymczasowy problem",
    "ponowne proby",
    "ponowi probe",
    "wird weiter versucht",
    "delivery incomplete",
    "opoznienie w dostarcz",
    "(delay)",
    "delivery delayed",
)


class Cause(NamedTuple):
    """A reason in words, folded, for the status code that the server did not give (RFC 3463); the first that fits counts."""

    words: str
    status: str


CAUSES = (
    Cause("host or domain name not found", "5.1.2"),
    Cause("domain not found", "5.1.2"),
    Cause("domain does not exist", "5.1.2"),
    Cause("couldn't find any host", "5.1.2"),
    Cause("domena nie istnieje", "5.1.2"),
    Cause("nie znaleziono domeny", "5.1.2"),
    Cause("mailbox full", "5.2.2"),
    Cause("mailbox is full", "5.2.2"),
    Cause("quota", "5.2.2"),
    Cause("skrzynka jest pelna", "5.2.2"),
    Cause("skrzynka odbiorcy jest pelna", "5.2.2"),
    Cause("skrzynka pocztowa jest pelna", "5.2.2"),
    Cause("jest przepelniona", "5.2.2"),
    Cause("brak miejsca", "5.2.2"),
    Cause("postfach ist voll", "5.2.2"),
    Cause("account has been disabled", "5.2.1"),
    Cause("account is disabled", "5.2.1"),
    Cause("konto zostalo zablokowane", "5.2.1"),
    Cause("konto zostalo usuniete", "5.1.1"),
    Cause("konto nie istnieje", "5.1.1"),
    Cause("skrzynka nie istnieje", "5.1.1"),
    Cause("adres nie istnieje", "5.1.1"),
    Cause("odbiorca nie istnieje", "5.1.1"),
    Cause("uzytkownik nie istnieje", "5.1.1"),
    Cause("nieznany odbiorca", "5.1.1"),
    Cause("nieznany uzytkownik", "5.1.1"),
    Cause("nie znaleziono adresu", "5.1.1"),
    Cause("nie zostal znaleziony", "5.1.1"),
    Cause("user unknown", "5.1.1"),
    Cause("unknown user", "5.1.1"),
    Cause("user not found", "5.1.1"),
    Cause("unknown recipient", "5.1.1"),
    Cause("recipient not found", "5.1.1"),
    Cause("address not found", "5.1.1"),
    Cause("address couldn't be found", "5.1.1"),
    Cause("no such user", "5.1.1"),
    Cause("no mailbox here by that name", "5.1.1"),
    Cause("mailbox not found", "5.1.1"),
    Cause("does not exist", "5.1.1"),
    Cause("doesn't exist", "5.1.1"),
    Cause("unbekannter empfanger", "5.1.1"),
    Cause("spam", "5.7.1"),
    Cause("blacklist", "5.7.1"),
    Cause("blocked", "5.7.1"),
    Cause("access denied", "5.7.1"),
    Cause("not authorized", "5.7.1"),
    Cause("relaying denied", "5.7.1"),
    Cause("polityk", "5.7.1"),
    Cause("policy", "5.7.1"),
)

# Where the copy of our mail begins, folded, at the start of a line: nothing below is the report's own.
COPY_STARTS = (
    "--- below this line is a copy",
    "------ this is a copy of",
    "----- original message",
    "----- message header",
    "---- oryginalna wiadomosc",
    "--- oryginalna wiadomosc",
    "-----oryginalna wiadomosc",
    "original message headers:",
    "oryginalne naglowki",
    "naglowki oryginalnej wiadomosci",
    "ponizej znajduje sie kopia",
    "return-path: <",
    "received: from",
    "received: by",
    "--- kopia wiadomosci",
    "----- ursprungliche nachricht",
)
