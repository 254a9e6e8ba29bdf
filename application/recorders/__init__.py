"""What Seatledger adds to the library's recorders, one module for each database."""
