"""A scripted SIP phone: the tests' user agent, and the operator's synthetic call.

It says what a telephone says and keeps everything: each SIP message of both directions, each RTP packet with its source
address. Media is encoded before a call and decoded after it, so that one process plays many phones; one clock of
20 ms paces all of them. What has to happen is waited for, with a deadline; nothing sleeps and hopes.

    async with UserAgent(Account("alice", "acme.example", password), proxy=("192.0.2.9", 5060)) as alice:
        await alice.register()
        call = await alice.call("102", tone=1000)
        await call.wait("answered")
        await call.media.wait_tone(1400, over=[1000])
        await call.hangup()

From the wire to the person:

- ``uri`` ``message``: grammar; ``transport`` ``websocket``: UDP, TCP, TLS, WS, WSS
- ``transaction`` ``digest`` ``dialog``: who asked what, and who may
- ``sdp`` ``negotiation``: offer and answer; ``rtp`` ``srtp`` ``dtls`` ``ice`` ``path``: packets and their way
- ``audio`` ``codec`` ``clock`` ``playout`` ``reception`` ``media``: what is sent and what is heard
- ``core`` ``ua``: account, registration, incoming calls; ``caller`` ``call`` ``session`` ``transfer``: one call
- ``proof``: the synthetic call; ``directory``: phones from an inventory; ``ladder``: a log as a picture

Limits: IPv4 only; ICE without restarts; RTCP sends reports, but decides nothing by those that it receives.
Nothing is imported here: loading the codecs takes a moment, and errors are needed without them.
"""
