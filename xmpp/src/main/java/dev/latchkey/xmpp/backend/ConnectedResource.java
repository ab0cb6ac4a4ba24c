// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.delivery.ClientState;
import dev.latchkey.chat.eventing.CapabilityHash;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.Receipt;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What is known of one session while it is there (RFC 6121's connected resource). Used only during
/// a visit to its account.
final class ConnectedResource {
  /// RFC 6121 §4.7.2.3.
  private static final int LOWEST = -128;

  private static final int HIGHEST = 127;

  /// Never on the wire.
  private static final String PLACE = "urn:latchkey:place:0";

  /// How many addresses may be told of the end beside those that may know anyway.
  private static final int MOST_DIRECTED = 256;

  private final Resource resource;
  private final ClientSide client;
  private ClientState state = new ClientState();
  private final Set<Jid> directed = new LinkedHashSet<>();
  private Optional<Element> presence = Optional.empty();
  private int priority;
  private Optional<CapabilityHash> claimed = Optional.empty();
  private Optional<ClientCapabilities.Question> question = Optional.empty();
  private Set<String> wantedNodes = Set.of();
  private boolean wantsRoster;
  private boolean wantsBlockList;
  private boolean carbons;
  private volatile Optional<KeptId> shownUpTo = Optional.empty(); // also beside visits

  ConnectedResource(Resource resource, ClientSide client) {
    this.resource = resource;
    this.client = client;
  }

  Resource resource() {
    return resource;
  }

  ClientSide client() {
    return client;
  }

  Jid jid() {
    return client.jid();
  }

  /// Hands over a stanza, or keeps it back while the client looks elsewhere (XEP-0352).
  ///
  /// @return whether it was taken; if not, its session is over
  boolean deliver(Element stanza) {
    boolean taken = true;
    for (Element now : state.offer(stanza)) {
      taken &= client.deliver(now);
    }
    return taken;
  }

  /// Hands over a message of which more will be heard.
  ///
  /// @return whether it was taken; if not, its session is over
  boolean deliver(Element message, Receipt receipt) {
    List<Element> now =
        receipt.waiting().isPresent()
            ? state.pass(message) // it waits until it is acknowledged, whatever it is
            : state.offer(message);
    if (now.isEmpty()) {
      return true; // it is worth nothing later
    }
    now.subList(0, now.size() - 1).forEach(client::deliver); // held back until now
    return client.deliver(message, receipt);
  }

  /// The client looks here again.
  void active() {
    state.active().forEach(client::deliver);
  }

  /// The client looks elsewhere.
  void inactive() {
    state.inactive();
  }

  /// What it last said of itself to everybody, while it is available.
  Optional<Element> presence() {
    return presence;
  }

  /// Whether it is to be handed more that can also wait or be refused.
  boolean hasRoom() {
    return client.hasRoom();
  }

  boolean isAvailable() {
    return presence.isPresent();
  }

  int priority() {
    return priority;
  }

  void available(Element stanza) {
    presence = Optional.of(stanza);
    priority = priority(stanza);
  }

  void unavailable() {
    presence = Optional.empty();
    priority = 0;
    claimed = Optional.empty();
    question = Optional.empty();
    wantedNodes = Set.of();
  }

  /// RFC 6121 §4.7.2.3: a number from -128 to 127; what is none counts as nothing said.
  private static int priority(Element presence) {
    String text =
        presence.child("priority", Namespaces.CLIENT).map(Element::text).orElse("0").strip();
    if (!text.matches("[+-]?[0-9]{1,3}")) {
      return 0;
    }
    int value = Integer.parseInt(text);
    return value < LOWEST || value > HIGHEST ? 0 : value;
  }

  /// RFC 6121 §4.6: who was told in particular is told of the end too.
  void told(Jid address) {
    if (directed.size() < MOST_DIRECTED) {
      directed.add(address);
    }
  }

  void untold(Jid address) {
    directed.remove(address);
  }

  /// Those that were told in particular.
  Set<Jid> directed() {
    return Set.copyOf(directed);
  }

  /// The same; forgets them.
  Set<Jid> takeDirected() {
    Set<Jid> taken = directed();
    directed.clear();
    return taken;
  }

  /// Takes what its presence says of its capabilities. An answer about something else, that is
  /// still to come, counts no more.
  ///
  /// @return whether that is something new
  boolean claims(Optional<CapabilityHash> now) {
    boolean changed = !now.equals(claimed);
    if (changed) {
      claimed = now;
      question = Optional.empty();
    }
    return changed;
  }

  /// It was asked for its capabilities.
  void asked(ClientCapabilities.Question asked) {
    question = Optional.of(asked);
  }

  /// What it was asked in a request of this id, if it was; only once.
  Optional<ClientCapabilities.Question> takeQuestion(String id) {
    Optional<ClientCapabilities.Question> asked = question.filter(q -> q.id().equals(id));
    if (asked.isPresent()) {
      question = Optional.empty();
    }
    return asked;
  }

  /// The nodes whose changes it wants to hear of (XEP-0163 §4.3.2: `+notify`).
  Set<String> wantedNodes() {
    return wantedNodes;
  }

  void wantsNodes(Set<String> nodes) {
    wantedNodes = Set.copyOf(nodes);
  }

  /// RFC 6121 §2.1.6: it has asked for the roster, so it is pushed its changes.
  boolean wantsRoster() {
    return wantsRoster;
  }

  void rosterAsked() {
    wantsRoster = true;
  }

  boolean wantsBlockList() {
    return wantsBlockList;
  }

  void blockListAsked() {
    wantsBlockList = true;
  }

  /// Whether it wants copies of its account's other messages (XEP-0280).
  boolean carbons() {
    return carbons;
  }

  void carbons(boolean wanted) {
    carbons = wanted;
  }

  /// Up to where it was handed what waited for its account.
  Optional<KeptId> shownUpTo() {
    return shownUpTo;
  }

  void shown(KeptId last) {
    shownUpTo = Optional.of(last);
  }

  /// All of this as an element, for the time in which the server is stopped.
  Element place() {
    Element.Builder place =
        Element.named("place", PLACE)
            .attribute("roster", flag(wantsRoster))
            .attribute("block-list", flag(wantsBlockList))
            .attribute("carbons", flag(carbons))
            .attribute("inactive", flag(state.isInactive()))
            .attribute("shown", shownUpTo.map(KeptId::text))
            .attribute("asked", question.map(ClientCapabilities.Question::id))
            .children(
                wantedNodes.stream().map(node -> Element.text("wanted", PLACE, node)).toList())
            .children(
                directed.stream()
                    .map(address -> Element.text("told", PLACE, address.toString()))
                    .toList());
    presence.ifPresent(last -> place.child(Element.named("said", PLACE).child(last).build()));
    state.held().forEach(stanza -> place.child(Element.named("held", PLACE).child(stanza).build()));
    return place.build();
  }

  private static Optional<String> flag(boolean set) {
    return set ? Optional.of("true") : Optional.empty();
  }

  /// As it stood.
  ///
  /// @param place what [#place] made of it
  static ConnectedResource revived(Resource resource, ClientSide client, Element place) {
    ConnectedResource revived = new ConnectedResource(resource, client);
    revived.wantsRoster = place.attribute("roster").isPresent();
    revived.wantsBlockList = place.attribute("block-list").isPresent();
    revived.carbons = place.attribute("carbons").isPresent();
    revived.shownUpTo = place.attribute("shown").flatMap(KeptId::parse);
    revived.wantedNodes =
        place.children("wanted", PLACE).map(Element::text).collect(Collectors.toUnmodifiableSet());
    place
        .children("told", PLACE)
        .flatMap(told -> Jid.tryParse(told.text()).stream())
        .forEach(revived.directed::add);
    place
        .child("said", PLACE)
        .flatMap(said -> said.children().findFirst())
        .ifPresent(
            last -> {
              revived.available(last);
              revived.claimed = CapabilityHash.of(last);
            });
    // Like the claim, which a client need not repeat: its answer may be on its way.
    revived.question =
        place
            .attribute("asked")
            .flatMap(id -> revived.claimed.map(hash -> new ClientCapabilities.Question(id, hash)));
    revived.state =
        new ClientState(
            place.attribute("inactive").isPresent(),
            place.children("held", PLACE).flatMap(Element::children).toList());
    return revived;
  }
}
