// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SignIn;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.StoreCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a login asks of the store: once for the proof, once when its session is registered (rule
/// 39), and nothing that waits for the disk.
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

  private StoreCounters counters() {
    return ((JdbcCredentialStore) Objects.requireNonNull(store.get())).counters();
  }

  private static void assertCost(StoreCounters before, StoreCounters after) {
    // The account once, and once what the archive holds for a client that binds by XEP-0386.
    assertThat(after.reads() - before.reads()).isEqualTo(2);
    assertThat(after.writes() - before.writes()).isZero();
  }
}
