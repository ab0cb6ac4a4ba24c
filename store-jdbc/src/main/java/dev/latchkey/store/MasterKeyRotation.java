// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.store.folder.MasterKeyFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Puts a new master key in the place of the old one while the server runs.
///
/// The new key is written into the key file before anything is sealed with it, and the old one
/// leaves the file after nothing needs it any more, and nothing is left in the database's files
/// that it opens; so everything is readable whenever the machine stops, and the next rotation
/// finishes what one left undone. Thread-safe; one runs at a time, and none while a backup is
/// written.
public final class MasterKeyRotation {
  private final Path keyFile;
  private final AesGcmSealer sealer;
  private final RandomGenerator random;
  private final SealedRows rows;
  private final List<SealedValues> values;
  private final Waypoints waypoints;
  private final ReentrantLock running = new ReentrantLock();

  /// @param keyFile where the keys are
  /// @param sealer seals everything, under the keys of that file
  /// @param random a source of secrets
  /// @param store whose database is sealed
  /// @param others all else that is sealed
  /// @param waypoints where tests step in
  public MasterKeyRotation(
      Path keyFile,
      AesGcmSealer sealer,
      RandomGenerator random,
      JdbcCredentialStore store,
      List<SealedValues> others,
      Waypoints waypoints) {
    this.keyFile = keyFile;
    this.sealer = sealer;
    this.random = random;
    this.rows = store.sealed();
    this.values = Stream.concat(Stream.of(rows), others.stream()).toList();
    this.waypoints = waypoints;
  }

  /// What was done.
  ///
  /// @param key the id of the key in use now
  /// @param resealed how many values were sealed anew
  /// @param removed the ids of the keys that are gone
  /// @param left what still needs an older key, in words for the operator; then none is gone
  public record Rotated(Bytes key, long resealed, List<Bytes> removed, List<String> left) {
    /// Copies.
    public Rotated {
      removed = List.copyOf(removed);
      left = List.copyOf(left);
    }
  }

  /// Rotates; returns when the old key is gone.
  ///
  /// @param progress is told how many values have been sealed anew in all
  /// @return nothing if another rotation is running
  /// @throws dev.latchkey.store.folder.DataFolderException if the key file cannot be read or
  ///   written, or is not the one that the key in use is in; then it is as it was
  /// @throws StoreException if the database fails; the old keys stay, and everything is readable
  public Optional<Rotated> run(LongConsumer progress) {
    if (!running.tryLock()) {
      return Optional.empty();
    }
    try {
      return Optional.of(rows.alone(() -> rotate(progress)));
    } finally {
      running.unlock();
    }
  }

  private Rotated rotate(LongConsumer progress) {
    List<MasterKey> older = MasterKeyFile.readAgain(keyFile, sealer.keys().getFirst());
    MasterKey key = MasterKey.draw(random);
    MasterKeyFile.write(keyFile, Stream.concat(Stream.of(key), older.stream()).toList());
    waypoints.reached(Waypoint.MASTER_KEY_ADDED);
    sealer.sealWith(key);
    long[] all = {0};
    LongConsumer step =
        more -> {
          all[0] += more;
          if (more > 0) {
            progress.accept(all[0]);
          }
        };
    for (SealedValues each : values) {
      // Through all of it again, until nothing is met that needs an older key.
      while (each.reseal(step) > 0) {
        waypoints.reached(Waypoint.RESEALED);
      }
    }
    List<String> left = values.stream().flatMap(each -> each.left().stream()).toList();
    if (left.isEmpty()) {
      waypoints.reached(Waypoint.ALL_RESEALED);
      rows.sweep();
      waypoints.reached(Waypoint.BEFORE_MASTER_KEY_REMOVAL);
      MasterKeyFile.write(keyFile, List.of(key));
    }
    return new Rotated(
        key.id(),
        all[0],
        left.isEmpty() ? older.stream().map(MasterKey::id).toList() : List.of(),
        left);
  }
}
