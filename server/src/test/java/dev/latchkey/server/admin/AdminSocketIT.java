// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.testkit.Tools;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminSocketIT {
  private static final List<AdminCommand> COMMANDS =
      List.of(
          new AdminCommand(
              "count",
              Set.of("to", "loud"),
              (request, lines) -> {
                int to = Integer.parseInt(request.required("to"));
                for (int i = 1; i <= to; i++) {
                  lines.accept(new JsonLine().with("n", i).with("loud", request.flag("loud")));
                }
              }),
          new AdminCommand(
              "refuse",
              Set.of(),
              (_, _) -> {
                throw AdminException.refused("not today.");
              }),
          new AdminCommand(
              "break",
              Set.of(),
              (_, _) -> {
                throw new IllegalStateException("secret detail");
              }));

  private Path folder;
  private Path path;
  private AdminSocket socket;

  // Not @TempDir: a socket's path is short.
  @BeforeEach
  void open() throws IOException {
    folder = Files.createTempDirectory("lk");
    path = folder.resolve("run/admin.sock");
    socket = AdminSocket.open(path, COMMANDS);
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    Files.deleteIfExists(path);
    Files.deleteIfExists(folder.resolve("run"));
    Files.deleteIfExists(folder);
  }

  @Test
  void takesCallersAgainAfterItCouldNot() throws Exception {
    AtomicInteger failures = new AtomicInteger(3);
    Path other = folder.resolve("run/other.sock");
    try (AdminSocket _ =
        AdminSocket.open(
            other,
            COMMANDS,
            listener -> {
              if (failures.getAndDecrement() > 0) {
                throw new IOException("Too many open files");
              }
              return listener.accept();
            },
            Duration.ofNanos(1))) {
      List<String> lines = new ArrayList<>();
      new AdminClient(other)
          .call(
              new JsonLine().with("command", "count").with("to", "1"),
              line -> lines.add(line.toString()));
      assertThat(lines).hasSize(1);
      assertThat(failures).hasNegativeValue();
    }
    assertThat(other).doesNotExist();
  }

  @Test
  void answersLinesThenTheEnd() throws Exception {
    List<String> lines = new ArrayList<>();
    new AdminClient(path)
        .call(
            new JsonLine().with("command", "count").with("to", "2").with("loud", true),
            line -> lines.add(line.toString()));
    assertThat(lines).containsExactly("{\"n\":1,\"loud\":true}", "{\"n\":2,\"loud\":true}");
    assertThat(raw("{\"command\":\"count\",\"to\":\"1\"}\n"))
        .isEqualTo("{\"n\":1,\"loud\":false}\n{\"done\":true}\n");
  }

  @Test
  void makesFolderAndSocketForItsUserAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  @Test
  void refusesAnotherUserEvenOneWhoReachesTheSocket() throws Exception {
    Path setpriv = Tools.program("setpriv", "util-linux");
    Path python = Tools.file(Path.of("/usr/bin/python3"), "python3");
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"), "only root can become somebody else");
    for (Path open : List.of(folder, path.getParent(), path)) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    Process process =
        new ProcessBuilder(
                setpriv.toString(),
                "--reuid=65534",
                "--clear-groups",
                python.toString(),
                "-c",
                """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                s.sendall(b'{"command":"count","to":"1"}\\n')
                print(s.makefile().read(), end="")
                """,
                path.toString())
            .redirectErrorStream(true)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(answer).isZero();
    assertThat(answer)
        .startsWith("{\"error\":\"user nobody may not do this")
        .contains("\"code\":1")
        .doesNotContain("\"n\":1");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    assertThat(raw("{\"command\":\"cuont\"}\n")).contains("no command \\\"cuont\\\"", "\"code\":2");
    assertThat(raw("{\"command\":\"count\",\"to\":\"1\",\"cascade\":true}\n"))
        .contains("count takes no cascade", "\"code\":2");
    assertThat(raw("{\"command\":\"count\"}\n")).contains("to is missing", "\"code\":2");
    assertThat(raw("{\"command\":\"count\",\"to\":1}\n")).contains("to is a text", "\"code\":2");
    assertThat(raw("{\"command\":\"count\",\"to\":\"1\",\"loud\":\"yes\"}\n"))
        .contains("loud is true or false", "\"code\":2");
    assertThat(raw("[]\n")).contains("one JSON object", "\"code\":2");
    assertThat(raw("count\n")).contains("one JSON object", "\"code\":2");
  }

  @Test
  void saysWhyACommandIsRefusedAndHidesABug() {
    assertThatThrownBy(() -> call("refuse"))
        .isInstanceOfSatisfying(
            AdminException.class, refused -> assertThat(refused.code()).isEqualTo(1))
        .hasMessage("not today.");
    assertThatThrownBy(() -> call("break"))
        .hasMessageContaining("its log says why")
        .hasMessageNotContaining("secret detail");
  }

  @Test
  void readsNoRequestWithoutEnd() throws IOException {
    assertThat(raw("x".repeat(70_000))).isEmpty();
  }

  @Test
  void replacesSocketThatNobodyAnswersOn() throws IOException {
    Path stale = folder.resolve("stale.sock");
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(stale));
    }
    assertThat(stale).exists();
    AdminSocket.open(stale, COMMANDS).close();
    assertThat(stale).doesNotExist();
  }

  @Test
  void leavesSocketOfARunningServerAlone() throws Exception {
    assertThatThrownBy(() -> AdminSocket.open(path, COMMANDS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is answered by a server that runs");
    call("count");
  }

  @Test
  void saysThatAPathIsTooLong() {
    assertThatThrownBy(() -> AdminSocket.open(folder.resolve("x".repeat(120)), COMMANDS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--run-dir");
  }

  @Test
  void saysThatNoServerRuns() {
    socket.close();
    assertThatThrownBy(() -> call("count"))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("no server runs");
    assertThatThrownBy(
            () ->
                new AdminClient(folder.resolve("absent/admin.sock")).call(new JsonLine(), _ -> {}))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("no server runs");
  }

  private List<JsonNode> call(String command) throws AdminException {
    List<JsonNode> lines = new ArrayList<>();
    JsonLine request = new JsonLine().with("command", command);
    new AdminClient(path)
        .call(command.equals("count") ? request.with("to", "1") : request, lines::add);
    return lines;
  }

  private String raw(String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      ByteBuffer octets = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      try {
        while (octets.hasRemaining()) {
          channel.write(octets);
        }
        return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException closedOnUs) {
        return "";
      }
    }
  }
}
