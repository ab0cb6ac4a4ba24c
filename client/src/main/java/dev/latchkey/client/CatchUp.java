// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What stands in the own archive and was not shown yet (XEP-0313), put before what comes live,
/// each message once. It says what to ask and takes what comes; it sends and waits for nothing
/// itself.
///
/// An archived message carries its id in the archive also when it comes live (XEP-0313 §5.1.2).
/// Until the last page is there, such a message is left to the pages; one that comes while a page
/// is on its way may be behind it, so it is held until that is known. Thread-safe.
final class CatchUp {
  private static final String MAM = "urn:xmpp:mam:2";
  private static final String RSM = "http://jabber.org/protocol/rsm";
  private static final String FORM = "jabber:x:data";
  private static final String FORWARD = "urn:xmpp:forward:0";
  private static final String DELAY = "urn:xmpp:delay";

  /// So many messages are asked for at a time.
  private static final int PAGE = 100;

  /// So many live messages are held while a page is on its way; more are read from a further page.
  private static final int MOST_HELD = 1_000;

  /// So many ids are remembered, to give none twice.
  private static final int MOST_REMEMBERED = 1_000;

  /// One message as the archive gives it.
  private record Found(String id, Optional<Message> message) {}

  private final Jid account;
  private final Set<Jid> me = new HashSet<>();
  private final Consumer<ArchivePosition> home;
  private final Set<String> seen = new LinkedHashSet<>();
  private final Deque<Message> missed = new ArrayDeque<>();
  private final List<Found> page = new ArrayList<>();
  private final List<Message> held = new ArrayList<>();
  private Optional<String> query = Optional.empty();
  private boolean heldTooMany;
  private boolean complete;
  private boolean again;
  private ArchivePosition asked;
  private ArchivePosition shown;
  private Optional<String> given = Optional.empty();

  /// @param me our full JID
  /// @param shown how far this device has come
  /// @param home where that is kept
  CatchUp(Jid me, ArchivePosition shown, Consumer<ArchivePosition> home) {
    this.account = me.bare();
    this.me.add(me);
    this.shown = shown;
    this.asked = shown;
    this.home = home;
  }

  /// Whether all that was missed has been read; from then on messages come live.
  synchronized boolean isComplete() {
    return complete;
  }

  /// Whether all had been read once and it began again since: what came live before that is older
  /// than what is read now, and stands in no page.
  synchronized boolean isAgain() {
    return again;
  }

  /// The next message that was missed, of those that have been read.
  synchronized Optional<Message> next() {
    return Optional.ofNullable(missed.poll());
  }

  /// A message was given to who waits for messages.
  synchronized void gave(Message message) {
    given = message.archived().or(() -> given);
  }

  /// A message was shown, and so were all before it.
  synchronized void shown(Message message) {
    message.archived().ifPresent(this::moveTo);
  }

  private void moveTo(String id) {
    if (!shown.after().equals(Optional.of(id))) {
      shown = shown.after(id);
      home.accept(shown);
    }
  }

  /// Asks for the next page.
  ///
  /// @param queryId drawn for this page
  /// @return the payload of the request
  synchronized Element ask(String queryId) {
    query = Optional.of(queryId);
    page.clear();
    held.clear();
    heldTooMany = false;
    Element.Builder set =
        Element.named("set", RSM).child(Element.text("max", RSM, Integer.toString(PAGE)));
    asked.after().ifPresent(id -> set.child(Element.text("after", RSM, id)));
    Element.Builder form =
        Element.named("x", FORM).attribute("type", "submit").child(field("FORM_TYPE", MAM));
    if (asked.after().isEmpty()) {
      form.child(field("start", asked.since().toString()));
    }
    return Element.named("query", MAM)
        .attribute("queryid", queryId)
        .child(form.build())
        .child(set.build())
        .build();
  }

  private static Element field(String name, String value) {
    return Element.named("field", FORM)
        .attribute("var", name)
        .child(Element.text("value", FORM, value))
        .build();
  }

  /// A message came.
  ///
  /// @param readable how it reads
  /// @return whether it is taken care of; if not, it is to be given as it is
  synchronized boolean takes(Element stanza, Optional<Message> readable) {
    Optional<Element> result = stanza.child("result", MAM);
    if (result.isPresent()) {
      // §4.2: only the own account answers, and only what was asked. The rest is made up.
      boolean ours =
          query.isPresent()
              && isFromOwnAccount(stanza)
              && result.get().attribute("queryid").equals(query);
      if (ours) {
        found(result.get()).ifPresent(page::add);
      }
      return ours;
    }
    if (readable.isEmpty() || readable.get().archived().isEmpty()) {
      return false;
    }
    if (complete) {
      String id = readable.get().archived().get();
      asked = asked.after(id);
      return !isNew(id);
    }
    if (query.isPresent()) {
      if (held.size() < MOST_HELD) {
        held.add(readable.get());
      } else {
        heldTooMany = true;
      }
    }
    return true;
  }

