"""What things are: frozen dataclasses and enums, with no behaviour beyond their own invariants."""
