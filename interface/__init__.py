"""The doors of Seatledger: web pages, the gateway's API and the command line."""
