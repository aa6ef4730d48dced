"""A Message-ID of ours is recognised, anything else is not."""

import pytest

from mailbot.rules.signing import Signer, fingerprint

SIGNER = Signer(b"k" * 32, "k1")
NUMBER = "OXI-2026-000123"


def _id(signer: Signer = SIGNER, ticket: str = NUMBER, key: str = "ask:mail:17") -> str:
    return f"<{signer.sign(ticket, key)}@oxiprint.com>"


def test_a_signed_id_names_its_ticket() -> None:
    assert SIGNER.verify(_id()) == NUMBER
    assert SIGNER.verify(_id().strip("<>")) == NUMBER
    assert SIGNER.verify(_id().upper()) == NUMBER  # a relay that folds the case
    assert SIGNER.verify(_id(ticket="")) == ""


def test_the_id_is_the_same_for_the_same_key_and_another_for_another() -> None:
    assert _id() == _id()
    assert len({_id(), _id(key="ask:mail:18"), _id(ticket="OXI-2026-000124"), _id(Signer(b"x" * 32, "k1"))}) == 4


def test_it_does_not_tell_the_key_of_the_row() -> None:
    assert "jan@" not in SIGNER.sign(NUMBER, "notice:5:jan@oxiprint.com")


def test_every_changed_character_is_noticed() -> None:
    local = SIGNER.sign(NUMBER, "ask:mail:17")
    for place, char in enumerate(local):
        other = "0" if char != "0" else "1"
        assert SIGNER.verify(f"<{local[:place]}{other}{local[place + 1 :]}@oxiprint.com>") is None, place


@pytest.mark.parametrize(
    "message_id", ["", "<>", "<a@b>", "<m1@drukarnia.example>", "x" * 100_000, "<" + "a." * 50_000 + "@b>", "<ś.ś.ś.ś@b>"]
)
def test_foreign_and_hostile_ids_are_not_ours(message_id: str) -> None:
    assert SIGNER.verify(message_id) is None


def test_another_installation_s_id_is_not_ours() -> None:
    assert SIGNER.verify(_id(Signer(b"other key " * 4, "k1"))) is None
    assert SIGNER.verify(_id(Signer(b"k" * 32, "k2"))) is None


def test_after_a_rotation_old_ids_still_verify() -> None:
    rotated = Signer(b"n" * 32, "k2", {"k1": b"k" * 32})
    assert rotated.verify(_id()) == NUMBER
    assert rotated.verify(_id(rotated)) == NUMBER
    assert SIGNER.verify(_id(rotated)) is None


def test_keys_stay_out_of_sight() -> None:
    assert "kkkk" not in repr(Signer(b"k" * 32, "k1", {"k0": b"k" * 32}))
    assert len(fingerprint(b"k" * 32)) == 8
    assert Signer(b"k" * 32, fingerprint(b"k" * 32)).verify("") is None


def test_what_cannot_be_signed_safely_is_refused() -> None:
    for key, key_id in ((b"short", "k1"), (b"k" * 32, "K.1"), (b"k" * 32, "")):
        with pytest.raises(ValueError, match="key"):
            Signer(key, key_id)
    with pytest.raises(ValueError, match="Message-ID"):
        SIGNER.sign("OXI-1\r\nBcc: x", "k")
