// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignIn;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.StoreCounters;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a login asks of the store: at most one read of its account, which the proof is checked
/// against and the session registered with (rule 39), and a write only for what is consumed: a
/// first use, or a value of a counter. Who comes back and can prove it is remembered.
final class StoreReadsIT {
  private static final AccountJid OLAF = new AccountJid("olaf", RunningServer.DOMAIN);

  private final AtomicReference<@Nullable CredentialStore> store = new AtomicReference<>();
  private RunningServer server;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    server =
        RunningServer.in(
            folder,
            seams ->
                seams.withSignInView(
                    seen -> {
                      store.set(seen);
                      return seen;
                    }),
            whole -> whole);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void readsItsAccountForALoginByCertificateUnlessItIsRemembered() throws Exception {
    var _ = server.enrol(server.invite(RunningServer.NINA), "phone");
    server.connect("phone").close(); // the first one writes that it was the first

    StoreCounters before = counters();
    server.connect("phone").close();
    StoreCounters between = counters();
    server.connect("phone").close();

    assertCost(before, between, 1, 0);
    assertCost(between, counters(), 0, 0);
  }

  @Test
  void readsItsAccountForALoginByPassword() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    MachineSecret password = MachineSecret.read(server.password(RunningServer.NINA)).orElseThrow();
    SignIn signIn =
        LatchkeyClient.withPassword(RunningServer.NINA, password.canonical())
            .server(known.server().orElseThrow())
            .pin(known.pin().orElseThrow())
            .in(server.environment());

    signIn.connect().close();
    StoreCounters before = counters();
    signIn.connect().close();

    assertCost(before, counters(), 1, 0); // what it hears first, no stranger may hear sooner
  }

  @Test
  void readsItsAccountForALoginByTokenUnlessItIsRememberedAndWritesIfItIsTheFirst()
      throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    Held token = token(known);

    StoreCounters before = counters();
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));
    StoreCounters second = counters();
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));
    StoreCounters third = counters();
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));

    assertCost(before, second, 2, 1);
    assertCost(second, third, 1, 0);
    assertCost(third, counters(), 0, 0);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "what would wait costs a stranger the same, whether there is anybody it waits for")
  void aMessageToNobodyWaitsForTheDiskAsOneToSomebody() throws Exception {
    var _ = server.enrol(server.invite(RunningServer.NINA), "phone");
    var _ = server.invite(OLAF);
    try (LatchkeyClient nina = server.connect("phone")) {
      say(nina, OLAF); // what is read of her own once is read
      StoreCounters before = counters();
      say(nina, OLAF);
      StoreCounters between = counters();
      say(nina, new AccountJid("nobody", RunningServer.DOMAIN));

      long reads = between.reads() - before.reads();
      assertThat(reads).isPositive();
      assertCost(before, between, Math.toIntExact(reads), 1);
      assertCost(between, counters(), Math.toIntExact(reads), 1);
    }
  }

  /// Something that waits and that no archive keeps, and an answer behind it.
  private static void say(LatchkeyClient sender, AccountJid to) {
    sender.send(receipt(to));
    sender.ping();
  }

  private static Element receipt(AccountJid to) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("to", to.toString())
        .attribute("type", "chat")
        .child("received", "urn:xmpp:receipts")
        .build();
  }

  @Test
  void readsItsAccountForALoginByTokenThatIsRenewedAndWritesOnce() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    Held token = token(known);

    StoreCounters before = counters();
    signIn(
        known,
        stream ->
            TokenPeer.byToken(
                stream, token, Peer.bind2(), TokenPeer.request(HtVariant.HT_SHA_512_EXPR)));

    assertCost(before, counters(), 2, 1);
  }

  @Test
  void readsItsAccountForALoginByClientKeyAndWritesItsCounter() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    HeldClientKey key = TokenPeer.enrol(server, known);
    signIn(known, stream -> TokenPeer.byKey(stream, key, 0, Peer.bind2()));
    for (int counter = 1; counter < 4; counter++) {
      int value = counter;
      StoreCounters before = counters();
      signIn(known, stream -> TokenPeer.byKey(stream, key, value, Peer.bind2()));
      assertCost(before, counters(), 1, 1);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 5",
      rule = "the same work for unknown and wrong, whoever is remembered")
  void readsOnceForWhoeverIsRefused() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    Held token = token(known);
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2())); // now remembered
    Held wrong = new Held(token.variant(), Secret.ofText("no such token"), token.agent());
    for (int i = 0; i < 3; i++) {
      StoreCounters before = counters();
      try (ClientStream stream = server.stream(known, Optional.empty())) {
        assertThat(TokenPeer.byToken(stream, wrong)).isInstanceOf(SaslOutcome.Failed.class);
      }
      StoreCounters after = counters();
      assertThat(after.reads() - before.reads()).isEqualTo(1);
      assertThat(after.writes() - before.writes()).isZero();
    }
  }

  private Held token(LoginUri known) throws Exception {
    return TokenPeer.ask(
        server,
        known,
        Secret.ofText(server.password(RunningServer.NINA)),
        HtVariant.HT_SHA_256_EXPR);
  }

  private void signIn(LoginUri known, Function<ClientStream, SaslOutcome> how) throws Exception {
    try (ClientStream stream = server.stream(known, Optional.empty())) {
      assertThat(TokenPeer.success(how.apply(stream)).child("bound", Namespaces.BIND2)).isPresent();
      var _ = stream.features();
    }
  }

  private StoreCounters counters() {
    return ((JdbcCredentialStore) Objects.requireNonNull(store.get())).counters();
  }

  private static void assertCost(StoreCounters before, StoreCounters after, int reads, int writes) {
    assertThat(after.reads() - before.reads()).isEqualTo(reads);
    assertThat(after.writes() - before.writes()).isEqualTo(writes);
    assertThat(after.transactions() - before.transactions()).isEqualTo(writes);
  }
}
