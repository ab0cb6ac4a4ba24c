// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The requests of `urn:xmpp:blocking` (XEP-0191 §3). Pure.
public final class BlockRequests {
  /// So many items may be in one request.
  public static final int MOST_AT_ONCE = 1_000;

  private static final String BLOCK_LIST = "blocklist";
  private static final String BLOCK = "block";
  private static final String UNBLOCK = "unblock";

  private BlockRequests() {}

  /// Whether a request is one of these.
  public static boolean isOne(Iq iq) {
    return iq.payload().namespace().equals(BlockNamespaces.BLOCKING);
  }

  /// Answers a request of the account to itself.
  ///
  /// @param owner whose list and request it is; requests of others to it are refused elsewhere
  public static BlockAnswer answer(Iq iq, AccountJid owner, BlockList list) {
    return switch (iq.payload().name()) {
      case BLOCK_LIST -> iq.isSet() ? refused(iq, StanzaError.BAD_REQUEST) : get(iq, list);
      case BLOCK -> iq.isSet() ? block(iq, owner, list) : refused(iq, StanzaError.BAD_REQUEST);
      case UNBLOCK -> iq.isSet() ? unblock(iq, owner, list) : refused(iq, StanzaError.BAD_REQUEST);
      default -> refused(iq, StanzaError.FEATURE_NOT_IMPLEMENTED);
    };
  }

  private static BlockAnswer get(Iq iq, BlockList list) {
    return new BlockAnswer(
        iq.result(Optional.of(element(BLOCK_LIST, list.items()))), Optional.empty(), true);
  }

  private static BlockAnswer block(Iq iq, AccountJid owner, BlockList list) {
    List<Element> items = items(iq);
    if (items.isEmpty()) {
      return refused(iq, StanzaError.BAD_REQUEST); // §3.3
    }
    List<Jid> addresses = new ArrayList<>();
    Optional<StanzaError> wrong = read(items, addresses);
    if (wrong.isPresent()) {
      return refused(iq, wrong.get());
    }
    if (addresses.stream().anyMatch(jid -> jid.bare().equals(owner.jid()))) {
      return refused(iq, StanzaError.NOT_ALLOWED); // §4: never one's own resources
    }
    BlockList after = list.with(addresses);
    return after.items().size() > BlockList.MOST_ITEMS
        ? refused(iq, StanzaError.RESOURCE_CONSTRAINT)
        : changed(
            iq, new BlockChange(owner, list, after, new BlockChange.Pushed(BLOCK, addresses)));
  }

  private static BlockAnswer unblock(Iq iq, AccountJid owner, BlockList list) {
    List<Element> items = items(iq);
    if (items.isEmpty()) {
      boolean all = iq.payload().children().findAny().isEmpty();
      return all // §3.5; what is there and no item must not be taken for "all"
          ? changed(
              iq,
              new BlockChange(
                  owner, list, BlockList.EMPTY, new BlockChange.Pushed(UNBLOCK, List.of())))
          : refused(iq, StanzaError.BAD_REQUEST);
    }
    List<Jid> addresses = new ArrayList<>();
    Optional<StanzaError> wrong = read(items, addresses);
    return wrong.isPresent()
        ? refused(iq, wrong.get())
        : changed(
            iq,
            new BlockChange(
                owner, list, list.without(addresses), new BlockChange.Pushed(UNBLOCK, addresses)));
  }

  private static List<Element> items(Iq iq) {
    return iq.payload()
        .children("item", BlockNamespaces.BLOCKING)
        .limit(MOST_AT_ONCE + 1L)
        .toList();
  }

  /// @param into gets the addresses, each once
  private static Optional<StanzaError> read(List<Element> items, List<Jid> into) {
    if (items.size() > MOST_AT_ONCE) {
      return Optional.of(StanzaError.BAD_REQUEST);
    }
    for (Element item : items) {
      Optional<String> text = item.attribute("jid");
      if (text.isEmpty()) {
        return Optional.of(StanzaError.BAD_REQUEST);
      }
      Optional<Jid> address = text.flatMap(Jid::tryParse);
      if (address.isEmpty()) {
        return Optional.of(StanzaError.JID_MALFORMED);
      }
      into.add(address.get());
    }
    return Optional.empty();
  }

  private static BlockAnswer changed(Iq iq, BlockChange change) {
    return new BlockAnswer(
        iq.result(Optional.empty()),
        Optional.of(change).filter(it -> !it.before().equals(it.after())),
        false);
  }

  private static BlockAnswer refused(Iq iq, StanzaError error) {
    return new BlockAnswer(iq.error(error), Optional.empty(), false);
  }

  /// The push of a change, to one resource that asked for the list.
  ///
  /// @param to the resource's full JID
  /// @param id a fresh one; the client answers it
  public static Element push(BlockChange change, Jid to, String id) {
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", "set")
        .attribute("id", id)
        .attribute("to", to.toString())
        .child(element(change.payload().name(), change.payload().items()))
        .build();
  }

  private static Element element(String name, Collection<Jid> items) {
    return Element.named(name, BlockNamespaces.BLOCKING)
        .children(
            items.stream()
                .map(
                    jid ->
                        Element.named("item", BlockNamespaces.BLOCKING)
                            .attribute("jid", jid.toString())
                            .build())
                .toList())
        .build();
  }
}
