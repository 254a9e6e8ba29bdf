"""The seatledger command."""
