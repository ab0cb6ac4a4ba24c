// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignIn;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.StoreCounters;
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

/// What a login asks of the store: one read of its account, which the proof is checked against and
/// the session registered with (rule 39), and a write only for what is consumed: a first use, or a
/// value of a counter.
final class StoreReadsIT {
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
  void readsTwiceForALoginByCertificate() throws Exception {
    var _ = server.enrol(server.invite(RunningServer.NINA), "phone");
    server.connect("phone").close(); // the first one writes that it was the first

    StoreCounters before = counters();
    server.connect("phone").close();

    assertCost(before, counters());
  }

  @Test
  void readsTwiceForALoginByPassword() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    MachineSecret password = MachineSecret.read(server.password(RunningServer.NINA)).orElseThrow();
    SignIn signIn =
        LatchkeyClient.withPassword(RunningServer.NINA, password.canonical())
            .server(known.server().orElseThrow())
            .pin(known.pin().orElseThrow())
            .in(server.environment());

    StoreCounters before = counters();
    signIn.connect().close();

    assertCost(before, counters());
  }

  @Test
  void readsTwiceForALoginByTokenAndWritesOnceIfItIsTheFirst() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    Held token =
        TokenPeer.ask(
            server,
            known,
            Secret.ofText(server.password(RunningServer.NINA)),
            HtVariant.HT_SHA_256_EXPR);

    StoreCounters before = counters();
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));
    StoreCounters between = counters();
    signIn(known, stream -> TokenPeer.byToken(stream, token, Peer.bind2()));

    assertCost(before, between, 1);
    assertCost(between, counters(), 0);
  }

  @Test
  void readsTwiceForALoginByTokenThatIsRenewedAndWritesOnce() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    Held token =
        TokenPeer.ask(
            server,
            known,
            Secret.ofText(server.password(RunningServer.NINA)),
            HtVariant.HT_SHA_256_EXPR);

    StoreCounters before = counters();
    signIn(
        known,
        stream ->
            TokenPeer.byToken(
                stream, token, Peer.bind2(), TokenPeer.request(HtVariant.HT_SHA_512_EXPR)));

    assertCost(before, counters(), 1);
  }

  @Test
  void readsTwiceForALoginByClientKeyAndWritesItsCounter() throws Exception {
    LoginUri known = server.invite(RunningServer.NINA);
    HeldClientKey key = TokenPeer.enrol(server, known);
    for (int counter = 0; counter < 3; counter++) {
      int value = counter;
      StoreCounters before = counters();
      signIn(known, stream -> TokenPeer.byKey(stream, key, value, Peer.bind2()));
      assertCost(before, counters(), 1);
    }
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

  private static void assertCost(StoreCounters before, StoreCounters after) {
    assertCost(before, after, 0);
  }

  private static void assertCost(StoreCounters before, StoreCounters after, int writes) {
    // The account once, and once what the archive holds for a client that binds by XEP-0386.
    assertThat(after.reads() - before.reads()).isEqualTo(2);
    assertThat(after.writes() - before.writes()).isEqualTo(writes);
    assertThat(after.transactions() - before.transactions()).isEqualTo(writes);
  }
}
