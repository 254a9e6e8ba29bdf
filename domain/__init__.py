"""The rules of Seatledger: pure, without I/O, clock or framework."""