  private boolean isFromOwnAccount(Element stanza) {
    Optional<String> from = stanza.attribute("from");
    return from.isEmpty()
        || from.flatMap(Jid::tryParse).filter(jid -> jid.equals(account)).isPresent();
  }

  private Optional<Found> found(Element result) {
    return result
        .attribute("id")
        .map(id -> new Found(id, result.child("forwarded", FORWARD).flatMap(it -> read(it, id))));
  }

  /// What another device of the account sent to others is no message to this one, nor what this one
  /// said to itself.
  private Optional<Message> read(Element forwarded, String id) {
    Optional<Instant> stamp =
        forwarded
            .child("delay", DELAY)
            .flatMap(delay -> delay.attribute("stamp"))
            .flatMap(Message::instant);
    return forwarded
        .child("message", Namespaces.CLIENT)
        .flatMap(inner -> Message.read(inner, stamp.orElse(Instant.EPOCH)))
        .filter(message -> message.to().isEmpty() || message.to().get().bare().equals(account))
        .filter(message -> message.from().filter(me::contains).isEmpty())
        .map(message -> message.outOfArchive(id, stamp));
  }

  /// The page has come. One that was asked for before [#restart] counts no more.
  ///
  /// @param queryId which
  /// @param answer the whole answer
  synchronized void answered(String queryId, Element answer) {
    if (!query.equals(Optional.of(queryId))) {
      return;
    }
    query = Optional.empty();
    boolean allGivenWereShown = given.equals(shown.after()) || given.isEmpty();
    boolean nothingToShow = missed.isEmpty() && allGivenWereShown;
    Deque<Message> readable = new ArrayDeque<>();
    Optional<String> last = Optional.empty();
    for (Found found : page) {
      last = Optional.of(found.id());
      if (!isNew(found.id())) {
        continue;
      }
      if (found.message().isPresent()) {
        readable.addLast(found.message().get());
      } else if (!readable.isEmpty()) {
        // What is not to be shown is passed with the message before it.
        readable.addLast(readable.removeLast().archivedAs(found.id()));
      }
    }
    if (nothingToShow && readable.isEmpty()) {
      last.ifPresent(this::moveTo);
    }
    missed.addAll(readable);
    boolean all =
        answer
            .child("fin", MAM)
            .flatMap(fin -> fin.attribute("complete"))
            .filter(word -> word.equals("true") || word.equals("1"))
            .isPresent();
    if (heldTooMany) {
      all = false;
    }
    if (last.isEmpty() || last.equals(asked.after())) {
      all = true; // it goes no further, whatever the answer says
    }
    last.ifPresent(id -> asked = asked.after(id));
    if (all) {
      end();
    }
  }

  /// The id we asked after is not in the archive any more: what is there now is read from when the
  /// device came to be.
  ///
  /// @return whether that is worth asking
  synchronized boolean startsOver() {
    query = Optional.empty();
    boolean asksAfterAnId = asked.after().isPresent();
    asked = asked.fromTheStart();
    return asksAfterAnId;
  }

  /// A new session has begun, and what came between the two is only in the archive: it is read on
  /// behind the last message that came. None is given twice.
  ///
  /// @param jid our full JID now
  synchronized void restart(Jid jid) {
    me.add(jid);
    again |= complete;
    query = Optional.empty();
    page.clear();
    held.clear();
    heldTooMany = false;
    complete = false;
  }

  /// There is no archive.
  synchronized void endWithoutArchive() {
    query = Optional.empty();
    end();
  }

  private void end() {
    for (Message message : held) {
      if (isNew(message.archived().orElseThrow())) {
        missed.addLast(message);
      }
    }
    held.clear();
    page.clear();
    complete = true;
  }

  private boolean isNew(String id) {
    boolean fresh = seen.add(id);
    if (seen.size() > MOST_REMEMBERED) {
      seen.remove(seen.iterator().next());
    }
    return fresh;
  }

  /// Where a live message stands in the own archive (XEP-0359): only the own server's word counts.
  static Optional<String> archived(Element stanza, Jid account) {
    return stanza
        .children("stanza-id", Namespaces.STANZA_ID)
        .filter(id -> id.attribute("by").flatMap(Jid::tryParse).filter(account::equals).isPresent())
        .flatMap(id -> id.attribute("id").stream())
        .findFirst();
  }
}
