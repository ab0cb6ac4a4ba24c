// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static dev.latchkey.store.OpenFolder.guard;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.chat.eventing.Affiliation;
import dev.latchkey.chat.eventing.Bounds;
import dev.latchkey.chat.eventing.Node;
import dev.latchkey.chat.eventing.NodeConfiguration;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Samples;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JdbcAccountDirectoryTest {
  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);

  @TempDir private Path temporary;
  private OpenFolder open;
  private JdbcCredentialStore store;
  private AccountDirectory directory;

  @BeforeEach
  void open() {
    open = OpenFolder.at(temporary.resolve("data"), random);
    store = open.store();
    directory = store.directory();
  }

  @AfterEach
  void close() {
    store.close();
    open.close();
  }

  private Account account(String jid, AccountStatus status) {
    Account account = samples.account(jid).withStatus(status);
    commit(store, new CredentialChange.PutAccount(account));
    return account;
  }

  private void delete(Account account) {
    commit(
        store,
        guard(store, account.id()),
        new CredentialChange.PutAccount(account.withStatus(AccountStatus.DELETED)));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 60", rule = "a reserved account is unknown to everybody")
  void doesNotFindWhoIsNotInUse() {
    Account reserved = account("reserved@chat.example", AccountStatus.RESERVED);
    Account deleted = account("deleted@chat.example", AccountStatus.ACTIVE);
    delete(deleted);
    AccountJid nobody = AccountJid.parse("nobody@chat.example");
    assertThat(directory.find(reserved.jid())).isEmpty();
    assertThat(directory.find(deleted.jid())).isEmpty();
    assertThat(directory.find(nobody)).isEmpty();
    assertThat(directory.find(List.of(reserved.jid(), deleted.jid(), nobody))).isEmpty();
    assertThat(directory.find(List.of())).isEmpty();
    assertThat(directory.address(reserved.id())).isEmpty();
    assertThat(directory.address(deleted.id())).isEmpty();
    assertThat(directory.address(AccountId.draw(random))).isEmpty();
  }

  @Test
  void findsWhoIsInUse() {
    Account active = account("nina@chat.example", AccountStatus.ACTIVE);
    Account disabled = account("otto@chat.example", AccountStatus.DISABLED);
    Account elsewhere = account("nina@else.example", AccountStatus.ACTIVE);
    for (Account account : List.of(active, disabled, elsewhere)) {
      assertThat(directory.find(account.jid())).contains(account.id());
      assertThat(directory.address(account.id())).contains(account.jid());
    }
    assertThat(directory.find(List.of(disabled.jid(), active.jid(), active.jid())))
        .isEqualTo(Map.of(active.jid(), active.id(), disabled.jid(), disabled.id()));
  }

  @Test
  void findsManyAtOnce() {
    List<AccountJid> asked = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      asked.add(AccountJid.parse("user" + i + "@chat.example"));
    }
    Account first = account("user0@chat.example", AccountStatus.ACTIVE);
    Account middle = account("user300@chat.example", AccountStatus.ACTIVE);
    Account last = account("user599@chat.example", AccountStatus.ACTIVE);
    assertThat(directory.find(asked))
        .isEqualTo(
            Map.of(first.jid(), first.id(), middle.jid(), middle.id(), last.jid(), last.id()));
  }

  @Test
  void findsTheNewOwnerOfAName() {
    Account old = account("nina@chat.example", AccountStatus.ACTIVE);
    delete(old);
    Account now = account("nina@chat.example", AccountStatus.ACTIVE);
    assertThat(directory.find(now.jid())).contains(now.id());
    assertThat(directory.address(old.id())).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "nothing of a deleted account stays")
  void notesWhatIsLeftOfADeletedAccountUntilItIsCleared() {
    Account nina = account("nina@chat.example", AccountStatus.ACTIVE);
    Account otto = account("otto@chat.example", AccountStatus.DISABLED);
    assertThat(directory.leftovers()).isEmpty();
    delete(nina);
    delete(otto);
    assertThat(directory.leftovers().keySet()).containsExactly(nina.id(), otto.id());
    delete(nina);
    assertThat(directory.leftovers()).hasSize(2);

    store.close();
    store = open.store();
    directory = store.directory();
    assertThat(directory.leftovers().keySet()).containsExactly(nina.id(), otto.id());
    directory.cleared(nina.id());
    directory.cleared(nina.id());
    assertThat(directory.leftovers().keySet()).containsExactly(otto.id());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "others forget a deleted account, once")
  void aDeletedAccountIsKnownUntilOthersHaveForgottenIt() {
    Account nina = account("nina@chat.example", AccountStatus.ACTIVE);
    Account otto = account("otto@chat.example", AccountStatus.DISABLED);
    Account invited = account("kim@chat.example", AccountStatus.RESERVED);
    assertThat(directory.isKnown(nina.id())).as("it is there").isFalse();
    List.of(nina, otto, invited).forEach(this::delete);
    account("nina@chat.example", AccountStatus.ACTIVE); // somebody else
    assertThat(directory.isKnown(nina.id())).isTrue();
    assertThat(directory.isKnown(invited.id())).as("nobody ever was").isFalse();

    store.close();
    store = open.store();
    directory = store.directory();
    assertThat(directory.isKnown(nina.id())).isTrue();
    directory.forgotten(nina.id());
    delete(nina); // again
    assertThat(directory.isKnown(nina.id())).isFalse();
    assertThat(directory.isKnown(otto.id())).isTrue();
    assertThat(directory.leftovers().keySet())
        .as("all of them may have left something")
        .containsExactly(nina.id(), otto.id(), invited.id());
    directory.cleared(otto.id());
    assertThat(directory.isKnown(otto.id())).isFalse();
  }

  @Test
  void notesNothingOfADeletionThatWasLost() {
    Account nina = account("nina@chat.example", AccountStatus.ACTIVE);
    store.commit(
        List.of(
            new CredentialChange.RequireVersion(nina.id(), 99),
            new CredentialChange.PutAccount(nina.withStatus(AccountStatus.DELETED))));
    assertThat(directory.leftovers()).isEmpty();
  }

  /// Otto's node, on whose list an address stands and to which one of its resources subscribed.
  private NodeStore nodeOf(Account otto, AccountJid listed) {
    NodeStore nodes = store.nodes();
    NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
    nodes.create(otto.id(), "n", usual, Bounds.USUAL);
    nodes.affiliate(
        otto.id(), "n", Map.of(listed.jid(), Optional.of(Affiliation.MEMBER)), Bounds.USUAL);
    nodes.subscribe(
        otto.id(), otto.jid(), "n", usual, listed.with(new Resource("phone")), Bounds.USUAL);
    return nodes;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "nobody inherits what others allowed who had the address before, whatever crashes")
  void thereIsNoMomentInWhichADeletedAccountsAddressIsOnAList() {
    Account otto = account("otto@chat.example", AccountStatus.ACTIVE);
    Account nina = account("nina@chat.example", AccountStatus.ACTIVE);
    Account kim = account("kim@chat.example", AccountStatus.ACTIVE);
    NodeStore nodes = nodeOf(otto, nina.jid());
    nodes.affiliate(
        otto.id(), "n", Map.of(kim.jid().jid(), Optional.of(Affiliation.MEMBER)), Bounds.USUAL);

    Account newcomer = samples.account("nina@chat.example");
    commit(
        store,
        guard(store, nina.id()),
        new CredentialChange.PutAccount(nina.withStatus(AccountStatus.DELETED)),
        new CredentialChange.PutAccount(newcomer));

    Node left = nodes.find(otto.id(), "n").orElseThrow();
    assertThat(left.affiliations()).containsOnlyKeys(kim.jid().jid());
    assertThat(left.subscribers()).isEmpty();
  }

  @Test
  void whatWasAllowedAnotherStays() {
    Account otto = account("otto@chat.example", AccountStatus.ACTIVE);
    Account old = account("nina@chat.example", AccountStatus.ACTIVE);
    delete(old);
    Account nina = account("nina@chat.example", AccountStatus.DISABLED);
    Node before = nodeOf(otto, nina.jid()).find(otto.id(), "n").orElseThrow();

    delete(old); // again
    store.commit(
        List.of(
            new CredentialChange.RequireVersion(nina.id(), 99),
            new CredentialChange.PutAccount(nina.withStatus(AccountStatus.DELETED))));

    assertThat(store.nodes().find(otto.id(), "n")).contains(before);
    delete(nina);
    assertThat(store.nodes().find(otto.id(), "n").orElseThrow().affiliations()).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 60", rule = "who was only invited is known to nobody")
  void anInvitationThatLapsesTakesNothingOffAList() {
    Account otto = account("otto@chat.example", AccountStatus.ACTIVE);
    Account invited = account("nina@chat.example", AccountStatus.RESERVED);
    Node before = nodeOf(otto, invited.jid()).find(otto.id(), "n").orElseThrow();

    delete(invited);

    assertThat(store.nodes().find(otto.id(), "n")).contains(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 256})
  void searchesAnIndexHoweverManyAreAskedFor(int size) throws SQLException {
    String query =
        size == 0 ? JdbcAccountDirectory.BY_ADDRESS : JdbcAccountDirectory.byAddresses(size);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + open.folder().database());
        Statement statement = connection.createStatement();
        ResultSet plan = statement.executeQuery("EXPLAIN QUERY PLAN " + query)) {
      List<String> steps = new ArrayList<>();
      while (plan.next()) {
        steps.add(plan.getString("detail"));
      }
      assertThat(steps)
          .anyMatch(step -> step.startsWith("SEARCH account USING INDEX account_address"))
          .noneMatch(step -> step.startsWith("SCAN account"));
    }
  }
}
