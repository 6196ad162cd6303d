"""A scripted SIP phone: the tests' user agent, and the operator's synthetic call."""
