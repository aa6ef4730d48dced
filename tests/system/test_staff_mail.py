"""The desk run from the mail client: commands in answers to notices, who may give them, words to customers, and forwarded mail."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from tests.support.house import House
from tests.system.letters import SERVICE, SYMPTOM, mail, number_in, parsed, reply, request, subject_of, text_of

pytestmark = pytest.mark.slow

JAN, TEAM = "Jan Nowak <jan@oxiprint.com>", "technik@oxiprint.com"
_serial = itertools.count(1)


class Case:
    """A customer's ticket in the house: their address, its number, and what went out about it."""

    def __init__(self, house: House, customer: str, first_mail: bytes) -> None:
        self.house, self.customer, self.first_mail = house, customer, first_mail
        house.deliver(first_mail)
        house.quiet()
        (self.acknowledgement,) = house.letters(customer)
        self.number = number_in(self.acknowledgement)

    def notices(self, recipient: str) -> list[bytes]:
        """What was sent to a colleague about this ticket, in order."""
        return [letter for letter in self.house.letters(recipient) if self.number in subject_of(letter)]

    def now(self) -> dict[str, Any]:
        """The ticket as programs see it."""
        return self.house.tickets()[self.number]

    @property
    def status(self) -> str:
        return self.house.query(f"SELECT status FROM ticket WHERE number = '{self.number}'")[0][0]

    def history(self) -> list[str]:
        """What the ticket's history tells, one word each."""
        rows = self.house.query(f"SELECT what FROM history JOIN ticket ON ticket.id = ticket_id WHERE number = '{self.number}'")
        return [row[0] for row in rows]

    def say(self, answer: bytes, folder: str = "INBOX") -> None:
        """A mail about it, and all that follows."""
        self.house.deliver(answer, folder=folder)
        self.house.quiet()


@pytest.fixture
def new_case(house: House) -> Callable[[], Case]:
    """Opens a ticket for a customer of the test's own."""

    def open_one() -> Case:
        customer = f"ewa@firma{next(_serial)}.example"
        return Case(house, customer, request(customer, impact="wysoki"))

    return open_one


def test_a_start_in_an_answer_to_a_notice(new_case: Callable[[], Case]) -> None:
    case = new_case()
    (notice,) = case.notices("jan@oxiprint.com")
    assert case.status == "open"
    case.say(reply(notice, JAN, "rozpocznij\n\nPozdrawiam\nJan"))
    ticket = case.now()
    assert ticket["status"] == "started"
    assert ticket["started_at"]
    assert ticket["due_at"] is None
    assert case.house.count(f"timer JOIN ticket ON id = ticket_id WHERE number = '{case.number}' AND done_at IS NULL") == 0
    (result,) = case.notices("jan@oxiprint.com")[1:]
    assert f"{case.number}: rozpoczęto, zegar zatrzymany" in text_of(result)
    assert parsed(result)["Auto-Submitted"] == "auto-replied"
    assert len(case.house.letters(case.customer)) == 1

    # an absence notice to that result ends there
    sent = len(case.house.sink.accepted)
    case.say(mail(JAN, f"Automatyczna odpowiedź: {subject_of(result)}", "Wracam w piątek.", headers={"Auto-Submitted": "auto-replied"}))
    assert len(case.house.sink.accepted) == sent


@pytest.mark.parametrize(
    ("sender", "notice_to"),
    [("Jan Nowak <jan@zly.example>", "jan@oxiprint.com"), (JAN, TEAM), (TEAM, TEAM)],
    ids=["foreign-address", "somebody-elses-notice", "shared-address"],
)
def test_a_start_by_somebody_who_may_not(new_case: Callable[[], Case], sender: str, notice_to: str) -> None:
    """Only one of the people may command, in an answer to a notice of their own. The mail is kept, and staff are told."""
    case = new_case()
    told = len(case.notices(TEAM))
    case.say(reply(case.notices(notice_to)[0], sender, "rozpocznij"))
    assert case.status == "open"
    assert "started" not in case.history()
    assert "command_refused" in case.history()
    (refusal,) = case.notices(TEAM)[told:]
    assert "Polecenia NIE wykonano" in text_of(refusal)
    assert "rozpocznij" in text_of(refusal)
    assert case.house.letters("jan@zly.example") == []
    assert len(case.house.letters(case.customer)) == 1


def test_a_start_without_any_notice(new_case: Callable[[], Case]) -> None:
    """The right From and the right number, but no token."""
    case = new_case()
    case.say(mail(JAN, f"Re: [{case.number}] Awaria plotera", "rozpocznij"))
    assert case.status == "open"
    assert "started" not in case.history()
    assert "command_refused" in case.history()
    assert "rozpocznij" in text_of(case.notices(TEAM)[-1])


