// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TouchesTest {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  private final Touches touches = new Touches();
  private final Device device =
      new Device(
          new DeviceId("dev-1"),
          new AccountId("acct-1"),
          "phone",
          DeviceStatus.ACTIVE,
          1,
          Permissions.NONE,
          Optional.empty(),
          Optional.empty(),
          DeviceOrigin.OPERATOR,
          false,
          NOW,
          Optional.of(NOW));

  @Test
  void changesNothingWhileNothingIsHeld() {
    assertThat(touches.isWaiting()).isFalse();
    assertThat(touches.view().on(device)).isSameAs(device);
  }

  @Test
  void showsTheLatest() {
    touches.add(device.id(), NOW.plusSeconds(2));
    touches.add(device.id(), NOW.plusSeconds(1));
    assertThat(touches.view().on(device).lastSeen()).contains(NOW.plusSeconds(2));
    touches.add(new DeviceId("dev-2"), NOW.plusSeconds(9));
    assertThat(touches.view().on(device).lastSeen()).contains(NOW.plusSeconds(2));
  }

  @Test
  void neverShowsLessThanTheRow() {
    touches.add(device.id(), NOW.minusSeconds(1));
    assertThat(touches.view().on(device).lastSeen()).contains(NOW);
  }

  @Test
  void holdsWhatIsBeingWrittenUntilItIs() {
    touches.add(device.id(), NOW.plusSeconds(1));
    Touches.View before = touches.view();
    assertThat(touches.begin()).isEqualTo(Map.of(device.id(), NOW.plusSeconds(1)));
    assertThat(touches.isWaiting()).isTrue();
    assertThat(touches.view().on(device).lastSeen()).contains(NOW.plusSeconds(1));
    touches.written();
    assertThat(touches.isWaiting()).isFalse();
    assertThat(before.on(device).lastSeen()).contains(NOW.plusSeconds(1));
  }

  @Test
  void writesAgainWhatCouldNotBeWritten() {
    touches.add(device.id(), NOW.plusSeconds(1));
    touches.begin();
    touches.add(device.id(), NOW.plusSeconds(3));
    assertThat(touches.begin()).isEqualTo(Map.of(device.id(), NOW.plusSeconds(3)));
    touches.add(new DeviceId("dev-2"), NOW);
    touches.written();
    assertThat(touches.begin()).isEqualTo(Map.of(new DeviceId("dev-2"), NOW));
  }
}
