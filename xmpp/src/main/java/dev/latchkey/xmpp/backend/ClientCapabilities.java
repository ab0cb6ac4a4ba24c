// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.eventing.Capabilities;
import dev.latchkey.chat.eventing.CapabilityCache;
import dev.latchkey.chat.eventing.CapabilityHash;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds out what the own clients can do (XEP-0115): which nodes they want to hear of. Thread-safe.
final class ClientCapabilities {
  /// What is remembered of clients' capabilities takes some 16 MiB of memory at most, whatever they
  /// claim. The lists of all versions of all clients in use have room many times over.
  private static final int REMEMBERED_CHARACTERS = 4 << 20;

  private final CapabilityCache cache = new CapabilityCache(REMEMBERED_CHARACTERS);
  private final EventingService eventing;
  private final Supplier<String> ids;

  ClientCapabilities(EventingService eventing, Supplier<String> ids) {
    this.eventing = eventing;
    this.ids = ids;
  }

  /// What was asked of a client, and is not yet answered.
  ///
  /// @param id of the request
  /// @param claimed the hash that led to it
  record Question(String id, CapabilityHash claimed) {}

  /// A resource sent presence: if it claims other capabilities than before, they are looked up or
  /// asked for.
  void said(LocalAccount account, ConnectedResource resource, List<Runnable> after) {
    Optional<CapabilityHash> claimed = resource.presence().flatMap(CapabilityHash::of);
    if (!resource.claims(claimed)) {
      return;
    }
    if (claimed.isEmpty()) {
      resource.wantsNodes(Capabilities.NONE.notifyNodes());
      return;
    }
    Optional<Capabilities> known = cache.find(resource.jid(), claimed.get());
    if (known.isPresent()) {
      learned(account, resource, known.get(), after);
    } else {
      ask(account, resource, claimed.get());
    }
  }

  private void ask(LocalAccount account, ConnectedResource resource, CapabilityHash claimed) {
    Question question = new Question(ids.get(), claimed);
    resource.asked(question);
    resource
        .client()
        .deliver(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", "get")
                .attribute("id", question.id())
                .attribute("from", account.jid().toString())
                .attribute("to", resource.jid().toString())
                .child(
                    Element.named("query", Namespaces.DISCO_INFO)
                        .attribute("node", claimed.discoNode())
                        .build())
                .build());
  }

  /// Takes the answer.
  ///
  /// @return whether the stanza is one
  boolean heard(ChatSession session, Element stanza) {
    boolean answer =
        stanza
            .attribute("type")
            .filter(type -> type.equals("result") || type.equals("error"))
            .isPresent();
    return answer
        && session.visit(
            (account, after) -> {
              ConnectedResource resource = session.resource();
              Optional<Question> question = stanza.attribute("id").flatMap(resource::takeQuestion);
              question.ifPresent(asked -> answered(account, resource, asked, stanza, after));
              return question.isPresent();
            });
  }

  private void answered(
      LocalAccount account,
      ConnectedResource resource,
      Question question,
      Element stanza,
      List<Runnable> after) {
    Jid jid = resource.jid();
    stanza
        .child("query", Namespaces.DISCO_INFO)
        .filter(_ -> stanza.attribute("type").filter("result"::equals).isPresent())
        .filter(
            query -> cache.learn(jid, question.claimed(), query) != CapabilityCache.Learned.NOTHING)
        .flatMap(_ -> cache.find(jid, question.claimed()))
        .ifPresent(capabilities -> learned(account, resource, capabilities, after));
  }

  private void learned(
      LocalAccount account,
      ConnectedResource resource,
      Capabilities capabilities,
      List<Runnable> after) {
    resource.wantsNodes(capabilities.notifyNodes());
    eventing.showLastItems(account, resource, after);
  }

  /// A resource is gone.
  void forget(Jid resource) {
    cache.forget(resource);
  }
}
