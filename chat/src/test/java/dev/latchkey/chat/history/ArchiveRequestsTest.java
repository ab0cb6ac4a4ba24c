// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.WrittenElement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchiveRequestsTest {
  private static final AccountJid ADDRESS = AccountJid.parse("juliet@capulet.example");
  private static final AccountId JULIET = new AccountId("acct-juliet");
  private static final Jid ROMEO = Jid.parse("romeo@montague.example/orchard");
  private static final Jid TYBALT = Jid.parse("tybalt@capulet.example/street");
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09Z");

  private final WrittenElement reader = new WrittenElement();
  private final InMemoryMessageStore store = new InMemoryMessageStore(SeededRandom.announced());
  private final ArchiveRequests requests = new ArchiveRequests(store);

  private KeptId archive(Jid peer, int second) {
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .attribute("type", "chat")
            .child(Element.text("body", Namespaces.CLIENT, "message " + second))
            .build();
    Kept kept =
        store.keep(
            message,
            List.of(new Copy(JULIET, peer, true, false)),
            NOW.plusSeconds(second),
            new Room(0, 0, Long.MAX_VALUE));
    return Optional.ofNullable(kept.ids().get(JULIET)).orElseThrow();
  }

  private List<KeptId> archive(int many) {
    return IntStream.range(0, many).mapToObj(i -> archive(ROMEO, i)).toList();
  }

  private ArchiveRequests.Answer answer(String type, String payload) {
    Element stanza =
        reader.read(
            "<iq type='%s' id='7' from='%s/balcony' to='%s'>%s</iq>"
                .formatted(type, ADDRESS, ADDRESS, payload));
    Iq iq = Iq.read(stanza).orElseThrow();
    assertThat(ArchiveRequests.isArchiveRequest(iq)).isTrue();
    ArchiveRequests.Answer answer = requests.answer(iq, JULIET, ADDRESS);
    assertThat(answer.iq().attribute("id")).contains("7");
    assertThat(answer.iq().attribute("to")).contains(ADDRESS + "/balcony");
    return answer;
  }

  private ArchiveRequests.Answer query(String content) {
    return answer("set", "<query xmlns='urn:xmpp:mam:2' queryid='f27'>" + content + "</query>");
  }

  private static String form(String... fields) {
    return "<x xmlns='jabber:x:data' type='submit'>"
        + field("FORM_TYPE", "urn:xmpp:mam:2")
        + String.join("", fields)
        + "</x>";
  }

  private static String field(String name, String... values) {
    StringBuilder field = new StringBuilder("<field var='" + name + "'>");
    for (String value : values) {
      field.append("<value>").append(value).append("</value>");
    }
    return field.append("</field>").toString();
  }

  private static String rsm(String content) {
    return "<set xmlns='http://jabber.org/protocol/rsm'>" + content + "</set>";
  }

  private static String condition(ArchiveRequests.Answer answer) {
    assertThat(answer.messages()).isEmpty();
    return answer
        .iq()
        .child("error", Namespaces.CLIENT)
        .flatMap(error -> error.children().findFirst())
        .map(Element::name)
        .orElse("none");
  }

  private static Element payload(ArchiveRequests.Answer answer) {
    assertThat(answer.iq().attribute("type")).contains("result");
    return answer.iq().children().findFirst().orElseThrow();
  }

  private static Optional<String> bound(ArchiveRequests.Answer answer, String name) {
    return payload(answer)
        .child("set", HistoryNames.RSM)
        .orElseThrow()
        .child(name, HistoryNames.RSM)
        .map(Element::text);
  }

  private static boolean complete(ArchiveRequests.Answer answer) {
    return payload(answer).attribute("complete").filter("true"::equals).isPresent();
  }

  private static List<String> ids(ArchiveRequests.Answer answer) {
    return answer.messages().stream()
        .map(message -> message.child("result", HistoryNames.MAM).orElseThrow())
        .map(result -> result.attribute("id").orElseThrow())
        .toList();
  }

  private static List<String> texts(List<KeptId> ids) {
    return ids.stream().map(KeptId::text).toList();
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.2", rule = "each result tells its query, id and time")
  void aResultHoldsTheMessageAsItWasKept() {
    KeptId id = archive(ROMEO, 0);
    ArchiveRequests.Answer answer = query("");
    assertThat(answer.messages())
        .containsExactly(
            reader.read(
                "<message from='juliet@capulet.example' to='juliet@capulet.example/balcony'>"
                    + "<result xmlns='urn:xmpp:mam:2' queryid='f27' id='"
                    + id.text()
                    + "'><forwarded xmlns='urn:xmpp:forward:0'>"
                    + "<delay xmlns='urn:xmpp:delay' stamp='2026-05-06T07:08:09Z'/>"
                    + "<message xmlns='jabber:client' type='chat'><body>message 0</body></message>"
                    + "</forwarded></result></message>"));
    assertThat(answer.iq())
        .isEqualTo(
            reader.read(
                "<iq type='result' id='7' from='juliet@capulet.example'"
                    + " to='juliet@capulet.example/balcony'>"
                    + "<fin xmlns='urn:xmpp:mam:2' complete='true'>"
                    + "<set xmlns='http://jabber.org/protocol/rsm'><first>%1$s</first>"
                        .formatted(id.text())
                    + "<last>%1$s</last><count>1</count></set></fin></iq>".formatted(id.text())));
  }

  @Test
  void withoutAQueryIdThereIsNoneInTheResults() {
    archive(1);
    ArchiveRequests.Answer answer = answer("set", "<query xmlns='urn:xmpp:mam:2'/>");
    assertThat(
            answer
                .messages()
                .getFirst()
                .child("result", HistoryNames.MAM)
                .orElseThrow()
                .attribute("queryid"))
        .isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4", rule = "an empty result is no error")
  void anEmptyArchiveAnswersWithAnEmptySet() {
    ArchiveRequests.Answer answer = query("");
    assertThat(answer.messages()).isEmpty();
    assertThat(complete(answer)).isTrue();
    assertThat(bound(answer, "first")).isEmpty();
    assertThat(bound(answer, "last")).isEmpty();
  }

  @Test
  void pagesForwards() {
    List<String> all = texts(archive(5));
    ArchiveRequests.Answer first = query(rsm("<max>3</max>"));
    assertThat(ids(first)).isEqualTo(all.subList(0, 3));
    assertThat(complete(first)).isFalse();
    assertThat(bound(first, "first")).contains(all.get(0));
    assertThat(bound(first, "last")).contains(all.get(2));
    ArchiveRequests.Answer next = query(rsm("<max>3</max><after>" + all.get(2) + "</after>"));
    assertThat(ids(next)).isEqualTo(all.subList(3, 5));
    assertThat(complete(next)).isTrue();
  }

  @Test
  void pagesBackwardsFromTheEnd() {
    List<String> all = texts(archive(5));
    ArchiveRequests.Answer last = query(rsm("<max>3</max><before/>"));
    assertThat(ids(last)).isEqualTo(all.subList(2, 5));
    assertThat(complete(last)).isFalse();
    ArchiveRequests.Answer before = query(rsm("<max>3</max><before>" + all.get(2) + "</before>"));
    assertThat(ids(before)).isEqualTo(all.subList(0, 2));
    assertThat(complete(before)).isTrue();
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.3.4", rule = "flipping changes only the order of sending")
  void aFlippedPageIsTheSamePageTheOtherWayRound() {
    List<String> all = texts(archive(5));
    ArchiveRequests.Answer flipped = query(rsm("<max>3</max>") + "<flip-page/>");
    assertThat(ids(flipped)).containsExactly(all.get(2), all.get(1), all.get(0));
    assertThat(bound(flipped, "first")).contains(all.get(0));
    assertThat(bound(flipped, "last")).contains(all.get(2));
  }

  @Test
  @Spec(doc = "XEP-0059", section = "2.7", rule = "a page of no items tells how many there are")
  void aMaximumOfZeroOnlyCounts() {
    archive(5);
    ArchiveRequests.Answer answer = query(rsm("<max>0</max>"));
    assertThat(answer.messages()).isEmpty();
    assertThat(bound(answer, "count")).contains("5");
    assertThat(complete(answer)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<max>101</max>", "<max>2147483647</max>", "<max>0000000101</max>"})
  void aPageHasAtMostOneHundredMessages(String max) {
    archive(101);
    ArchiveRequests.Answer answer = query(rsm(max));
    assertThat(answer.messages()).hasSize(100);
    assertThat(complete(answer)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "2147483648",
        "9999999999",
        "1000000000000000000000000000000",
        "",
        " 5",
        "5 ",
        "+5",
        "5.0",
        "1e3",
        "0x10",
        "NaN",
        "many",
        "٥"
      })
  void refusesAMaximumThatIsNoCount(String max) {
    archive(1);
    assertThat(condition(query(rsm("<max>" + max + "</max>")))).isEqualTo("bad-request");
  }

  @Test
  void refusesAMaximumOfAMegabyte() {
    assertThat(condition(query(rsm("<max>" + "9".repeat(1_000_000) + "</max>"))))
        .isEqualTo("bad-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<max>1</max><max>2</max>",
        "<before/><before/>",
        "<after>a</after><after>b</after>",
        "<index>0</index><index>1</index>"
      })
  void refusesAPageThatIsAskedForTwice(String content) {
    assertThat(condition(query(rsm(content)))).isEqualTo("bad-request");
    assertThat(condition(query(rsm("") + rsm("")))).isEqualTo("bad-request");
    assertThat(condition(query(form() + form()))).isEqualTo("bad-request");
  }

  @Test
  @Spec(doc = "XEP-0059", section = "2.6", rule = "who does not page by number says so")
  void doesNotPageByNumber() {
    assertThat(condition(query(rsm("<index>0</index>")))).isEqualTo("feature-not-implemented");
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.3.2", rule = "an unknown id in a page is told so")
  @Spec(doc = "XEP-0313", section = "4.1.3", rule = "an unknown id in a form is told so")
  void tellsThatAnIdIsNotThere() {
    String there = archive(ROMEO, 0).text();
    String absent = new KeptId(1, 1).text();
    for (String id : List.of(absent, "28482-98726-73623", "x".repeat(1_000_000))) {
      assertThat(
              List.of(
                  rsm("<after>" + id + "</after>"),
                  rsm("<before>" + id + "</before>"),
                  form(field("after-id", id)),
                  form(field("before-id", id)),
                  form(field("ids", there, id))))
          .allSatisfy(content -> assertThat(condition(query(content))).isEqualTo("item-not-found"));
    }
    assertThat(condition(query(rsm("<after/>")))).isEqualTo("item-not-found");
  }

  @Test
  void findsByAddress() {
    String romeo = archive(ROMEO, 0).text();
    String tybalt = archive(TYBALT, 1).text();
    assertThat(ids(query(form(field("with", "ROMEO@montague.example"))))).containsExactly(romeo);
    assertThat(ids(query(form(field("with", ROMEO.toString()))))).containsExactly(romeo);
    assertThat(ids(query(form(field("with", TYBALT.toString()))))).containsExactly(tybalt);
    assertThat(ids(query(form(field("with", "romeo@montague.example/tomb"))))).isEmpty();
    assertThat(ids(query(form(field("with"))))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "a@", "@b", "a@b/", "a b@c", "&lt;&gt;@c"})
  void refusesAnAddressThatIsNone(String address) {
    assertThat(condition(query(form(field("with", address))))).isEqualTo("bad-request");
  }

  @Test
  void refusesAnAddressOfAMegabyte() {
    assertThat(condition(query(form(field("with", "a".repeat(1_000_000) + "@b")))))
        .isEqualTo("bad-request");
  }

  @Test
  void findsByTimeWrittenInAnyZone() {
    List<String> all = texts(archive(5));
    assertThat(
            ids(
                query(
                    form(
                        field("start", "2026-05-06T09:08:10.000+02:00"),
                        field("end", "2026-05-06T07:08:12Z")))))
        .isEqualTo(all.subList(1, 4));
    assertThat(ids(query(form(field("start", "2026-05-06T07:08:12Z")))))
        .isEqualTo(all.subList(3, 5));
    assertThat(ids(query(form(field("end", "0000-01-01T00:00:00Z"))))).isEmpty();
    assertThat(ids(query(form(field("end", "9999-12-31T23:59:59-14:00"))))).isEqualTo(all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "now",
        "2026-05-06",
        "2026-05-06T07:08:09",
        "2026-05-06 07:08:09Z",
        "2026-13-06T07:08:09Z",
        "2026-02-30T07:08:09Z",
        "2026-05-06T24:00:01Z",
        "2026-05-06T07:08:60Z",
        "2026-05-06T07:08:09+99:00",
        "2026-05-06T07:08:09.Z",
        "2026-05-06T07:08:09.0000000001Z",
        "+20260-05-06T07:08:09Z",
        "-2026-05-06T07:08:09Z",
        "20260506T07:08:09",
        "2026-05-06T07:08:09Z ",
        "٢٠٢٦-05-06T07:08:09Z",
        "1777964889"
      })
  void refusesATimeThatIsNone(String time) {
    assertThat(condition(query(form(field("start", time))))).isEqualTo("bad-request");
    assertThat(condition(query(form(field("end", time))))).isEqualTo("bad-request");
  }

  @Test
  void findsByIds() {
    List<String> all = texts(archive(5));
    assertThat(ids(query(form(field("ids", all.get(3), all.get(1))))))
        .containsExactly(all.get(1), all.get(3));
    assertThat(ids(query(form(field("after-id", all.get(0)), field("before-id", all.get(4))))))
        .isEqualTo(all.subList(1, 4));
  }

  @Test
  void refusesTenThousandIds() {
    String id = archive(ROMEO, 0).text();
    String[] many = IntStream.range(0, 10_000).mapToObj(_ -> id).toArray(String[]::new);
    assertThat(condition(query(form(field("ids", many))))).isEqualTo("not-acceptable");
  }

  @Test
  void refusesOneIdMoreThanItTakes() {
    List<KeptId> all = archive(ArchiveForm.MOST_IDS + 1);
    String[] ids = texts(all).toArray(String[]::new);
    assertThat(condition(query(form(field("ids", ids))))).isEqualTo("not-acceptable");
    String[] fewer = texts(all.subList(1, all.size())).toArray(String[]::new);
    assertThat(query(form(field("ids", fewer))).messages()).hasSize(100);
  }

  @Test
  void refusesTenThousandFields() {
    String fields =
        IntStream.range(0, 10_000)
            .mapToObj(_ -> field("with", "a@b"))
            .collect(Collectors.joining());
    assertThat(condition(query(form(fields)))).isEqualTo("bad-request");
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.1.5", rule = "an unknown field is not implemented")
  void refusesAFieldItDoesNotKnow() {
    assertThat(condition(query(form(field("{http://example.com/}free-text-search", "x")))))
        .isEqualTo("feature-not-implemented");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<x xmlns='jabber:x:data' type='submit'/>",
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field></x>",
        "<x xmlns='jabber:x:data' type='form'>"
            + "<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field></x>",
        "<x xmlns='jabber:x:data' type='submit'>"
            + "<field var='FORM_TYPE'><value>urn:xmpp:mam:1</value></field></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
            + "<value>urn:xmpp:mam:2</value><value>urn:xmpp:mam:2</value></field></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='with'><value>a@b</value></field></x>"
      })
  void refusesAFormThatIsNotFilledInForThis(String form) {
    assertThat(condition(query(form))).isEqualTo("bad-request");
  }

  @Test
  void refusesFieldsThatSayTooMuchOrAreNoFields() {
    assertThat(
            List.of(
                form(field("with", "a@b", "c@d")),
                form(field("with", "a@b"), field("with", "c@d")),
                form(field("start", "2026-05-06T07:08:09Z", "2026-05-06T07:08:09Z")),
                form("<field><value>x</value></field>"),
                form(field("include-groupchat", "maybe"))))
        .allSatisfy(content -> assertThat(condition(query(content))).isEqualTo("bad-request"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false", "1", "0"})
  void understandsThatRoomsAreAskedForThoughThereAreNone(String wish) {
    archive(1);
    assertThat(query(form(field("include-groupchat", wish))).messages()).hasSize(1);
  }

  @Test
  void refusesAQueryIdThatWouldMakeEachResultLong() {
    archive(1);
    String longest = "q".repeat(ArchiveForm.LONGEST_QUERY_ID);
    assertThat(
            answer("set", "<query xmlns='urn:xmpp:mam:2' queryid='" + longest + "'/>").messages())
        .hasSize(1);
    assertThat(
            condition(answer("set", "<query xmlns='urn:xmpp:mam:2' queryid='" + longest + "q'/>")))
        .isEqualTo("bad-request");
  }

  @Test
  void hasNoArchivesOfNodes() {
    assertThat(condition(answer("set", "<query xmlns='urn:xmpp:mam:2' node='n'/>")))
        .isEqualTo("feature-not-implemented");
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.1.5", rule = "all fields are in the form, none required")
  void tellsWhatCanBeAsked() {
    Element form =
        payload(answer("get", "<query xmlns='urn:xmpp:mam:2'/>"))
            .child("x", HistoryNames.FORM)
            .orElseThrow();
    assertThat(form.attribute("type")).contains("form");
    assertThat(form.children().map(field -> field.attribute("var").orElseThrow()))
        .containsExactly(
            "FORM_TYPE",
            "with",
            "start",
            "end",
            "before-id",
            "after-id",
            "ids",
            "include-groupchat");
    assertThat(form.toXml()).doesNotContain("required").contains("<open");
  }

  @Test
  @Spec(doc = "XEP-0313", section = "5", rule = "the ends of an archive; nothing if it is empty")
  void tellsTheEndsOfTheArchive() {
    String request = "<metadata xmlns='urn:xmpp:mam:2'/>";
    assertThat(payload(answer("get", request))).isEqualTo(reader.read(request));
    List<KeptId> all = archive(3);
    assertThat(payload(answer("get", request)))
        .isEqualTo(
            reader.read(
                "<metadata xmlns='urn:xmpp:mam:2'><start id='%s' timestamp='%s'/><end id='%s' timestamp='%s'/></metadata>"
                    .formatted(
                        all.get(0).text(),
                        "2026-05-06T07:08:09Z",
                        all.get(2).text(),
                        "2026-05-06T07:08:11Z")));
    assertThat(condition(answer("set", request))).isEqualTo("bad-request");
  }

  @Test
  void refusesWhatElseIsInTheNamespace() {
    assertThat(condition(answer("get", "<fin xmlns='urn:xmpp:mam:2'/>")))
        .isEqualTo("service-unavailable");
  }

  private static String prefs(String standing, String always, String never) {
    return "<prefs xmlns='urn:xmpp:mam:2' default='%s'><always>%s</always><never>%s</never></prefs>"
        .formatted(standing, always, never);
  }

  @Test
  @Spec(doc = "XEP-0441", section = "2.1", rule = "preferences are told with both lists")
  void keepsPreferences() {
    assertThat(payload(answer("get", "<prefs xmlns='urn:xmpp:mam:2'/>")))
        .isEqualTo(reader.read(prefs("always", "", "")));
    String wanted =
        prefs("roster", "<jid>romeo@montague.example</jid>", "<jid>tybalt@capulet.example</jid>");
    assertThat(payload(answer("set", wanted))).isEqualTo(reader.read(wanted));
    assertThat(payload(answer("get", "<prefs xmlns='urn:xmpp:mam:2'/>")))
        .isEqualTo(reader.read(wanted));
    assertThat(payload(answer("set", "<prefs xmlns='urn:xmpp:mam:2' default='never'/>")))
        .isEqualTo(reader.read(prefs("never", "", "")));
  }

  @ParameterizedTest
  @CsvSource({"sometimes,''", "'',''", "always,<jid>@</jid>", "always,<jid/>"})
  void refusesPreferencesThatAreNone(String standing, String jids) {
    assertThat(condition(answer("set", prefs(standing, jids, "")))).isEqualTo("bad-request");
    assertThat(condition(answer("set", prefs(standing, "", jids)))).isEqualTo("bad-request");
    assertThat(store.preferences(JULIET)).isEqualTo(ArchivePreferences.USUAL);
  }

  @Test
  void refusesPreferencesWithoutADefault() {
    assertThat(condition(answer("set", "<prefs xmlns='urn:xmpp:mam:2'/>")))
        .isEqualTo("bad-request");
  }

  @Test
  void refusesPreferencesOfTenThousandAddresses() {
    List<String> jids = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      jids.add("<jid>romeo" + i + "@montague.example</jid>");
    }
    String few = String.join("", jids.subList(0, ArchivePreferences.MOST_LISTED));
    assertThat(condition(answer("set", prefs("always", few, "")))).isEqualTo("none");
    assertThat(condition(answer("set", prefs("always", few, jids.getLast()))))
        .isEqualTo("not-acceptable");
    assertThat(condition(answer("set", prefs("never", "", String.join("", jids)))))
        .isEqualTo("not-acceptable");
    assertThat(store.preferences(JULIET).always()).hasSize(ArchivePreferences.MOST_LISTED);
  }
}
