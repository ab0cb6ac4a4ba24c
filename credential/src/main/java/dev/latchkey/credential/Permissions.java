// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/// The flags of a device, or those that a code will give.
///
/// @param flags which
@Immutable
@SuppressWarnings("Immutable") // Set.copyOf
public record Permissions(Set<Permission> flags) {
  /// None: what a bot gets.
  public static final Permissions NONE = new Permissions(Set.of());

  /// All: what an operator's code gives.
  public static final Permissions ALL = new Permissions(EnumSet.allOf(Permission.class));

  /// Copies.
  public Permissions {
    flags = Set.copyOf(flags);
  }

  /// Exactly these.
  public static Permissions of(Permission... flags) {
    return new Permissions(Set.of(flags));
  }

  /// Exactly these.
  public static Permissions of(Collection<Permission> flags) {
    return new Permissions(Set.copyOf(flags));
  }

  /// Whether the flag is among them.
  public boolean allow(Permission flag) {
    return flags.contains(flag);
  }

  /// Those that both have: a child never gets a flag its parent lacks.
  public Permissions and(Permissions other) {
    EnumSet<Permission> both = EnumSet.noneOf(Permission.class);
    both.addAll(flags);
    both.retainAll(other.flags);
    return new Permissions(both);
  }
}
