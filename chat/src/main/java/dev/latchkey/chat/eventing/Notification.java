// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Something that happened at a node, for those who may know of it.
///
/// It goes to each resource for which [#isFor] holds; those of the owner count too (XEP-0163
/// §4.3.2). Nobody gets it later who is not online now.
///
/// @param node as it stood when it happened
/// @param only the one JID it is for, if it is for one: bare for all its resources
/// @param content what is in the message: the event, and when it happened if that is past
public record Notification(Node node, Optional<Jid> only, List<Element> content) {
  /// Copies.
  public Notification {
    content = List.copyOf(content);
  }

  static Notification of(Node node, Element inEvent) {
    return new Notification(
        node,
        Optional.empty(),
        List.of(Element.named("event", PubSub.EVENT).child(inEvent).build()));
  }

  /// Of an item that was published before (XEP-0163 §4.3.4).
  static Notification ofPast(Node node, Item item, Optional<Jid> only) {
    Element items =
        Element.named("items", PubSub.EVENT)
            .attribute("node", node.name())
            .child(item.element(PubSub.EVENT, node.configuration().deliverPayloads()))
            .build();
    Element delay =
        Element.named("delay", PubSub.DELAY)
            .attribute("stamp", item.at().truncatedTo(ChronoUnit.SECONDS).toString())
            .build();
    return new Notification(
        node, only, List.of(Element.named("event", PubSub.EVENT).child(items).build(), delay));
  }

  /// The name of the node; a client that wants to be told lists it with `+notify` behind it.
  public String nodeName() {
    return node.name();
  }

  /// Who subscribed by name and is told without listing the node; entitled only if [#mayReceive]
  /// says so. Everybody else must have asked through their capabilities.
  public Set<Jid> subscribers() {
    return node.subscribers();
  }

  /// Whether somebody may know of it.
  public boolean mayReceive(Requester who) {
    return node.access(who) == Node.Access.GRANTED
        && only.filter(jid -> !matches(jid, who.jid())).isEmpty();
  }

  /// Whether a resource may know of it and asked to: with its capabilities, or by name.
  ///
  /// @param notifyNodes the nodes its capabilities list with `+notify`
  public boolean isFor(Requester who, Set<String> notifyNodes) {
    return (notifyNodes.contains(node.name())
            || node.subscribers().stream().anyMatch(jid -> matches(jid, who.jid())))
        && mayReceive(who);
  }

  /// The message to one of them. It is a headline, so that nothing keeps it (XEP-0163 §4.3).
  ///
  /// @param owner the bare JID of the account whose node it is
  /// @param id a fresh one (XEP-0060 §12.3)
  public Element message(Jid owner, Jid to, String id) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("type", "headline")
        .attribute("id", id)
        .attribute("from", owner.toString())
        .attribute("to", to.toString())
        .children(content)
        .build();
  }

  private static boolean matches(Jid subscribed, Jid resource) {
    return subscribed.equals(resource) || subscribed.equals(resource.bare());
  }
}
