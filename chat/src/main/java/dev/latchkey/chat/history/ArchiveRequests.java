// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Answers what an owner asks of the archive: queries, its ends, preferences (XEP-0313 with its
/// extended form, XEP-0059, XEP-0441).
///
/// Thread-safe. Calls block on the store. Whether who asks is the owner has been checked before.
public final class ArchiveRequests {
  /// What an account says of its archive in service discovery (XEP-0313 §6), and that its messages
  /// tell their ids in it (XEP-0359 §4): clients pass over ids of whom does not say so.
  public static final List<String> FEATURES =
      List.of(
          HistoryNames.MAM,
          HistoryNames.MAM + "#extended",
          HistoryNames.MAM + "#groupchat-field",
          Namespaces.STANZA_ID);

  private final MessageStore store;

  /// Over a store.
  public ArchiveRequests(MessageStore store) {
    this.store = store;
  }

  /// What goes to who asked.
  ///
  /// @param messages first these, in this order
  /// @param iq then this
  public record Answer(List<Element> messages, Element iq) {
    /// Copies.
    public Answer {
      messages = List.copyOf(messages);
    }
  }

  /// Whether a request is about an archive.
  public static boolean isArchiveRequest(Iq iq) {
    return iq.payload().namespace().equals(HistoryNames.MAM);
  }

  /// Answers.
  ///
  /// @param iq a request that [#isArchiveRequest], `from` the owner's full JID
  /// @param owner whose archive; it is the one who asks
  /// @param address the owner's
  public Answer answer(Iq iq, AccountId owner, AccountJid address) {
    return switch (iq.payload().name()) {
      case "query" -> iq.isSet() ? query(iq, owner, address) : only(iq, ArchiveForm.blank());
      case "metadata" ->
          iq.isSet() ? refusal(iq, StanzaError.BAD_REQUEST) : only(iq, metadata(store.ends(owner)));
      case "prefs" ->
          iq.isSet() ? prefer(iq, owner) : only(iq, preferences(store.preferences(owner)));
      default -> refusal(iq, StanzaError.SERVICE_UNAVAILABLE);
    };
  }

  private static Answer only(Iq iq, Element result) {
    return new Answer(List.of(), iq.result(Optional.of(result)));
  }

  private static Answer refusal(Iq iq, StanzaError error) {
    return new Answer(List.of(), iq.error(error));
  }

  private Answer query(Iq iq, AccountId owner, AccountJid address) {
    return switch (ArchiveForm.read(iq.payload())) {
      case ArchiveForm.Refused(StanzaError error) -> refusal(iq, error);
      case ArchiveForm.Asked asked ->
          switch (store.archivePage(owner, asked.query())) {
            case ArchiveAnswer.NotFound() -> refusal(iq, StanzaError.ITEM_NOT_FOUND);
            case ArchiveAnswer.Page page -> page(iq, address, asked, page);
          };
    };
  }

  private static Answer page(
      Iq iq, AccountJid address, ArchiveForm.Asked asked, ArchiveAnswer.Page page) {
    List<Element> messages =
        page.messages().stream().map(found -> result(iq, address, asked, found)).toList();
    Element.Builder fin = Element.named("fin", HistoryNames.MAM);
    if (page.complete()) {
      fin.attribute("complete", "true");
    }
    return new Answer(
        // §4.3.4: the order in which they are sent, nothing else.
        asked.flipped() ? messages.reversed() : messages,
        iq.result(Optional.of(fin.child(bounds(page)).build())));
  }

  private static Element result(
      Iq iq, AccountJid address, ArchiveForm.Asked asked, ArchivedMessage found) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", address.toString())
        .attribute("to", iq.stanza().attribute("from"))
        .child(
            Element.named("result", HistoryNames.MAM)
                .attribute("queryid", asked.queryId())
                .attribute("id", found.id().text())
                .child(
                    Element.named("forwarded", HistoryNames.FORWARD)
                        .child(
                            Element.named("delay", HistoryNames.DELAY)
                                .attribute("stamp", found.id().stamp().toString())
                                .build())
                        .child(found.message())
                        .build())
                .build())
        .build();
  }

  private static Element bounds(ArchiveAnswer.Page page) {
    Element.Builder set = Element.named("set", HistoryNames.RSM);
    if (!page.messages().isEmpty()) {
      set.child(rsm("first", page.messages().getFirst().id().text()));
      set.child(rsm("last", page.messages().getLast().id().text()));
    }
    page.count().ifPresent(count -> set.child(rsm("count", Long.toString(count))));
    return set.build();
  }

  private static Element rsm(String name, String text) {
    return Element.text(name, HistoryNames.RSM, text);
  }

  /// An owner's client binds by XEP-0386: what waits and is in the archive, too, is cleared, since
  /// the client reads it there.
  ///
  /// @return what `<bound/>` tells of the archive (XEP-0386 §4)
  public Element bound(AccountId owner) {
    return metadata(store.clearOffline(owner));
  }

  private static Element metadata(Optional<ArchiveEnds> ends) {
    Element.Builder metadata = Element.named("metadata", HistoryNames.MAM);
    ends.ifPresent(
        known -> metadata.child(end("start", known.first())).child(end("end", known.last())));
    return metadata.build();
  }

  private static Element end(String name, KeptId id) {
    return Element.named(name, HistoryNames.MAM)
        .attribute("id", id.text())
        .attribute("timestamp", id.stamp().toString())
        .build();
  }

  private Answer prefer(Iq iq, AccountId owner) {
    Optional<ArchivePreferences.Standing> standing =
        iq.payload().attribute("default").flatMap(ArchivePreferences.Standing::of);
    List<Element> always = jids(iq, "always");
    List<Element> never = jids(iq, "never");
    if (standing.isEmpty()) {
      return refusal(iq, StanzaError.BAD_REQUEST);
    }
    if (always.size() + never.size() > ArchivePreferences.MOST_LISTED) {
      return refusal(iq, StanzaError.NOT_ACCEPTABLE);
    }
    Optional<Set<Jid>> wanted = read(always);
    Optional<Set<Jid>> unwanted = read(never);
    if (wanted.isEmpty() || unwanted.isEmpty()) {
      return refusal(iq, StanzaError.BAD_REQUEST);
    }
    ArchivePreferences preferences =
        new ArchivePreferences(standing.get(), wanted.get(), unwanted.get());
    store.prefer(owner, preferences);
    return only(iq, preferences(preferences));
  }

  private static List<Element> jids(Iq iq, String list) {
    return iq.payload()
        .children(list, HistoryNames.MAM)
        .flatMap(found -> found.children("jid", HistoryNames.MAM))
        .toList();
  }

  private static Optional<Set<Jid>> read(List<Element> elements) {
    Set<Jid> jids = new HashSet<>();
    for (Element element : elements) {
      Optional<Jid> jid = Jid.tryParse(element.text());
      if (jid.isEmpty()) {
        return Optional.empty();
      }
      jids.add(jid.get());
    }
    return Optional.of(jids);
  }

  private static Element preferences(ArchivePreferences preferences) {
    return Element.named("prefs", HistoryNames.MAM)
        .attribute("default", preferences.standing().word())
        .child(list("always", preferences.always()))
        .child(list("never", preferences.never()))
        .build();
  }

  private static Element list(String name, Set<Jid> jids) {
    List<Element> elements = new ArrayList<>();
    jids.stream()
        .map(Jid::toString)
        .sorted()
        .forEach(jid -> elements.add(Element.text("jid", HistoryNames.MAM, jid)));
    return Element.named(name, HistoryNames.MAM).children(elements).build();
  }
}
