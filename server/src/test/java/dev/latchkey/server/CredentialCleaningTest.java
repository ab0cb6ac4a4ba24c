// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.InMemoryCredentialStore;
import dev.latchkey.credential.Samples;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CredentialCleaningTest {
  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);
  private final ManualClock clock = new ManualClock();
  private final InMemoryCredentialStore store = new InMemoryCredentialStore();

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "A token is told from one that never was until its date, and for a week after it")
  void removesTokensAndKeysAWeekAfterTheirDate() {
    Account account = samples.account("nina@chat.example");
    Device device = samples.device(account.id());
    List<Credential> all =
        Stream.of(samples.fast(), samples.clientKey(), samples.authToken())
            .map(
                verifier ->
                    new Credential(
                        CredentialId.draw(random),
                        account.id(),
                        Optional.of(device.id()),
                        CredentialStatus.SUPERSEDED,
                        1,
                        clock.instant(),
                        Optional.of(clock.instant().plus(Duration.ofDays(21))),
                        verifier))
            .toList();
    List<CredentialChange> made = new ArrayList<>();
    made.add(new CredentialChange.PutAccount(account));
    made.add(new CredentialChange.PutDevice(device));
    all.forEach(credential -> made.add(new CredentialChange.PutCredential(credential)));
    assertThat(store.commit(made)).isEqualTo(new Commit.Committed());
    CredentialCleaning cleaning = new CredentialCleaning(store, clock);

    clock.advance(Duration.ofDays(28));
    cleaning.run();
    assertThat(store.find(account.id()).orElseThrow().credentials()).containsExactlyElementsOf(all);
    clock.advance(Duration.ofNanos(1));
    cleaning.run();
    assertThat(store.find(account.id()).orElseThrow().credentials()).isEmpty();
  }
}