def test_a_text_without_a_command_is_a_note(new_case: Callable[[], Case]) -> None:
    case = new_case()
    case.say(reply(case.notices("jan@oxiprint.com")[0], JAN, "Dzwoniłem, pompa wygląda na zapowietrzoną."))
    assert case.status == "open"
    (result,) = case.notices("jan@oxiprint.com")[1:]
    assert "NIE wysłano jej do klienta" in text_of(result)
    assert len(case.house.letters(case.customer)) == 1
    ((text,),) = case.house.query(
        f"SELECT text FROM message JOIN ticket ON ticket.id = ticket_id WHERE number = '{case.number}' AND direction = 'note'"
    )
    assert "pompa wygląda na zapowietrzoną" in text


def test_a_reply_through_the_desk(new_case: Callable[[], Case]) -> None:
    case = new_case()
    case.say(reply(case.notices("jan@oxiprint.com")[0], JAN, "odpowiedz: Proszę odpowietrzyć pompę.\nZadzwonię o 14."))
    assert case.status == "started"
    letter = case.house.letters(case.customer)[1]
    assert "Proszę odpowietrzyć pompę.\nZadzwonię o 14." in text_of(letter)
    assert "Jan Nowak" in text_of(letter)
    assert SERVICE in str(parsed(letter)["From"])
    assert case.number in subject_of(letter)


def test_a_reply_seen_in_the_sent_folder(new_case: Callable[[], Case]) -> None:
    case = new_case()
    case.say(reply(case.first_mail, f"Serwis OXIPRINT <{SERVICE}>", "Będę u Państwa jutro. Jan", to=case.customer), folder="Sent")
    assert case.now()["due_at"] is None
    assert case.status == "started"
    assert len(case.house.letters(case.customer)) == 1


def test_a_colleague_writes_to_the_customer_and_copies_the_desk(new_case: Callable[[], Case]) -> None:
    case = new_case()
    case.say(reply(case.acknowledgement, JAN, "Będę u Państwa jutro.", to=case.customer, cc=SERVICE))
    assert case.now()["due_at"] is None
    assert case.status == "started"
    ((value,),) = case.house.query(f"SELECT value FROM ticket WHERE number = '{case.number}'")
    assert "jan@oxiprint.com" in value
    assert len(case.house.letters(case.customer)) == 1


FORWARDED = """Proszę o rejestrację.

Jan

-----Wiadomość oryginalna-----
Od: Anna Zając <anna@kalkomania.example>
Wysłano: poniedziałek, 12 października 2026 08:12
Do: Jan Nowak <jan@oxiprint.com>
Temat: OXIJET 3200 nie drukuje

Dzień dobry,

nasz OXIJET 3200 nie drukuje magenty, na wydruku są białe paski.
Wpływ: wysoki.

Anna Zając
Kalkomania sp. z o.o.
tel. 601 234 567
"""


def attached(original: bytes) -> bytes:
    """A forward that carries the customer's mail as an attachment."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = JAN, SERVICE, "Fwd: Awaria plotera"
    made["Message-ID"] = "<forward-1@oxiprint.com>"
    made.set_content("Do rejestracji.")
    made.add_attachment(parsed(original))
    return made.as_bytes()


@pytest.mark.parametrize(
    ("customer", "forward"),
    [
        ("anna@kalkomania.example", mail(JAN, "PD: OXIJET 3200 nie drukuje", FORWARDED)),
        ("ewa@zalacznik.example", attached(request("ewa@zalacznik.example", impact="wysoki"))),
        (
            "ewa@telefon.example",
            mail(
                JAN, "Telefon od klienta", f"w imieniu: ewa@telefon.example\n\nDzwoniła pani Ewa Lis, Drukarnia Lis, OXIJET 3200. {SYMPTOM}"
            ),
        ),
    ],
    ids=["quoted", "attached", "on-behalf"],
)
def test_a_colleague_opens_a_ticket_for_a_customer(house: House, customer: str, forward: bytes) -> None:
    before, his_own = len(house.letters("jan@oxiprint.com")), house.count("ticket WHERE requester = 'jan@oxiprint.com'")
    house.deliver(forward)
    house.quiet()
    ((number, status, value),) = house.query(f"SELECT number, status, value FROM ticket WHERE requester = '{customer}'")
    assert status == "open"
    assert "OXIJET 3200" in value
    assert house.letters(customer) == []  # unless the configuration says so
    mine = [text_of(letter) for letter in house.letters("jan@oxiprint.com")[before:]]
    assert any(f"Otwarto zgłoszenie {number} dla {customer}" in text for text in mine)
    assert house.count("ticket WHERE requester = 'jan@oxiprint.com'") == his_own


def test_a_colleagues_mail_that_names_no_customer(house: House) -> None:
    before = len(house.letters("anna.serwis@oxiprint.com"))
    house.deliver(mail("Anna <anna.serwis@oxiprint.com>", "Urlopy", "Kto ma dyżur w piątek?"))
    house.quiet()
    assert house.query("SELECT status FROM ticket WHERE requester = 'anna.serwis@oxiprint.com'") == [("review",)]
    (answer,) = house.letters("anna.serwis@oxiprint.com")[before:]
    assert "w imieniu:" in text_of(answer)
