// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
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
          HistoryNames.CHAT_STATES,
          HistoryNames.HINTS,
          HistoryNames.STANZA_ID,
          HistoryNames.CARBONS);

  /// What instant messaging is made of beside text (XEP-0280 §6.1, third rule).
  private static final Set<String> INSTANT =
      Set.of(HistoryNames.CHAT_STATES, HistoryNames.RECEIPTS, HistoryNames.MARKERS);

  /// Decides.
  ///
  /// @param message the stanza
  /// @param type its type
  public static Keeping of(Element message, MessageType type) {
    return new Keeping(
        isArchived(message, type), isStorable(message, type), isCopied(message, type));
  }

  private static boolean isArchived(Element message, MessageType type) {
    return isPersonal(type)
        // Where hints contradict each other, the one that keeps less is followed.
        && !hints(message, "no-store")
        && !hints(message, "no-permanent-store")
        && (isText(message)
            || message.children().anyMatch(child -> child.namespace().equals(HistoryNames.MARKERS))
            || hints(message, "store"));
  }

  private static boolean isStorable(Element message, MessageType type) {
    return isPersonal(type)
        && !hints(message, "no-store")
        // XEP-0160 §3 makes this exception for chat only.
        && (type == MessageType.NORMAL || message.children().anyMatch(Keeping::isContent));
  }

  private static boolean isCopied(Element message, MessageType type) {
    if (isCarbon(message)
        || message.child("private", HistoryNames.CARBONS).isPresent()
        || hints(message, "no-copy")) {
      return false;
    }
    return switch (type) {
      case CHAT -> true;
      case GROUPCHAT, HEADLINE -> false;
      // What an error answers is not remembered: only one that repeats it can be told.
      case NORMAL, ERROR ->
          isText(message)
              || message.children().anyMatch(child -> INSTANT.contains(child.namespace()))
              || isInvitation(message);
    };
  }

  private static boolean isPersonal(MessageType type) {
    return type == MessageType.CHAT || type == MessageType.NORMAL;
  }

  /// Text for people, readable or encrypted.
  private static boolean isText(Element message) {
    return message.child("body", Namespaces.CLIENT).isPresent()
        || message.child("encryption", HistoryNames.ENCRYPTION).isPresent()
        || message.child("encrypted", HistoryNames.OMEMO_LEGACY).isPresent()
        || message.child("encrypted", HistoryNames.OMEMO).isPresent();
  }

  private static boolean isContent(Element child) {
    return !NO_CONTENT.contains(child.namespace())
        // RFC 6121 §5.2.5; chat states go with it (XEP-0085 §5.4).
        && !child.is("thread", Namespaces.CLIENT);
  }

  /// Itself a copy: copying it again would never end.
  private static boolean isCarbon(Element message) {
    return message.child("sent", HistoryNames.CARBONS).isPresent()
        || message.child("received", HistoryNames.CARBONS).isPresent();
  }

  private static boolean isInvitation(Element message) {
    return message.child("x", HistoryNames.DIRECT_INVITATION).isPresent()
        || message
            .children("x", HistoryNames.ROOM_USER)
            .anyMatch(x -> x.child("invite", HistoryNames.ROOM_USER).isPresent());
  }

  private static boolean hints(Element message, String hint) {
    return message.child(hint, HistoryNames.HINTS).isPresent();
  }
}
