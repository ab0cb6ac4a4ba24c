// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What a measurement needs while it runs and nothing is left of: a folder, and an event loop for
/// clients without the kit; one for all, so that both ends of a pair are on it.
final class Scratch implements AutoCloseable {
  private final Path folder;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /// With an empty folder.
  static Scratch make() throws IOException {
    return new Scratch(Files.createTempDirectory("latchkey-bench-"));
  }

  Path folder() {
    return folder;
  }

  EventLoopGroup loop() {
    return loop;
  }

  /// Ends the loop and removes the folder with all that is in it.
  @Override
  public void close() throws IOException {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
