// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import dev.latchkey.credential.Bytes;
import dev.latchkey.store.MasterKeyRotation;
import dev.latchkey.store.StoreException;
import dev.latchkey.store.folder.DataFolderException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/// The command `rotate-master-key`.
final class RotateMasterKey implements AdminCommand.Handler {
  private final Function<LongConsumer, Optional<MasterKeyRotation.Rotated>> rotation;

  RotateMasterKey(Function<LongConsumer, Optional<MasterKeyRotation.Rotated>> rotation) {
    this.rotation = rotation;
  }

  @Override
  public void run(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    MasterKeyRotation.Rotated rotated =
        rotated(new Progress(lines))
            .orElseThrow(
                () ->
                    AdminException.refused(
                        "the master key is being rotated already: wait for it."));
    lines.accept(
        new JsonLine()
            .with("key", rotated.key().toHex())
            .with("resealed", rotated.resealed())
            .withTexts("removed", rotated.removed().stream().map(Bytes::toHex).toList()));
    for (String left : rotated.left()) {
      lines.accept(new JsonLine().with("note", "the old key stays, because " + left + "."));
    }
    lines.accept(
        new JsonLine()
            .with(
                "note",
                "master.key has changed: keep a copy of it, apart from the backups. Backups from"
                    + " before need the key from before, or make a new one now."));
  }

  private Optional<MasterKeyRotation.Rotated> rotated(LongConsumer progress) throws AdminException {
    try {
      return rotation.apply(progress);
    } catch (DataFolderException refused) {
      throw AdminException.refused(String.valueOf(refused.getMessage()));
    } catch (StoreException | UncheckedIOException failed) {
      throw AdminException.refused(
          "%s. The old key stays in master.key, and everything is readable: mend that (it needs as much free room again as latchkey.db has), then run this again."
              .formatted(sentence(failed)));
    }
  }

  private static String sentence(RuntimeException failed) {
    Throwable cause = failed.getCause();
    return cause == null
        ? String.valueOf(failed.getMessage())
        : failed.getMessage() + ": " + cause.getMessage();
  }

  /// Tells now and then how far it is. Who asked may be gone; it is done all the same.
  private static final class Progress implements LongConsumer {
    private static final long STEP = 10_000;

    private final Consumer<JsonLine> lines;
    private long next = STEP;

    Progress(Consumer<JsonLine> lines) {
      this.lines = lines;
    }

    @Override
    public void accept(long resealed) {
      if (resealed >= next) {
        next = resealed + STEP;
        try {
          lines.accept(new JsonLine().with("note", resealed + " values are sealed anew ..."));
        } catch (UncheckedIOException gone) {
          next = Long.MAX_VALUE;
        }
      }
    }
  }
}
