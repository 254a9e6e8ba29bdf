"""The vendor's desk: what was issued to whom, license keys for many customers at once, and renewals."""
