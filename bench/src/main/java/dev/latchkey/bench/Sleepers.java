// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.backend.ChatStores;
import dev.latchkey.xmpp.backend.DomainServices;
import dev.latchkey.xmpp.backend.EmbeddedBackend;
import dev.latchkey.xmpp.session.ManagementPolicy;
import dev.latchkey.xmpp.session.ResourceRules;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.SessionRegistry;
import dev.latchkey.xmpp.stream.StreamLog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The sessions of an embedded chat domain over connections that are played: what they hold while
/// their clients are away.
final class Sleepers implements AutoCloseable {
  private static final Domain DOMAIN = new Domain(MeasuredServer.DOMAIN);

  /// Sessions of one account.
  private static final int EACH = 10;

  /// Accounts that are made in one transaction.
  private static final int BATCH = 1_000;

  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock = InstantSource.system();
  private final DataFolder folder;
  private final JdbcCredentialStore store;
  private final EmbeddedBackend chat;
  private final SessionRegistry registry;

  private Sleepers(Path path, int count) throws IOException {
    folder = DataFolder.open(path);
    store =
        JdbcCredentialStore.open(
            folder, new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random));
    chat =
        new EmbeddedBackend(
            Set.of(DOMAIN),
            new ChatStores(
                store.directory(),
                store.rosters(),
                store.blocks(),
                store.messages(random),
                store.nodes(),
                store.privates()),
            new DomainServices("bench", Map.of(), Map.of(), clock),
            new Room(1_000, 1L << 24, 1L << 30),
            clock,
            random,
            Runnable::run);
    registry =
        new SessionRegistry(
            StreamLog.NONE,
            clock,
            random,
            Runnable::run,
            new ManagementPolicy(Duration.ofHours(1), 1_000, 1 << 20, EACH, count, Long.MAX_VALUE));
  }

  /// Opens an empty domain.
  ///
  /// @param path a folder for its database
  /// @param count how many may sleep
  static Sleepers open(Path path, int count) throws IOException {
    return new Sleepers(path, count);
  }

  /// Lets sessions lose their connections, and hands each some messages.
  void fallAsleep(int count, int stanzas) {
    List<CredentialChange> batch = new ArrayList<>();
    List<Account> accounts = new ArrayList<>();
    for (int i = 0; i * EACH < count; i++) {
      Account account =
          new Account(
              AccountId.draw(random),
              new AccountJid("sleeper-" + i, DOMAIN),
              AccountStatus.ACTIVE,
              0,
              clock.instant());
      accounts.add(account);
      batch.add(new CredentialChange.PutAccount(account));
      if (batch.size() == BATCH || (i + 1) * EACH >= count) {
        var _ = store.commit(batch);
        batch.clear();
      }
    }
    for (int i = 0; i < count; i++) {
      asleep(accounts.get(i / EACH), stanzas);
    }
    if (registry.sleepers() != count) {
      throw new IllegalStateException(registry.sleepers() + " sleep of " + count);
    }
  }

  private void asleep(Account account, int stanzas) {
    PlayedConnection connection = new PlayedConnection();
    Session session =
        registry
            .register(
                new SessionIdentity(
                    account.id(),
                    account.jid(),
                    DeviceId.draw(random),
                    0,
                    Optional.of(CredentialId.draw(random)),
                    "EXTERNAL"),
                connection,
                () -> {})
            .orElseThrow();
    var _ = registry.bind(session, Optional.empty(), new ResourceRules(Optional.empty(), Set.of()));
    session.start(chat, List.of());
    var _ =
        registry.enable(
            session,
            Element.named("enable", Namespaces.STREAM_MANAGEMENT)
                .attribute("resume", "true")
                .build(),
            true);
    connection.say(Element.empty("presence", Namespaces.CLIENT));
    connection.breakDown();
    for (int i = 0; i < stanzas; i++) {
      session.deliver(message(session.jid().toString(), i));
    }
  }

  /// About as long as a short chat message with what clients put beside it.
  private static Element message(String to, int number) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", "somebody@localhost/bench.0123456789abcdef")
        .attribute("to", to)
        .attribute("type", "chat")
        .attribute("id", "message-" + number + "-" + Instant.EPOCH)
        .child(Element.text("body", Namespaces.CLIENT, "Are you there? This is message " + number))
        .child("active", "http://jabber.org/protocol/chatstates")
        .build();
  }

  @Override
  public void close() {
    store.close();
    folder.close();
  }
}
