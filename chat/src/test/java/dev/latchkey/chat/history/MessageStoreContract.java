// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.SampleAddresses;
import dev.latchkey.chat.history.ArchiveQuery.Filter;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every [MessageStore] promises.
public abstract class MessageStoreContract {
  /// When the first message of each test is kept.
  protected static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123456Z");

  private static final Jid ROMEO = Jid.parse("romeo@montague.example/orchard");
  private static final Jid ROMEO_AT_HOME = Jid.parse("romeo@montague.example/home");
  private static final Jid TYBALT = Jid.parse("tybalt@capulet.example/street");
  private static final long MUCH = 1L << 40;
  private static final Room ROOM = new Room(5, MUCH, MUCH);

  /// Where ids come from.
  protected final SeededRandom random = SeededRandom.announced();

  private AccountId juliet = new AccountId("not-yet");
  private AccountId nurse = new AccountId("not-yet");

  /// The store under test, empty at the start of each test.
  protected abstract MessageStore store();

  /// An account that is there.
  protected abstract AccountId newAccount(String localpart);

  /// Makes the accounts; called before each test, when the store is there.
  protected final void makeAccounts() {
    juliet = newAccount("juliet");
    nurse = newAccount("nurse");
  }

  /// A message with a text.
  protected static Element message(String body) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("type", "chat")
        .attribute("from", ROMEO.toString())
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  private KeptId archive(AccountId owner, Jid peer, String body, Instant at) {
    Kept kept = store().keep(message(body), List.of(new Copy(owner, peer, true, false)), at, ROOM);
    return idOf(owner, kept);
  }

  private static KeptId idOf(AccountId owner, Kept kept) {
    return Optional.ofNullable(kept.ids().get(owner)).orElseThrow();
  }

  private Kept leave(AccountId owner, String body, boolean archived) {
    return store().keep(message(body), List.of(new Copy(owner, ROMEO, archived, true)), NOW, ROOM);
  }

  /// As many as told, a second apart.
  private List<KeptId> archive(int many) {
    return IntStream.range(0, many)
        .mapToObj(i -> archive(juliet, ROMEO, "message " + i, NOW.plusSeconds(i)))
        .toList();
  }

  private ArchiveAnswer.Page page(ArchiveQuery query) {
    return (ArchiveAnswer.Page) store().archivePage(juliet, query);
  }

  private static List<KeptId> ids(ArchiveAnswer.Page page) {
    return page.messages().stream().map(ArchivedMessage::id).toList();
  }

  private List<KeptId> found(Filter filter) {
    return ids(page(ArchiveQuery.first(100).of(filter)));
  }

  private List<String> waiting(AccountId owner) {
    return store().offline(owner, Optional.empty(), 100).stream()
        .map(waiting -> waiting.message().child("body", Namespaces.CLIENT).orElseThrow().text())
        .toList();
  }

  @Test
  public void givesBackWhatWasKept() {
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .attribute("type", "chat")
            .attribute("xml:lang", "de")
            .child(Element.text("body", Namespaces.CLIENT, "grüße <&> \"'\n\t 😀"))
            .child(Element.text("encrypted", "urn:xmpp:omemo:2", "AAAA"))
            .build();
    store().keep(message, List.of(new Copy(juliet, ROMEO, true, true)), NOW, ROOM);
    assertThat(page(ArchiveQuery.last(1)).messages().getFirst().message()).isEqualTo(message);
    assertThat(store().offline(juliet, Optional.empty(), 1).getFirst().message())
        .isEqualTo(message);
  }

  @Test
  public void oneMessageStandsInTheArchivesOfBothSides() {
    Kept kept =
        store()
            .keep(
                message("hello"),
                List.of(new Copy(juliet, ROMEO, true, false), new Copy(nurse, TYBALT, true, false)),
                NOW,
                ROOM);
    assertThat(kept.ids()).containsOnlyKeys(juliet, nurse);
    assertThat(page(ArchiveQuery.last(9)).messages()).hasSize(1);
    assertThat(((ArchiveAnswer.Page) store().archivePage(nurse, ArchiveQuery.last(9))).messages())
        .hasSize(1);
  }

