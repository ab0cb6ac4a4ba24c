// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two people come and go on all their devices at once.
@Timeout(120)
class PresenceStormTest {
  private static final int ROUNDS = 40;
  private static final int STEPS = 25;
  private static final int DEVICES = 3;
  private static final String GONE = "unavailable";

  private final SeededRandom random = SeededRandom.announced();
  private final ChatDomain domain = new ChatDomain("nina", "omar");

  /// One device on a thread of its own.
  private static final class Device {
    final ChatDomain.Client client;
    final SeededRandom random;

    /// What it said of itself last: a word of its own, or that it is gone.
    String said = GONE;

    Device(ChatDomain.Client client, SeededRandom random) {
      this.client = client;
      this.random = random;
    }

    /// @param round names what is said
    /// @return when all have come and gone, and this one is there
    boolean storm(CyclicBarrier all, int round) throws Exception {
      all.await();
      for (int step = 0; step < STEPS; step++) {
        says(random.nextInt(3) == 0 ? GONE : round + "." + step);
      }
      if (said.equals(GONE)) {
        says(round + ".last");
      }
      return true;
    }

    void says(String what) {
      said = what;
      client.says(
          what.equals(GONE)
              ? "<presence type='unavailable'/>"
              : "<presence><status>%s</status></presence>".formatted(what));
    }

    /// What it heard of everybody last since it has been there without a break.
    Map<String, String> knows() {
      Map<String, String> known = new HashMap<>();
      for (Element presence : client.takes("presence")) {
        String from = presence.attribute("from").orElseThrow();
        if (presence.attribute("type").isEmpty()) {
          known.put(
              from,
              presence.child("status", presence.namespace()).map(Element::text).orElse("nothing"));
        } else if (from.equals(client.jid().toString())) {
          known.clear();
        } else {
          known.remove(from);
        }
      }
      return known;
    }
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "4",
      rule = "what a device knows of another last is what that one said last, whoever else speaks")
  void whatIsKnownLastIsWhatWasSaidLast() throws Exception {
    domain.befriend(domain.online("nina", "first"), domain.online("omar", "first"));
    List<Device> devices = new ArrayList<>();
    for (String name : List.of("nina", "omar")) {
      for (int device = 0; device < DEVICES; device++) {
        devices.add(
            new Device(
                domain.connect(name, "device" + device), new SeededRandom(random.nextLong())));
      }
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < ROUNDS; round++) {
        storm(threads, devices, round);
      }
    }
  }

  private static void storm(ExecutorService threads, List<Device> devices, int round)
      throws Exception {
    CyclicBarrier all = new CyclicBarrier(devices.size());
    List<Future<Boolean>> storms = new ArrayList<>();
    for (Device device : devices) {
      storms.add(threads.submit(() -> device.storm(all, round)));
    }
    for (Future<Boolean> storm : storms) {
      assertThat(storm.get(30, TimeUnit.SECONDS)).isTrue();
    }
    Map<String, String> said = new HashMap<>();
    devices.forEach(device -> said.put(device.client.jid().toString(), device.said));
    for (Device device : devices) {
      assertThat(device.knows())
          .as("round %d, %s", round, device.client)
          .containsAllEntriesOf(said);
    }
    devices.forEach(device -> device.says(GONE));
  }
}
