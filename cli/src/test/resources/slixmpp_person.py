# SPDX-License-Identifier: Apache-2.0
"""Somebody with a stock client who does what is typed, and says what happens.

slixmpp_person.py HOST PORT JID CA-FILE CERT-FILE KEY-FILE. Commands, a line each: subscribe JID,
approve JID, say JID TEXT, history, block JID.
"""
import asyncio
import logging
import sys

import slixmpp

host, port, jid, authorities, certificate, key = sys.argv[1:7]
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def say(*words):
    print(*words, flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, None, sasl_mech="EXTERNAL")
        self.ca_certs, self.certfile, self.keyfile = authorities, certificate, key
        self.auto_authorize, self.auto_subscribe = None, False
        for plugin in ("xep_0030", "xep_0199", "xep_0191", "xep_0280", "xep_0313"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", lambda m: say("message", m["from"], m["body"]))
        self.add_event_handler("carbon_sent", lambda m: self.copy("sent", m))
        self.add_event_handler("carbon_received", lambda m: self.copy("received", m))
        for kind in ("available", "unavailable", "subscribe", "subscribed"):
            self.add_event_handler(
                "presence_" + kind, lambda p, kind=kind: say("presence", p["from"], kind)
            )

    def copy(self, direction, message):
        inner = message["carbon_" + direction]
        say("copy", direction, inner["from"], inner["to"], inner["body"])

    async def started(self, _):
        await self.get_roster()
        await self["xep_0280"].enable()
        self.send_presence()
        await self["xep_0199"].send_ping(self.boundjid.domain)
        say("ready", self.boundjid.full)
        while line := await self.loop.run_in_executor(None, sys.stdin.readline):
            verb, _, rest = line.strip().partition(" ")
            await getattr(self, "do_" + verb)(*rest.split(" ", 1))
            await self["xep_0199"].send_ping(self.boundjid.domain)
            say("done", verb)

    async def do_subscribe(self, who):
        self.send_presence(pto=who, ptype="subscribe")

    async def do_approve(self, who):
        self.send_presence(pto=who, ptype="subscribed")

    async def do_say(self, who, text):
        self.send_message(mto=who, mbody=text, mtype="chat")

    async def do_block(self, who):
        await self["xep_0191"].block(slixmpp.JID(who))

    async def do_history(self, *_):
        answer = await self["xep_0313"].retrieve(rsm={"max": 50})
        for result in answer["mam"]["results"]:
            message = result["mam_result"]["forwarded"]["stanza"]
            say("kept", message["from"].bare, message["body"])


client = Person()
client.connect((host, int(port)))
client.loop.run_until_complete(client.disconnected)
