"""What we do next: one loop body each; every `one_pass` may be run twice."""
