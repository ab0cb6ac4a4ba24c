// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a `<query/>` of an archive: its form (XEP-0313 §4.1) and its page (XEP-0059).
final class ArchiveForm {
  /// So many messages are in one page at most; who asks for more gets these.
  static final int MOST_ON_PAGE = 100;

  /// So many messages may be asked for by their ids at once.
  static final int MOST_IDS = 256;

  /// It comes back with each message, so a long one would make a short request a long answer.
  static final int LONGEST_QUERY_ID = 256;

  /// XEP-0082 §3.2; what is no date all the same, the library tells.
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})");

  private static final Pattern BOOLEAN = Pattern.compile("true|false|1|0");

  /// As much as an int can be.
  private static final Pattern MAX = Pattern.compile("\\d{1,10}");

  /// What came of reading.
  sealed interface Outcome {}

  /// In order.
  ///
  /// @param flipped whether the newest are sent first
  record Asked(ArchiveQuery query, Optional<String> queryId, boolean flipped) implements Outcome {}

  /// Not in order.
  record Refused(StanzaError error) implements Outcome {}

  /// Why a request is refused; does not leave this class.
  private static final class RefusedException extends Exception {
    private final transient StanzaError error;

    RefusedException(StanzaError error) {
      super(error.condition(), null, false, false);
      this.error = error;
    }
  }

  private ArchiveForm() {}

  /// The form that tells what can be asked (§4.1.5).
  static Element blank() {
    return Element.named("query", HistoryNames.MAM)
        .child(
            Element.named("x", HistoryNames.FORM)
                .attribute("type", "form")
                .child(
                    field("hidden", "FORM_TYPE")
                        .child(Element.text("value", HistoryNames.FORM, HistoryNames.MAM))
                        .build())
                .child(field("jid-single", "with").build())
                .child(field("text-single", "start").build())
                .child(field("text-single", "end").build())
                .child(field("text-single", "before-id").build())
                .child(field("text-single", "after-id").build())
                .child(
                    field("list-multi", "ids")
                        .child(
                            Element.named("validate", HistoryNames.VALIDATE)
                                .attribute("datatype", "xs:string")
                                .child("open", HistoryNames.VALIDATE)
                                .build())
                        .build())
                .child(field("boolean", "include-groupchat").build())
                .build())
        .build();
  }

  private static Element.Builder field(String type, String name) {
    return Element.named("field", HistoryNames.FORM).attribute("type", type).attribute("var", name);
  }

  /// Reads.
  static Outcome read(Element query) {
    try {
      Optional<String> queryId = query.attribute("queryid");
      if (queryId.filter(id -> id.length() > LONGEST_QUERY_ID).isPresent()) {
        throw new RefusedException(StanzaError.BAD_REQUEST);
      }
      if (query.attribute("node").isPresent()) {
        // §5.1.3: nodes' archives are not here.
        throw new RefusedException(StanzaError.FEATURE_NOT_IMPLEMENTED);
      }
      return new Asked(
          page(query).of(filter(query)),
          queryId,
          query.child("flip-page", HistoryNames.MAM).isPresent());
    } catch (RefusedException refused) {
      return new Refused(refused.error);
    }
  }

  private static ArchiveQuery.Filter filter(Element query) throws RefusedException {
    Optional<Element> form = single(query, "x", HistoryNames.FORM);
    if (form.isEmpty()) {
      return ArchiveQuery.Filter.ALL;
    }
    if (form.get().attribute("type").filter("submit"::equals).isEmpty()) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    Fields fields = new Fields(form.get());
    if (fields.values("FORM_TYPE").filter(List.of(HistoryNames.MAM)::equals).isEmpty()) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    Optional<String> rooms = fields.value("include-groupchat");
    if (rooms.isPresent() && !BOOLEAN.matcher(rooms.get()).matches()) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    return new ArchiveQuery.Filter(
        address(fields.value("with")),
        time(fields.value("start")),
        time(fields.value("end")),
        id(fields.value("after-id")),
        id(fields.value("before-id")),
        ids(fields.values("ids").orElse(List.of())));
  }

  /// The fields of a form that was filled in. One without a value says nothing.
  private static final class Fields {
    private static final Set<String> KNOWN =
        Set.of(
            "FORM_TYPE",
            "with",
            "start",
            "end",
            "after-id",
            "before-id",
            "ids",
            "include-groupchat");

    private final Element form;

    Fields(Element form) throws RefusedException {
      this.form = form;
      Set<String> met = new HashSet<>();
      for (Element field : form.children("field", HistoryNames.FORM).toList()) {
        String name =
            field.attribute("var").orElseThrow(() -> new RefusedException(StanzaError.BAD_REQUEST));
        if (!KNOWN.contains(name)) {
          // §4.1.5
          throw new RefusedException(StanzaError.FEATURE_NOT_IMPLEMENTED);
        }
        if (!met.add(name)) {
          throw new RefusedException(StanzaError.BAD_REQUEST);
        }
      }
    }

    Optional<List<String>> values(String name) {
      return form.children("field", HistoryNames.FORM)
          .filter(field -> field.attribute("var").filter(name::equals).isPresent())
          .findFirst()
          .map(field -> field.children("value", HistoryNames.FORM).map(Element::text).toList());
    }

    Optional<String> value(String name) throws RefusedException {
      List<String> values = values(name).orElse(List.of());
      if (values.size() > 1) {
        throw new RefusedException(StanzaError.BAD_REQUEST);
      }
      return values.stream().findFirst();
    }
  }

  private static Optional<Jid> address(Optional<String> text) throws RefusedException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Jid.tryParse(text.get()).orElseThrow(() -> new RefusedException(StanzaError.BAD_REQUEST)));
  }

  private static Optional<Instant> time(Optional<String> text) throws RefusedException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!DATE_TIME.matcher(text.get()).matches()) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    try {
      return Optional.of(OffsetDateTime.parse(text.get()).toInstant());
    } catch (DateTimeException noDate) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
  }

  private static Optional<KeptId> id(Optional<String> text) throws RefusedException {
    return text.isEmpty() ? Optional.empty() : Optional.of(id(text.get()));
  }

  /// What cannot be an id is not in the archive.
  private static KeptId id(String text) throws RefusedException {
    return KeptId.parse(text).orElseThrow(() -> new RefusedException(StanzaError.ITEM_NOT_FOUND));
  }

  private static List<KeptId> ids(List<String> texts) throws RefusedException {
    if (texts.size() > MOST_IDS) {
      throw new RefusedException(StanzaError.NOT_ACCEPTABLE);
    }
    Set<KeptId> ids = new HashSet<>();
    for (String text : texts) {
      ids.add(id(text));
    }
    return List.copyOf(ids);
  }

  private static ArchiveQuery page(Element query) throws RefusedException {
    Optional<Element> set = single(query, "set", HistoryNames.RSM);
    if (set.isEmpty()) {
      return ArchiveQuery.first(MOST_ON_PAGE);
    }
    if (single(set.get(), "index", HistoryNames.RSM).isPresent()) {
      // XEP-0059 §2.6: finding the n-th of many would mean to count them.
      throw new RefusedException(StanzaError.FEATURE_NOT_IMPLEMENTED);
    }
    int most = most(single(set.get(), "max", HistoryNames.RSM));
    Optional<Element> after = single(set.get(), "after", HistoryNames.RSM);
    Optional<Element> before = single(set.get(), "before", HistoryNames.RSM);
    return new ArchiveQuery(
        ArchiveQuery.Filter.ALL,
        id(after.map(Element::text)),
        // XEP-0059 §2.5: an empty one means the last page.
        id(before.map(Element::text).filter(text -> !text.isEmpty())),
        before.isPresent(),
        most);
  }

  private static int most(Optional<Element> max) throws RefusedException {
    if (max.isEmpty()) {
      return MOST_ON_PAGE;
    }
    String text = max.get().text();
    if (!MAX.matcher(text).matches() || Long.parseLong(text) > Integer.MAX_VALUE) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    return (int) Math.min(Long.parseLong(text), MOST_ON_PAGE);
  }

  private static Optional<Element> single(Element parent, String name, String namespace)
      throws RefusedException {
    List<Element> found = parent.children(name, namespace).limit(2).toList();
    if (found.size() > 1) {
      throw new RefusedException(StanzaError.BAD_REQUEST);
    }
    return found.stream().findFirst();
  }
}
