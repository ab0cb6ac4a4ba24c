// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the operator's commands. Thread-safe; one request a connection, each on a virtual thread.
///
/// SECURITY: who may ask is decided by the kernel's word about the caller's user, not by who
/// reaches the socket's path.
public final class AdminSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminSocket.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /// sun_path of Linux has 108 octets, the last one a NUL.
  private static final int LONGEST_PATH = 107;

  private static final int LONGEST_REQUEST = 65_536;
  private static final int CONNECTIONS = 32;
  private static final Duration TIME_TO_ASK = Duration.ofSeconds(10);

  /// How long nobody is taken after that failed.
  private static final Duration PAUSE = Duration.ofMillis(100);

  /// Takes whoever calls next.
  @FunctionalInterface
  interface Acceptance {
    SocketChannel next(ServerSocketChannel listener) throws IOException;
  }

  private final Path path;
  private final ServerSocketChannel listener;
  private final Acceptance acceptance;
  private final Duration pause;
  private final List<AdminCommand> commands;
  private final Predicate<UserPrincipal> allowed;
  private final Semaphore free = new Semaphore(CONNECTIONS);
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("admin-watch").factory());

  private AdminSocket(
      Path path,
      ServerSocketChannel listener,
      Acceptance acceptance,
      Duration pause,
      List<AdminCommand> commands,
      Predicate<UserPrincipal> allowed) {
    this.path = path;
    this.listener = listener;
    this.acceptance = acceptance;
    this.pause = pause;
    this.commands = List.copyOf(commands);
    this.allowed = allowed;
  }

  /// Makes the socket and starts to serve. Its folder is made with mode 0700 if it is not there; a
  /// socket that nobody answers on is replaced.
  ///
  /// @throws IOException with a sentence for the operator, if that cannot be done
  public static AdminSocket open(Path path, List<AdminCommand> commands) throws IOException {
    return open(path, commands, ServerSocketChannel::accept, PAUSE);
  }

  /// Makes one that takes its callers otherwise.
  ///
  /// @param pause how long nobody is taken after that failed
  static AdminSocket open(
      Path path, List<AdminCommand> commands, Acceptance acceptance, Duration pause)
      throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new IOException(
          "\"%s\" is too long for a socket (%d bytes at most): give a shorter folder with --run-dir."
              .formatted(path, LONGEST_PATH));
    }
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    removeStale(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      UserPrincipal self = Files.getOwner(path);
      UserPrincipal root =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root");
      AdminSocket socket =
          new AdminSocket(
              path,
              listener,
              acceptance,
              pause,
              commands,
              user -> user.equals(self) || user.equals(root));
      Thread.ofVirtual().name("admin-socket").start(socket::accept);
      return socket;
    } catch (IOException refused) {
      listener.close();
      throw refused;
    }
  }

  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobody) {
      Files.deleteIfExists(path);
      return;
    }
    throw new IOException(
        "\"%s\" is answered by a server that runs: stop it, or give another folder with --run-dir."
            .formatted(path));
  }

  private void accept() {
    boolean told = false;
    while (listener.isOpen()) {
      try {
        take(acceptance.next(listener));
        told = false;
      } catch (IOException broken) {
        if (listener.isOpen() && !told) {
          // Mostly because the process may open no more files, which passes.
          LOG.error("operator commands cannot be taken at present; tried again", broken);
          told = true;
        }
        LockSupport.parkNanos(pause.toNanos());
      }
    }
  }

  private void take(SocketChannel caller) throws IOException {
    if (free.tryAcquire()) {
      Thread.ofVirtual().name("admin-request").start(() -> serveAndRelease(caller));
    } else {
      caller.close();
    }
  }

  private void serveAndRelease(SocketChannel caller) {
    try (caller) {
      serve(caller);
    } catch (IOException | UncheckedIOException gone) {
      LOG.debug("an operator's command went away", gone);
    } finally {
      free.release();
    }
  }

  private void serve(SocketChannel caller) throws IOException {
    ScheduledFuture<?> patience = closeAfter(caller, TIME_TO_ASK);
    byte[] line;
    try {
      line = readLine(caller);
    } catch (AsynchronousCloseException tooSlow) {
      return;
    } finally {
      patience.cancel(false);
    }
    // After the request was read: closing a UNIX socket with unread data makes the peer lose our
    // answer.
    UserPrincipal user = caller.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!allowed.test(user)) {
      LOG.warn("user {} may not use the admin socket", user.getName());
      write(
          caller,
          end(
              1,
              "user %s may not do this: only root and the user of the server may."
                  .formatted(user.getName())));
      return;
    }
    JsonLine last = run(line, caller);
    ScheduledFuture<?> limit = closeAfter(caller, TIME_TO_ASK);
    try {
      write(caller, last);
    } finally {
      limit.cancel(false);
    }
  }

  private ScheduledFuture<?> closeAfter(SocketChannel caller, Duration time) {
    return watch.schedule(
        () -> {
          try {
            caller.close();
          } catch (IOException broken) {
            LOG.debug("closing an operator's command failed", broken);
          }
        },
        time.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /// Runs a request.
  ///
  /// @return the last line
  private JsonLine run(byte[] line, SocketChannel caller) throws IOException {
    try {
      ObjectNode request = parse(line);
      JsonNode name = request.path("command");
      AdminCommand command =
          commands.stream()
              .filter(known -> known.name().equals(name.textValue()))
              .findAny()
              .orElseThrow(
                  () ->
                      AdminException.usage(
                          "the server knows no command %s: it may be older than this command line"
                              .formatted(name)));
      Set<String> fields = command.fields();
      for (String field : (Iterable<String>) request::fieldNames) {
        if (!field.equals("command") && !fields.contains(field)) {
          throw AdminException.usage("%s takes no %s".formatted(command.name(), field));
        }
      }
      ScheduledFuture<?> limit = closeAfter(caller, command.patience());
      try {
        command
            .handler()
            .run(
                new AdminRequest(request),
                answer -> {
                  try {
                    write(caller, answer);
                  } catch (IOException gone) {
                    throw new UncheckedIOException(gone);
                  }
                });
      } finally {
        limit.cancel(false);
      }
      return new JsonLine().with("done", true);
    } catch (AdminException refused) {
      return end(refused.code(), String.valueOf(refused.getMessage()));
    } catch (UncheckedIOException gone) {
      throw gone;
    } catch (RuntimeException bug) {
      LOG.error("an operator's command failed", bug);
      return end(1, "the server failed at this: its log says why.");
    }
  }

  private static ObjectNode parse(byte[] line) throws AdminException {
    try {
      if (JSON.readTree(line) instanceof ObjectNode request) {
        return request;
      }
    } catch (JsonProcessingException notJson) {
      LOG.debug("not JSON", notJson);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    throw AdminException.usage("a request is one JSON object in a line");
  }

  private static JsonLine end(int code, String error) {
    return new JsonLine().with("error", error).with("code", code);
  }

  private static byte[] readLine(SocketChannel caller) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (line.size() <= LONGEST_REQUEST) {
      if (caller.read(buffer.clear()) < 0) {
        throw new IOException("the request ended before its line");
      }
      for (buffer.flip(); buffer.hasRemaining(); ) {
        byte octet = buffer.get();
        if (octet == '\n') {
          return line.toByteArray();
        }
        line.write(octet);
      }
    }
    throw new IOException("the request is longer than %d octets".formatted(LONGEST_REQUEST));
  }

  private static void write(SocketChannel caller, JsonLine line) throws IOException {
    ByteBuffer octets = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (octets.hasRemaining()) {
      caller.write(octets);
    }
  }

  /// Stops serving and removes the socket.
  @Override
  public void close() {
    watch.shutdownNow();
    try {
      listener.close();
      Files.deleteIfExists(path);
    } catch (IOException left) {
      LOG.warn("the admin socket could not be removed", left);
    }
  }
}
