// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A session that outlives its connection (XEP-0198), spoken by hand so that the demo sees every
/// stanza: it has handled none when its connection is lost.
///
/// @param jid its full JID
/// @param id by which it is resumed
record Resumable(Jid jid, String id) {
  private static final String LAST = "last";

  /// Signs in over a fresh stream and lets the server count.
  static Resumable bind(ClientStream stream, AccountJid account) {
    Element bind =
        Element.named("bind", Namespaces.BIND2)
            .child(
                Element.named("enable", Namespaces.STREAM_MANAGEMENT)
                    .attribute("resume", "true")
                    .build())
            .build();
    Element success = signIn(stream, account, bind);
    Optional<String> id =
        success
            .child("bound", Namespaces.BIND2)
            .flatMap(bound -> bound.child("enabled", Namespaces.STREAM_MANAGEMENT))
            .flatMap(enabled -> enabled.attribute("id"));
    return new Resumable(
        Jid.parse(
            success
                .child("authorization-identifier", Namespaces.SASL2)
                .map(Element::text)
                .orElse("")),
        id.orElseThrow(() -> new ClientException("the server does not let the session resume")));
  }

  private static Element signIn(ClientStream stream, AccountJid account, Element wish) {
    SaslOutcome outcome =
        stream.authenticate(stream.open(), new ExternalClient(account), List.of(wish));
    if (outcome instanceof SaslOutcome.Succeeded(Element success)) {
      return success;
    }
    throw new ClientException("the device was not signed in");
  }

  /// Goes on over another stream.
  ///
  /// @return the bodies of the messages that came then, in order
  List<String> resume(ClientStream stream, AccountJid account) {
    Element wish =
        Element.named("resume", Namespaces.STREAM_MANAGEMENT)
            .attribute("previd", id)
            .attribute("h", "0")
            .build();
    if (signIn(stream, account, wish).child("resumed", Namespaces.STREAM_MANAGEMENT).isEmpty()) {
      throw new ClientException("the session was not resumed");
    }
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "get")
            .attribute("id", LAST)
            .child("ping", Namespaces.PING)
            .build());
    List<String> bodies = new ArrayList<>();
    while (true) {
      Element element = stream.next();
      if (element.name().equals("iq") && element.attribute("id").equals(Optional.of(LAST))) {
        return bodies;
      }
      element.child("body", Namespaces.CLIENT).map(Element::text).ifPresent(bodies::add);
    }
  }
}
