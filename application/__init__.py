"""The use cases of Seatledger and the projections that answer its questions."""
