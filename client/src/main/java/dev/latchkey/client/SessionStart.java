// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.management.StanzaCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// From signed in to a session: the old one is resumed if there is one, else a resource is bound.
/// What the server did inline costs no round trip; the rest is asked for here. Belongs to the
/// thread that signs in.
final class SessionStart {
  private static final String SM = Namespaces.STREAM_MANAGEMENT;

  /// Before both sides count, a server says little.
  private static final int MOST_EARLY = 100;

  private final SessionWish wish;
  private final ClientStream stream;
  private final RandomGenerator random;
  private final Function<Jid, WhoAmI> identity;

  /// @param stream signed in
  /// @param identity who we are, by the JID that is bound
  SessionStart(
      SessionWish wish,
      ClientStream stream,
      RandomGenerator random,
      Function<Jid, WhoAmI> identity) {
    this.wish = wish;
    this.stream = stream;
    this.random = random;
    this.identity = identity;
  }

  /// After SASL2's success.
  ///
  /// @param offered the features before it
  Arrival afterSasl2(StreamFeatures offered, Element success) {
    Jid told = Identities.requireSame(success, wish.account());
    stream.connection().limits(StreamLimits.FROM_SERVER);
    boolean asked = wish.resumesInline(offered);
    Optional<Element> resumed = success.child("resumed", SM);
    if (asked && resumed.isPresent()) {
      return resumed(resumed.get()); // XEP-0198 §9: no stream features follow
    }
    StreamFeatures after = stream.features();
    Optional<StanzaCount> handled =
        success.child("failed", SM).flatMap(ManagementElements::handled);
    if (told.isBare()) {
      return asked ? bind(after, handled) : afterwards(after);
    }
    Optional<Element> answer =
        success
            .child("bound", Namespaces.BIND2)
            .flatMap(bound -> bound.child("enabled", SM).or(() -> bound.child("failed", SM)));
    return answer.isPresent()
        ? session(told, management(answer.get()), handled, List.of())
        : enable(told, after, handled);
  }

  /// Where nothing could be done inline.
  Arrival afterwards(StreamFeatures features) {
    if (wish.old().isEmpty() || !features.management()) {
      return bind(features, Optional.empty());
    }
    stream.send(ManagementElements.resume(wish.old().get()));
    Element answer = stream.next();
    if (answer.is("resumed", SM)) {
      return resumed(answer);
    }
    if (!answer.is("failed", SM)) {
      throw new ClientException(wish.account() + ": the server did not answer the resumption");
    }
    return bind(features, ManagementElements.handled(answer));
  }

  private Arrival resumed(Element resumed) {
    if (!resumed.attribute("previd").equals(wish.old().map(Resumable::id))) {
      return new Arrival.Mistaken(stream, "it resumed another session than ours");
    }
    return ManagementElements.handled(resumed)
        .<Arrival>map(handled -> new Arrival.Resumed(stream, handled))
        .orElseGet(() -> new Arrival.Mistaken(stream, "it does not say how far it has come"));
  }

  private Arrival bind(StreamFeatures features, Optional<StanzaCount> handled) {
    return enable(bound(features), features, handled);
  }

  private Arrival enable(Jid jid, StreamFeatures features, Optional<StanzaCount> handled) {
    List<Element> early = new ArrayList<>();
    if (!wish.managed() || !features.management()) {
      return session(jid, Optional.empty(), handled, early);
    }
    stream.send(ManagementElements.enable());
    while (early.size() < MOST_EARLY) {
      Element answer = stream.next();
      if (answer.is("enabled", SM) || answer.is("failed", SM)) {
        return session(jid, management(answer), handled, early);
      }
      early.add(answer);
    }
    throw new ConnectionLostException(wish.account() + ": the server did not answer <enable/>");
  }

  private static Optional<Management> management(Element answer) {
    return answer.is("enabled", SM)
        ? Optional.of(ManagementElements.enabled(answer))
        : Optional.empty();
  }

  private Arrival session(
      Jid jid,
      Optional<Management> management,
      Optional<StanzaCount> handled,
      List<Element> early) {
    if (wish.lock().isPresent() && !jid.resource().equals(wish.lock())) {
      throw Identities.another(jid.toString(), wish.account());
    }
    return new Arrival.Bound(stream, identity.apply(jid), management, handled, early);
  }

  /// RFC 6120 §7.
  private Jid bound(StreamFeatures features) {
    if (!features.bind()) {
      throw new ClientException(wish.account() + ": the server offers no resource binding");
    }
    Element.Builder bind = Element.named("bind", Namespaces.BIND);
    wish.resource()
        .ifPresent(name -> bind.child(Element.text("resource", Namespaces.BIND, name.name())));
    String id = Bytes.random(8, random).toHex();
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "set")
            .attribute("id", id)
            .child(bind.build())
            .build());
    Element answer = stream.next();
    if (!answer.is("iq", Namespaces.CLIENT) || !answer.attribute("id").equals(Optional.of(id))) {
      throw new ClientException(
          wish.account() + ": the server did not answer the resource binding");
    }
    if (answer.attribute("type").equals(Optional.of("error"))) {
      throw StanzaErrorException.of(answer);
    }
    String told =
        answer
            .child("bind", Namespaces.BIND)
            .flatMap(result -> result.child("jid", Namespaces.BIND))
            .map(Element::text)
            .orElse("nobody");
    Jid jid = Identities.requireSame(told, wish.account());
    if (jid.isBare()) {
      throw Identities.another(told, wish.account());
    }
    return jid;
  }
}