  @Test
  public void refusesTwoCopiesForOneOwner() {
    assertThatThrownBy(
            () ->
                store()
                    .keep(
                        message("to myself"),
                        List.of(
                            new Copy(juliet, ROMEO, true, false),
                            new Copy(juliet, ROMEO, true, false)),
                        NOW,
                        ROOM))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(page(ArchiveQuery.last(9)).messages()).isEmpty();
  }

  @Test
  public void anIdTellsWhenItsMessageWasKept() {
    assertThat(archive(juliet, ROMEO, "hello", NOW).stamp()).isEqualTo(NOW);
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3.1", rule = "the order of an archive does not hang on clocks")
  public void idsGrowAlsoWhenTheClockStandsStillOrGoesBack() {
    List<KeptId> ids =
        List.of(
            archive(juliet, ROMEO, "one", NOW),
            archive(juliet, ROMEO, "two", NOW),
            archive(juliet, ROMEO, "three", NOW.minusSeconds(60)));
    assertThat(ids).isSorted().doesNotHaveDuplicates();
    assertThat(ids(page(ArchiveQuery.first(9)))).isEqualTo(ids);
  }

  @Test
  @Spec(doc = "XEP-0313", section = "5.2", rule = "an id is never used again")
  public void noIdComesBackAfterItsMessageIsGone() {
    KeptId gone = archive(juliet, ROMEO, "one", NOW);
    store().expire(NOW.plusSeconds(1), 9);
    assertThat(archive(juliet, ROMEO, "two", NOW).micros()).isGreaterThan(gone.micros());
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3", rule = "an id cannot be told in advance")
  public void idsOfOneMomentDifferInWhatIsDrawn() {
    AccountId other = newAccount("benvolio");
    assertThat(archive(juliet, ROMEO, "one", NOW)).isNotEqualTo(archive(other, ROMEO, "one", NOW));
  }

  @Test
  public void anArchiveIsItsOwnersOnly() {
    KeptId id = archive(juliet, ROMEO, "one", NOW);
    assertThat(store().archivePage(nurse, ArchiveQuery.last(9)))
        .isEqualTo(new ArchiveAnswer.Page(List.of(), true, OptionalLong.of(0)));
    assertThat(store().archivePage(nurse, ArchiveQuery.last(9).of(Filter.only(List.of(id)))))
        .isEqualTo(new ArchiveAnswer.NotFound());
  }

  @Test
  public void pagesGoThroughAnArchiveForwards() {
    List<KeptId> all = archive(7);
    ArchiveAnswer.Page first = page(ArchiveQuery.first(3));
    assertThat(ids(first)).isEqualTo(all.subList(0, 3));
    assertThat(first.complete()).isFalse();
    ArchiveAnswer.Page second = page(ArchiveQuery.first(3).after(all.get(2)));
    assertThat(ids(second)).isEqualTo(all.subList(3, 6));
    assertThat(second.complete()).isFalse();
    ArchiveAnswer.Page third = page(ArchiveQuery.first(3).after(all.get(5)));
    assertThat(ids(third)).isEqualTo(all.subList(6, 7));
    assertThat(third.complete()).isTrue();
  }

  @Test
  public void pagesGoThroughAnArchiveBackwardsEachWithTheOldestFirst() {
    List<KeptId> all = archive(5);
    ArchiveAnswer.Page last = page(ArchiveQuery.last(3));
    assertThat(ids(last)).isEqualTo(all.subList(2, 5));
    assertThat(last.complete()).isFalse();
    ArchiveAnswer.Page before = page(ArchiveQuery.last(3).before(all.get(2)));
    assertThat(ids(before)).isEqualTo(all.subList(0, 2));
    assertThat(before.complete()).isTrue();
  }

  @Test
  public void aPageThatTheRestJustFillsIsComplete() {
    archive(3);
    assertThat(page(ArchiveQuery.first(3)).complete()).isTrue();
    assertThat(page(ArchiveQuery.last(3)).complete()).isTrue();
    assertThat(page(ArchiveQuery.last(2)).complete()).isFalse();
  }

  @Test
  public void anEmptyPageTellsHowManyThereAre() {
    archive(3);
    assertThat(page(ArchiveQuery.first(0)))
        .isEqualTo(new ArchiveAnswer.Page(List.of(), false, OptionalLong.of(3)));
  }

  @Test
  public void aPageEndsWhereItGetsTooLong() {
    String half = "x".repeat(MessageStore.MOST_PAGE_LENGTH / 2);
    List<KeptId> all =
        List.of(
            archive(juliet, ROMEO, half, NOW),
            archive(juliet, ROMEO, half, NOW),
            archive(juliet, ROMEO, "short", NOW));
    ArchiveAnswer.Page first = page(ArchiveQuery.first(3));
    assertThat(ids(first)).isEqualTo(all.subList(0, 1));
    assertThat(first.complete()).isFalse();
    assertThat(ids(page(ArchiveQuery.last(3)))).isEqualTo(all.subList(1, 3));
  }

  @Test
  public void oneMessageFitsIntoAPageHoweverLongItIs() {
    String huge = "x".repeat(MessageStore.MOST_PAGE_LENGTH + 1);
    store().keep(message(huge), List.of(new Copy(juliet, ROMEO, true, true)), NOW, ROOM);
    assertThat(page(ArchiveQuery.first(3)).messages()).hasSize(1);
    assertThat(store().offline(juliet, Optional.empty(), 3)).hasSize(1);
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "4.1.1",
      rule = "a bare JID means all its resources, a full one only itself")
  public void findsWhatWasWrittenWithSomebody() {
    KeptId orchard = archive(juliet, ROMEO, "one", NOW);
    KeptId home = archive(juliet, ROMEO_AT_HOME, "two", NOW);
    archive(juliet, TYBALT, "three", NOW);
    KeptId bare = archive(juliet, ROMEO.bare(), "four", NOW);
    archive(nurse, ROMEO, "five", NOW);
    assertThat(found(Filter.with(ROMEO.bare()))).containsExactly(orchard, home, bare);
    assertThat(found(Filter.with(ROMEO))).containsExactly(orchard);
    assertThat(found(Filter.with(Jid.parse("romeo@montague.example/tomb")))).isEmpty();
    assertThat(found(Filter.with(Jid.parse("montague.example")))).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0313", section = "4.1.2", rule = "both ends of a time belong to it")
  public void findsWhatCameWithinATime() {
    List<KeptId> all = archive(5);
    assertThat(found(Filter.between(NOW.plusSeconds(1), NOW.plusSeconds(3))))
        .isEqualTo(all.subList(1, 4));
    assertThat(found(Filter.between(NOW.plusNanos(1), NOW.plusSeconds(2).minusNanos(1))))
        .isEqualTo(all.subList(1, 2));
    assertThat(found(Filter.between(NOW.plusSeconds(3), NOW.plusSeconds(1)))).isEmpty();
    assertThat(found(Filter.between(Instant.MIN, Instant.MAX))).isEqualTo(all);
    assertThat(found(Filter.between(Instant.MAX, Instant.MAX))).isEmpty();
    assertThat(found(Filter.between(Instant.MIN, Instant.EPOCH))).isEmpty();
  }

  @Test
  public void findsWhatLiesBetweenTwoMessages() {
    List<KeptId> all = archive(5);
    Filter between =
        new Filter(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(all.get(0)),
            Optional.of(all.get(4)),
            List.of());
    assertThat(found(between)).isEqualTo(all.subList(1, 4));
    assertThat(ids(page(ArchiveQuery.last(2).of(between)))).isEqualTo(all.subList(2, 4));
    assertThat(ids(page(ArchiveQuery.last(9).of(between).after(all.get(1)).before(all.get(3)))))
        .isEqualTo(all.subList(2, 3));
  }

  @Test
  public void findsMessagesByTheirIdsInTheArchivesOrder() {
    List<KeptId> all = archive(5);
    List<KeptId> asked = List.of(all.get(3), all.get(1), all.get(3), all.get(4));
    assertThat(found(Filter.only(asked))).containsExactly(all.get(1), all.get(3), all.get(4));
    ArchiveAnswer.Page last = page(ArchiveQuery.last(2).of(Filter.only(asked)));
    assertThat(ids(last)).containsExactly(all.get(3), all.get(4));
    assertThat(last.complete()).isFalse();
    Filter withTybalt =
        new Filter(
            Optional.of(TYBALT),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            asked);
    assertThat(found(withTybalt)).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0313",
      section = "4.1.3",
      rule = "an id that is not in the archive is told so, wherever it stands")
  public void tellsThatAnIdIsNotThere() {
    KeptId there = archive(juliet, ROMEO, "one", NOW);
    KeptId foreign = archive(nurse, ROMEO, "two", NOW.plusSeconds(9));
    KeptId guessed = new KeptId(there.micros(), there.tag() + 1);
    for (KeptId id : List.of(foreign, guessed)) {
      Filter after =
          new Filter(
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(id),
              Optional.empty(),
              List.of());
      Filter before =
          new Filter(
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(id),
              List.of());
      assertThat(
              List.of(
                  ArchiveQuery.first(9).after(id),
                  ArchiveQuery.last(9).before(id),
                  ArchiveQuery.last(9).of(Filter.only(List.of(there, id))),
                  ArchiveQuery.last(9).of(after),
                  ArchiveQuery.last(9).of(before)))
          .allSatisfy(
              query ->
                  assertThat(store().archivePage(juliet, query))
                      .isEqualTo(new ArchiveAnswer.NotFound()));
    }
  }

  @Test
  public void tellsTheEndsOfAnArchive() {
    assertThat(store().ends(juliet)).isEmpty();
    List<KeptId> all = archive(3);
    assertThat(store().ends(juliet)).contains(new ArchiveEnds(all.get(0), all.get(2)));
  }

  @Test
  public void messagesWaitInOrderUntilTheyAreDelivered() {
    leave(juliet, "one", true);
    leave(juliet, "two", false);
    leave(juliet, "three", true);
    List<OfflineMessage> waiting = store().offline(juliet, Optional.empty(), 2);
    assertThat(waiting).extracting(OfflineMessage::archived).containsExactly(true, false);
    assertThat(waiting.getFirst().id().stamp()).isEqualTo(NOW);
    assertThat(waiting(juliet)).containsExactly("one", "two", "three");
    store().delivered(juliet, waiting.stream().map(OfflineMessage::id).toList());
    assertThat(waiting(juliet)).containsExactly("three");
    store().delivered(juliet, waiting.stream().map(OfflineMessage::id).toList());
    assertThat(waiting(juliet)).containsExactly("three");
  }

  @Test
  public void deliveredRemovesOnlyFromItsOwnerAndOnlyTheVeryIds() {
    leave(juliet, "one", false);
    leave(nurse, "two", false);
    KeptId id = store().offline(juliet, Optional.empty(), 1).getFirst().id();
    store().delivered(nurse, List.of(id));
    store().delivered(juliet, List.of(new KeptId(id.micros(), id.tag() + 1)));
    assertThat(waiting(juliet)).containsExactly("one");
    assertThat(waiting(nurse)).containsExactly("two");
  }

  @Test
  public void whatIsDeliveredStaysInTheArchive() {
    leave(juliet, "one", true);
    store()
        .delivered(juliet, List.of(store().offline(juliet, Optional.empty(), 1).getFirst().id()));
    assertThat(page(ArchiveQuery.last(9)).messages()).hasSize(1);
  }

  @Test
  public void onlySoManyMessagesWaitAndOthersKeepWhatIsTooMany() {
    for (int i = 0; i < ROOM.waiting(); i++) {
      assertThat(leave(juliet, "message " + i, false).crowded()).isEmpty();
    }
    Kept tooMany =
        store()
            .keep(
                message("too many"),
                List.of(new Copy(nurse, TYBALT, true, false), new Copy(juliet, ROMEO, false, true)),
                NOW,
                ROOM);
    assertThat(tooMany.crowded()).containsExactly(juliet);
    assertThat(tooMany.ids()).as("what others keep does not hang on it").containsOnlyKeys(nurse);
    assertThat(waiting(juliet)).hasSize(ROOM.waiting()).doesNotContain("too many");
    assertThat(store().ends(nurse).map(ArchiveEnds::last)).contains(idOf(nurse, tooMany));
    assertThat(leave(nurse, "others have room", false).crowded()).isEmpty();
  }

  @Test
  public void whereThereIsNoRoomTheArchiveTakesAMessageAllTheSame() {
    for (int i = 0; i < ROOM.waiting(); i++) {
      leave(juliet, "message " + i, false);
    }
    Kept kept = leave(juliet, "one more", true);
    assertThat(kept.crowded()).containsExactly(juliet);
    assertThat(waiting(juliet)).hasSize(ROOM.waiting()).doesNotContain("one more");
    assertThat(ids(page(ArchiveQuery.last(9)))).containsExactly(kept.ids().get(juliet));
  }

  @Test
  @Spec(
      doc = "latchkey",
      rule = "nothing of what waits is cleared before the archive of its owner has it")
  public void clearingKeepsWhatTheArchiveDoesNotHold() {
    leave(juliet, "archived", true);
    leave(juliet, "not archived", false);
    leave(nurse, "the nurse's", true);
    store().clearOffline(juliet);
    assertThat(waiting(juliet)).containsExactly("not archived");
    assertThat(waiting(nurse)).containsExactly("the nurse's");
    assertThat(page(ArchiveQuery.last(9)).messages()).hasSize(1);
  }

  @Test
  public void clearingKeepsWhatTheArchiveHoldsNoMore() {
    leave(juliet, "old", true);
    store().expire(NOW.plusSeconds(1), 9);
    store().clearOffline(juliet);
    assertThat(waiting(juliet)).containsExactly("old");
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule = "who binds is told where the archive ends now, and nothing of it waits any more")
  public void clearingAlwaysTellsWhereTheArchiveEndsNow() {
    List<KeptId> kept = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Instant at = NOW.plusSeconds(i);
      switch (random.nextInt(6)) {
        case 0 -> kept.add(archive(juliet, ROMEO, "message " + i, at));
        case 1 -> leave(juliet, "waiting " + i, true);
        case 2 -> archive(nurse, ROMEO, "another's " + i, at);
        case 3 -> store().expire(NOW.plusSeconds(random.nextInt(i + 1)), 2);
        case 4 -> {
          if (!kept.isEmpty()) {
            store().undelivered(juliet, kept.get(random.nextInt(kept.size())), ROOM);
          }
        }
        default -> store().prefer(juliet, ArchivePreferences.USUAL);
      }
      for (int twice = 0; twice < random.nextInt(3); twice++) {
        assertThat(store().clearOffline(juliet)).isEqualTo(store().ends(juliet));
        // What the archive holds no more goes on waiting.
        List<KeptId> archived = ids(page(ArchiveQuery.first(1_000)));
        assertThat(store().offline(juliet, Optional.empty(), 1_000))
            .noneMatch(waiting -> archived.contains(waiting.id()));
      }
    }
    store().forget(juliet);
    assertThat(store().clearOffline(juliet)).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule = "who binds is told where the archive ends now, and nothing of it waits any more")
  public void clearingTellsOfWhatCameAfterItHadTold() {
    archive(juliet, ROMEO, "one", NOW);
    store().expire(NOW.minusSeconds(1), 9); // whatever is done late is done now
    assertThat(store().clearOffline(juliet)).isEqualTo(store().ends(juliet));
    KeptId second = archive(juliet, ROMEO, "two", NOW.plusSeconds(1));
    assertThat(store().clearOffline(juliet).orElseThrow().last()).isEqualTo(second);
    store().expire(NOW.minusSeconds(1), 9);
    store().clearOffline(juliet);
    leave(juliet, "three", true);
    store().clearOffline(juliet);
    assertThat(waiting(juliet)).isEmpty();
  }

  @Test
  public void whatDidNotArriveWaitsAgainOnce() {
    KeptId id = archive(juliet, ROMEO, "one", NOW);
    assertThat(store().undelivered(juliet, id, ROOM)).isTrue();
    assertThat(store().undelivered(juliet, id, ROOM)).isTrue();
    assertThat(waiting(juliet)).containsExactly("one");
    store().clearOffline(juliet);
    assertThat(waiting(juliet)).isEmpty();
  }

  @Test
  public void onlyWhatTheArchiveHoldsCanWaitAgainAndOnlyWhereThereIsRoom() {
    KeptId id = archive(juliet, ROMEO, "one", NOW);
    assertThat(store().undelivered(nurse, id, ROOM)).isFalse();
    assertThat(store().undelivered(juliet, new KeptId(id.micros(), id.tag() + 1), ROOM)).isFalse();
    assertThat(store().undelivered(juliet, id, new Room(0, MUCH, MUCH))).isFalse();
    assertThat(waiting(juliet)).isEmpty();
  }

  private static long octets(String body) {
    return message(body).toXml().getBytes(StandardCharsets.UTF_8).length;
  }

  /// What the store says if somebody was to keep a message who has no room.
  private static Kept crowded(AccountId owner) {
    return new Kept(Map.of(), Set.of(owner));
  }

  private Kept keep(String body, boolean archived, boolean offline, Room room) {
    return store()
        .keep(message(body), List.of(new Copy(juliet, ROMEO, archived, offline)), NOW, room);
  }

  @Test
  public void onlySoManyOctetsWait() {
    Room two = new Room(9, 2 * octets("ä1"), MUCH);
    assertThat(keep("ä1", false, true, two).crowded()).isEmpty();
    assertThat(keep("ä2 and more", false, true, two)).isEqualTo(crowded(juliet));
    assertThat(keep("ä3", false, true, two).crowded()).isEmpty();
    assertThat(keep("ä4", false, true, two)).isEqualTo(crowded(juliet));
    assertThat(waiting(juliet)).containsExactly("ä1", "ä3");
    KeptId archived = idOf(juliet, keep("ä5", true, true, two));
    assertThat(waiting(juliet)).containsExactly("ä1", "ä3");
    assertThat(store().undelivered(juliet, archived, two)).isFalse();
  }

  @Test
  public void whatIsDeliveredOrClearedMakesRoomForAsMuch() {
    Room two = new Room(9, 2 * octets("1"), MUCH);
    keep("1", false, true, two);
    KeptId archived = idOf(juliet, keep("2", true, true, two));
    store().clearOffline(juliet);
    assertThat(store().undelivered(juliet, archived, two)).isTrue();
    assertThat(keep("3", false, true, two)).isEqualTo(crowded(juliet));
    store()
        .delivered(juliet, List.of(store().offline(juliet, Optional.empty(), 1).getFirst().id()));
    assertThat(keep("4", false, true, two).crowded()).isEmpty();
    assertThat(keep("5", false, true, two)).isEqualTo(crowded(juliet));
    assertThat(waiting(juliet)).containsExactly("2", "4");
  }

  private List<String> archived() {
    return page(ArchiveQuery.first(99)).messages().stream()
        .map(kept -> kept.message().child("body", Namespaces.CLIENT).orElseThrow().text())
        .toList();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "an address that is kept is the same address")
  public void keepsAddressesThatPreparationHasChanged() {
    ArchivePreferences wanted =
        new ArchivePreferences(
            ArchivePreferences.Standing.NEVER,
            Set.copyOf(SampleAddresses.ALL),
            Set.copyOf(SampleAddresses.ALL));
    store().prefer(juliet, wanted);
    assertThat(store().preferences(juliet)).isEqualTo(wanted);
    for (Jid peer : SampleAddresses.ALL) {
      archive(juliet, peer, peer.toString(), NOW);
      assertThat(found(Filter.with(peer))).as("%s", peer).hasSize(1);
    }
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3.2", rule = "what is deleted is the oldest")
  public void theOldestLeaveAnArchiveThatIsTooLarge() {
    Room three = new Room(9, MUCH, 3 * octets("1"));
    for (int i = 1; i <= 5; i++) {
      keep("" + i, true, i == 1, three);
    }
    assertThat(archived()).containsExactly("3", "4", "5");
    assertThat(waiting(juliet)).containsExactly("1");
    String longer = "x".repeat(2 * (int) octets("1"));
    keep(longer, true, false, three);
    assertThat(archived()).containsExactly(longer);
    keep("after", true, false, new Room(9, MUCH, 1));
    assertThat(archived()).containsExactly("after");
  }

  @Test
  public void whatExpiresMakesRoomInTheArchive() {
    Room three = new Room(9, MUCH, 3 * octets("1"));
    for (int i = 1; i <= 3; i++) {
      keep("" + i, true, false, three);
    }
    store().expire(NOW.plusSeconds(1), 2);
    keep("4", true, false, three);
    keep("5", true, false, three);
    assertThat(archived()).containsExactly("3", "4", "5");
    keep("6", true, false, three);
    assertThat(archived()).containsExactly("4", "5", "6");
  }

  @Test
  public void everythingIsWantedUntilAnAccountSaysOtherwise() {
    assertThat(store().preferences(juliet)).isEqualTo(ArchivePreferences.USUAL);
    archive(juliet, ROMEO, "one", NOW);
    assertThat(store().preferences(juliet)).isEqualTo(ArchivePreferences.USUAL);
  }

  @Test
  public void rememberWhatAnAccountWants() {
    ArchivePreferences wanted =
        new ArchivePreferences(
            ArchivePreferences.Standing.ROSTER, Set.of(ROMEO, TYBALT.bare()), Set.of(ROMEO));
    store().prefer(juliet, wanted);
    archive(juliet, ROMEO, "one", NOW);
    assertThat(store().preferences(juliet)).isEqualTo(wanted);
    assertThat(store().preferences(nurse)).isEqualTo(ArchivePreferences.USUAL);
    ArchivePreferences other =
        new ArchivePreferences(ArchivePreferences.Standing.NEVER, Set.of(), Set.of(TYBALT));
    store().prefer(juliet, other);
    assertThat(store().preferences(juliet)).isEqualTo(other);
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3.2", rule = "what is deleted is the oldest")
  public void expiresTheOldestSoManyAtATime() {
    List<KeptId> all = archive(5);
    archive(nurse, ROMEO, "young", NOW.plus(Duration.ofDays(1)));
    assertThat(store().expire(NOW.plusSeconds(3), 2)).isEqualTo(2);
    assertThat(ids(page(ArchiveQuery.first(9)))).isEqualTo(all.subList(2, 5));
    assertThat(store().expire(NOW.plusSeconds(3), 2)).isEqualTo(1);
    assertThat(store().expire(NOW.plusSeconds(3), 2)).isEqualTo(0);
    assertThat(ids(page(ArchiveQuery.first(9)))).isEqualTo(all.subList(3, 5));
    assertThat(store().ends(nurse)).isPresent();
  }

  @Test
  public void expiresAcrossAccounts() {
    archive(3);
    archive(nurse, ROMEO, "one", NOW);
    List<Integer> removed = new ArrayList<>();
    do {
      removed.add(store().expire(NOW.plusSeconds(9), 3));
    } while (removed.getLast() == 3);
    assertThat(removed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(4);
    assertThat(store().ends(juliet)).isEmpty();
    assertThat(store().ends(nurse)).isEmpty();
  }

  @Test
  public void forgetsAllOfAnAccountAndNothingOfOthers() {
    archive(3);
    leave(juliet, "waiting", true);
    store()
        .prefer(
            juliet,
            new ArchivePreferences(ArchivePreferences.Standing.NEVER, Set.of(ROMEO), Set.of()));
    store()
        .keep(
            message("both"),
            List.of(new Copy(juliet, ROMEO, true, true), new Copy(nurse, ROMEO, true, true)),
            NOW,
            ROOM);
    store().forget(juliet);
    assertThat(store().ends(juliet)).isEmpty();
    assertThat(store().offline(juliet, Optional.empty(), 9)).isEmpty();
    assertThat(store().preferences(juliet)).isEqualTo(ArchivePreferences.USUAL);
    assertThat(waiting(nurse)).containsExactly("both");
    assertThat(store().ends(nurse)).isPresent();
    store().forget(juliet);
  }

  @Test
  public void anAccountThatIsNotThereHasNothing() {
    AccountId nobody = new AccountId("acct-nobody");
    assertThat(store().ends(nobody)).isEmpty();
    assertThat(store().offline(nobody, Optional.empty(), 9)).isEmpty();
    assertThat(store().preferences(nobody)).isEqualTo(ArchivePreferences.USUAL);
    assertThat(store().archivePage(nobody, ArchiveQuery.last(9)))
        .isEqualTo(new ArchiveAnswer.Page(List.of(), true, OptionalLong.of(0)));
    assertThat(store().archivePage(nobody, ArchiveQuery.last(9).before(new KeptId(1, 1))))
        .isEqualTo(new ArchiveAnswer.NotFound());
    assertThat(store().undelivered(nobody, new KeptId(1, 1), ROOM)).isFalse();
    store().delivered(nobody, List.of(new KeptId(1, 1)));
    store().clearOffline(nobody);
    store().forget(nobody);
  }
}
