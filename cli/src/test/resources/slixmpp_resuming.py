# SPDX-License-Identifier: Apache-2.0
"""A stock client with stream management: when it loses its connection it comes back.

slixmpp_resuming.py HOST PORT JID CA-FILE; the password is read from standard input, then lines:
`say JID TEXT` sends a message. Prints a line for each thing that happens.
"""
import asyncio
import logging
import sys

import slixmpp

host, port, jid, authorities = sys.argv[1:5]
password = sys.stdin.readline().strip()
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def say(*words):
    print(*words, flush=True)


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, password, sasl_mech="SCRAM-SHA-256")
        self.ca_certs = authorities
        self.register_plugin("xep_0198")
        # It knows tls-unique alone, which TLS 1.3 does not have: let it say that it cannot bind.
        offer = self["feature_mechanisms"]
        whole = offer.sasl_callback
        offer.sasl_callback = lambda required, optional: whole(
            required, set(optional) - {"channel_binding"}
        )
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("sm_enabled", lambda _: say("enabled"))
        self.add_event_handler("session_resumed", lambda _: say("resumed", self.boundjid.full))
        self.add_event_handler("sm_failed", lambda _: say("failed"))
        self.add_event_handler("message", lambda it: say("received", it["body"]))
        self.add_event_handler("stream_error", lambda error: say("error", error["condition"]))
        self.add_event_handler("disconnected", self.lost)

    def started(self, _):
        self.send_presence()
        say("ready", self.boundjid.full)

    def lost(self, _):
        say("disconnected")
        self.connect((host, int(port)))


client = Client()


def typed():
    verb, to, text = sys.stdin.readline().strip().split(" ", 2)
    if verb == "say":
        client.send_message(mto=to, mbody=text, mtype="chat")


client.loop.add_reader(sys.stdin, typed)
client.connect((host, int(port)))
client.loop.run_forever()
