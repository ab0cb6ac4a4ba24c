# SPDX-License-Identifier: Apache-2.0
"""A stock client: signs in, says so, answers each message.

slixmpp_client.py HOST PORT JID CA-FILE MECHANISM [CERT-FILE KEY-FILE]; the password is read from
standard input. Prints a line for each thing that happens.
"""
import asyncio
import logging
import sys

import slixmpp

host, port, jid, authorities, mechanism = sys.argv[1:6]
password = sys.stdin.readline().strip() or None
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def say(*words):
    print(*words, flush=True)


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, password, sasl_mech=mechanism)
        self.ca_certs = authorities
        if len(sys.argv) > 6:
            self.certfile, self.keyfile = sys.argv[6:8]
        for plugin in ("xep_0030", "xep_0199"):
            self.register_plugin(plugin)
        # It knows tls-unique alone, which TLS 1.3 does not have: let it say that it cannot bind.
        offer = self["feature_mechanisms"]
        whole = offer.sasl_callback
        offer.sasl_callback = lambda required, optional: whole(
            required, set(optional) - {"channel_binding"}
        )
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", self.message)
        self.add_event_handler("failed_auth", lambda _: say("refused"))
        self.add_event_handler("stream_error", lambda error: say("error", error["condition"]))
        self.add_event_handler("disconnected", lambda _: say("disconnected"))

    async def started(self, _):
        self.send_presence()
        info = await self["xep_0030"].get_info(jid=self.boundjid.domain)
        for feature in sorted(info["disco_info"]["features"]):
            say("feature", feature)
        await self["xep_0199"].send_ping(self.boundjid.domain)
        say("ready", self.boundjid.full)

    def message(self, message):
        say("received", message["from"].full, message["body"])
        message.reply("slixmpp heard: " + message["body"]).send()


client = Client()
client.connect((host, int(port)))
client.loop.run_until_complete(client.disconnected)
