"""The append-only proof of the history: Merkle tree, checkpoints, export, verification."""
