"""Calls on a platform that is up: cases are data, the phones are `trunkline.phone`."""
