"""What we decide: pure functions. No SQL, no sockets, no files, no clock, no logging."""
