// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.element.Node;
import java.util.Set;

/// What is kept of a message, and whether the other devices of who wrote it and who gets it see it.
/// Pure. What an account wishes ([ArchivePreferences]) comes on top.
///
/// @param archived whether it belongs into archives (XEP-0313 §5.1.1)
/// @param storable whether it waits for somebody who is away (XEP-0160 §3)
/// @param copied whether it may be carbon-copied (XEP-0280 §6.1). There are no rooms on this domain
///   and no way to others, so the rules for messages that come out of rooms are not here
public record Keeping(boolean archived, boolean storable, boolean copied) {
  /// What nobody reads: without anything else, a message says nothing.
  private static final Set<String> NO_CONTENT =
      Set.of(
          HistoryNames.CHAT_STATES, HistoryNames.HINTS, Namespaces.STANZA_ID, HistoryNames.CARBONS);

  /// What instant messaging is made of beside text (XEP-0280 §6.1, third rule).
  private static final Set<String> INSTANT =
      Set.of(HistoryNames.CHAT_STATES, HistoryNames.RECEIPTS, HistoryNames.MARKERS);

  /// Decides.
  ///
  /// @param message the stanza
  /// @param type its type
  public static Keeping of(Element message, MessageType type) {
    Met met = new Met();
    for (Node node : message.nodes()) { // once: this is asked of every message
      if (node instanceof Element child) {
        met.meet(child);
      }
    }
    return new Keeping(met.isArchived(type), met.isStorable(type), met.isCopied(type));
  }

  private static boolean isPersonal(MessageType type) {
    return type == MessageType.CHAT || type == MessageType.NORMAL;
  }

  /// What was met in a message.
  private static final class Met {
    private boolean noStore;
    private boolean noPermanentStore;
    private boolean store;
    private boolean noCopy;
    private boolean text;
    private boolean marker;
    private boolean content;
    private boolean instant;
    private boolean carbon;
    private boolean invitation;

    void meet(Element child) {
      String namespace = child.namespace();
      instant |= INSTANT.contains(namespace);
      // RFC 6121 §5.2.5: a thread alone says nothing; chat states go with it (XEP-0085 §5.4).
      content |= !NO_CONTENT.contains(namespace) && !child.is("thread", Namespaces.CLIENT);
      switch (namespace) {
        // Text for people, readable or encrypted.
        case Namespaces.CLIENT -> text |= child.name().equals("body");
        case HistoryNames.ENCRYPTION -> text |= child.name().equals("encryption");
        case HistoryNames.OMEMO, HistoryNames.OMEMO_LEGACY ->
            text |= child.name().equals("encrypted");
        case HistoryNames.MARKERS -> marker = true;
        case HistoryNames.HINTS -> hint(child.name());
        case HistoryNames.CARBONS -> {
          switch (child.name()) {
            case "sent", "received" -> carbon = true; // copying it again would never end
            case "private" -> noCopy = true;
            default -> {}
          }
        }
        case HistoryNames.DIRECT_INVITATION -> invitation |= child.name().equals("x");
        case HistoryNames.ROOM_USER ->
            invitation |=
                child.name().equals("x")
                    && child.child("invite", HistoryNames.ROOM_USER).isPresent();
        default -> {}
      }
    }

    private void hint(String name) {
      switch (name) {
        case "no-store" -> noStore = true;
        case "no-permanent-store" -> noPermanentStore = true;
        case "no-copy" -> noCopy = true;
        case "store" -> store = true;
        default -> {}
      }
    }

    boolean isArchived(MessageType type) {
      return isPersonal(type)
          // Where hints contradict each other, the one that keeps less is followed.
          && !noStore
          && !noPermanentStore
          && (text || marker || store);
    }

    boolean isStorable(MessageType type) {
      return isPersonal(type)
          && !noStore
          // XEP-0160 §3 makes this exception for chat only, and XEP-0334 §4.4 one from it.
          && (type == MessageType.NORMAL || content || store);
    }

    boolean isCopied(MessageType type) {
      return !carbon
          && !noCopy
          && switch (type) {
            case CHAT -> true;
            case GROUPCHAT, HEADLINE -> false;
            // What an error answers is not remembered: only one that repeats it can be told.
            case NORMAL, ERROR -> text || instant || invitation;
          };
    }
  }
}
