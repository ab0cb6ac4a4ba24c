# SPDX-License-Identifier: Apache-2.0
"""What two people whose clients encrypt with OMEMO ask of a server, without the cryptography.

slixmpp_omemo.py HOST PORT CA-FILE JID JID; the passwords are read from standard input, one a line.
Each of the two has a phone and a desk. Prints a line for each thing that was seen, in order.
"""
import asyncio
import logging
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

host, port, authorities, nina_jid, omar_jid = sys.argv[1:6]
passwords = {jid: sys.stdin.readline().strip() for jid in (nina_jid, omar_jid)}
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
# slixmpp leaves tasks behind when it disconnects.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

OMEMO = "eu.siacs.conversations.axolotl"
DEVICES = OMEMO + ".devicelist"
BUNDLES = OMEMO + ".bundles:"
BOOKMARKS = "urn:xmpp:bookmarks:1"
PATIENCE = 10


def say(*words):
    print(*words, flush=True)


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, resource):
        super().__init__(jid + "/" + resource, passwords[jid], sasl_mech="SCRAM-SHA-256")
        self.ca_certs = authorities
        for plugin in (
            "xep_0004", "xep_0030", "xep_0060", "xep_0115", "xep_0163", "xep_0280", "xep_0313",
        ):
            self.register_plugin(plugin)
        for node in (DEVICES, BOOKMARKS):
            self["xep_0163"].add_interest(node)
        # It knows tls-unique alone, which TLS 1.3 does not have: let it say that it cannot bind.
        offer = self["feature_mechanisms"]
        whole = offer.sasl_callback
        offer.sasl_callback = lambda required, optional: whole(
            required, set(optional) - {"channel_binding"}
        )
        self.ready = asyncio.Event()
        self.friends = asyncio.Event()
        self.events = asyncio.Queue()
        self.messages = asyncio.Queue()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("pubsub_publish", self.published)
        # Its event "message" is only for those with a body.
        whole_message = MatchXPath("{jabber:client}message/{%s}encrypted" % OMEMO)
        self.register_handler(Callback("encrypted", whole_message, self.heard))
        self.add_event_handler("carbon_sent", lambda m: self.heard(m["carbon_sent"]))
        self.add_event_handler("carbon_received", lambda m: self.heard(m["carbon_received"]))
        self.add_event_handler("roster_update", self.updated)

    async def started(self, _):
        await self.get_roster()
        await self["xep_0280"].enable()
        await self["xep_0115"].update_caps()
        self.send_presence()
        self.ready.set()

    def updated(self, _):
        if any(self.client_roster[jid]["subscription"] == "both" for jid in self.client_roster):
            self.friends.set()

    def published(self, message):
        for items in message.xml.iter("{http://jabber.org/protocol/pubsub#event}items"):
            ids = [device.get("id") for device in items.iter("{%s}device" % OMEMO)]
            self.events.put_nowait((message["from"].bare, items.get("node"), ids))

    def heard(self, message):
        encrypted = message.xml.find("{%s}encrypted" % OMEMO)
        if encrypted is not None:
            self.messages.put_nowait((message["from"].bare, text(encrypted)))

    async def publish(self, node, item, payload, access):
        form = self["xep_0004"].make_form(ftype="submit")
        form.add_field(
            var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options"
        )
        form.add_field(var="pubsub#persist_items", value="true")
        form.add_field(var="pubsub#access_model", value=access)
        await self["xep_0060"].publish(
            self.boundjid.bare, node, id=item, payload=ElementTree.fromstring(payload), options=form
        )

    async def fetch(self, jid, node):
        try:
            answer = await self["xep_0060"].get_items(jid, node)
        except IqError as error:
            return [error.condition]
        return [text(item) for item in answer.xml.iter("{http://jabber.org/protocol/pubsub}item")]

    async def archive(self, other):
        found = []
        async for one in self["xep_0313"].iterate(with_jid=slixmpp.JID(other)):
            stanza = one["mam_result"]["forwarded"]["stanza"]
            encrypted = stanza.xml.find("{%s}encrypted" % OMEMO)
            if encrypted is not None:
                found.append((stanza["from"].bare, text(encrypted)))
        return found


