"""`trunkline up` as a whole, from nothing: ended on the way, finished, repeated."""
