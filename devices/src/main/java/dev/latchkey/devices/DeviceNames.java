// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import rocks.xmpp.precis.PrecisProfiles;

/// The names of devices (rule 26): 1 to 64 code points, PRECIS Nickname (RFC 8266), unique among an
/// account's devices that are not revoked.
final class DeviceNames {
  private static final int LONGEST = 64;

  private DeviceNames() {}

  /// Prepares a name, if it is one.
  static Optional<String> prepare(String wished) {
    // Before the profile: what it does to a text grows with its length.
    if (wished.length() > 4 * LONGEST) {
      return Optional.empty();
    }
    try {
      String name = PrecisProfiles.NICKNAME.enforce(wished);
      int length = name.codePointCount(0, name.length());
      return length >= 1 && length <= LONGEST && name.codePoints().noneMatch(DeviceNames::misleads)
          ? Optional.of(name)
          : Optional.empty();
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
  }

  /// Whether it is to be seen at all, or turns the text around it: controls, formats (the bidi
  /// controls among them), halves of characters, line ends. The profile leaves some of them to the
  /// version of Unicode it was made with.
  static boolean misleads(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /// The name, or the first of "name (2)", "name (3)", … that no other device has.
  static String unique(String name, AccountSnapshot account) {
    Set<String> taken =
        account.devices().stream()
            .filter(device -> device.status() != DeviceStatus.REVOKED)
            .map(Device::name)
            .map(DeviceNames::compared)
            .collect(Collectors.toUnmodifiableSet());
    String candidate = name;
    for (int i = 2; taken.contains(compared(candidate)); i++) {
      String suffix = " (" + i + ")";
      candidate = shortened(name, LONGEST - suffix.length()) + suffix;
    }
    return candidate;
  }

  /// Names that look alike are one name.
  private static String compared(String name) {
    return PrecisProfiles.NICKNAME.toComparableString(name);
  }

  private static String shortened(String name, int codePoints) {
    return name.codePointCount(0, name.length()) <= codePoints
        ? name
        : name.substring(0, name.offsetByCodePoints(0, codePoints)).stripTrailing();
  }
}