def text(element):
    return "".join(element.itertext())


def list_of(*ids):
    return "<list xmlns='%s'>%s</list>" % (OMEMO, "".join("<device id='%s'/>" % i for i in ids))


def bundle_of(key):
    return "<bundle xmlns='%s'><identityKey>%s</identityKey></bundle>" % (OMEMO, key)


async def soon(awaitable):
    return await asyncio.wait_for(awaitable, PATIENCE)


async def scenario():
    nina, desk = Client(nina_jid, "phone"), Client(nina_jid, "desk")
    omar, omar_desk = Client(omar_jid, "phone"), Client(omar_jid, "desk")
    everybody = [nina, desk, omar, omar_desk]
    for client in everybody:
        client.connect((host, int(port)))
        await soon(client.ready.wait())

    # Before anybody knows anybody: bundles are open, so that a first message can be encrypted.
    await soon(nina.publish(BUNDLES + "31415", "current", bundle_of("a2V5"), "open"))
    await soon(nina.publish(DEVICES, "current", list_of("31415"), "open"))
    for client in (nina, desk):
        say("own devices", *await soon(client.events.get()))
    say("stranger fetches", *await soon(omar.fetch(nina_jid, BUNDLES + "31415")))
    say("stranger fetches nothing", *await soon(omar.fetch(nina_jid, BUNDLES + "27182")))

    # Who becomes a contact hears what is published, then each change of it.
    omar.send_presence_subscription(nina_jid)
    for client in everybody:
        await soon(client.friends.wait())
    for client in (omar, omar_desk):
        say("contact hears", *await soon(client.events.get()))
    await soon(desk.publish(BUNDLES + "27182", "current", bundle_of("ZGVzaw"), "open"))
    await soon(desk.publish(DEVICES, "current", list_of("31415", "27182"), "open"))
    for client in everybody:
        say("all hear", *await soon(client.events.get()))
    say("contact fetches", *await soon(omar.fetch(nina_jid, BUNDLES + "27182")))

    # Bookmarks are nobody's but one's own.
    room = "<conference xmlns='%s' name='Private'><nick>nina</nick></conference>" % BOOKMARKS
    await soon(nina.publish(BOOKMARKS, "room@chat.example", room, "whitelist"))
    for client in (nina, desk):
        say("own bookmark", *(await soon(client.events.get()))[:2])
    say("contact fetches bookmarks", *await soon(omar.fetch(nina_jid, BOOKMARKS)))
    say("owner fetches bookmarks", *await soon(desk.fetch(nina_jid, BOOKMARKS)))

    # An encrypted message, without a body for the server to judge by.
    message = omar.make_message(mto=nina_jid, mtype="chat")
    message.xml.append(
        ElementTree.fromstring(
            "<encrypted xmlns='%s'><header sid='1'><key rid='31415'>a</key><key rid='27182'>b</key>"
            "<iv>c</iv></header><payload>d</payload></encrypted>" % OMEMO
        )
    )
    message.xml.append(ElementTree.fromstring("<store xmlns='urn:xmpp:hints'/>"))
    message.send()
    for client in (nina, desk, omar_desk):
        say("message", *await soon(client.messages.get()))
    for client, other in ((nina, omar_jid), (desk, omar_jid), (omar, nina_jid), (omar_desk, nina_jid)):
        for found in await soon(client.archive(other)):
            say("archived", *found)

    # Whatever was sent twice, or to somebody whom it does not concern, has come by now.
    for client in everybody:
        for queue in (client.events, client.messages):
            while not queue.empty():
                say("too much", client.boundjid, *queue.get_nowait())
    for client in everybody:
        await soon(client.disconnect())
    say("end")


asyncio.get_event_loop().run_until_complete(scenario())
