// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// One verb and who asks it of whom.
///
/// @param who who asks
/// @param owner whose nodes
/// @param jid the owner's address
/// @param isSet whether it is of type set
/// @param verb the element that says what to do
/// @param companion the one beside it: options, a configuration
record Request(
    Requester who,
    AccountId owner,
    AccountJid jid,
    boolean isSet,
    Element verb,
    Optional<Element> companion) {
  /// The node it names; an empty name is none.
  Optional<String> node() {
    return verb.attribute("node").filter(name -> !name.isEmpty());
  }

  /// The elements in the verb with this name and the verb's namespace.
  List<Element> parts(String name) {
    return verb.children(name, verb.namespace()).toList();
  }

  /// An element around an answer.
  Element answer(Element content) {
    return answer(content, Optional.empty());
  }

  /// The same.
  ///
  /// @param beside what else is said of the answer
  Element answer(Element content, Optional<Element> beside) {
    return Element.named("pubsub", verb.namespace()).child(content).child(beside).build();
  }
}
