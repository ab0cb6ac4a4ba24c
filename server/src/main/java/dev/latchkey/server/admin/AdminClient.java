// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Asks the running server.
public final class AdminClient {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path socket;

  /// Will ask over the given socket.
  ///
  /// @param socket where the server listens
  public AdminClient(Path socket) {
    this.socket = socket;
  }

  /// Sends a request and hands over the answer's lines as they come.
  ///
  /// @param request what is asked, with `command`
  /// @throws AdminException if it is refused, or nobody answers
  public void call(JsonLine request, Consumer<JsonNode> lines) throws AdminException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
      BufferedReader answer =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      for (String line = answer.readLine(); line != null; line = answer.readLine()) {
        JsonNode node = JSON.readTree(line);
        if (node.has("error")) {
          throw AdminException.of(node.path("code").asInt(1), node.path("error").asText());
        }
        if (node.has("done")) {
          return;
        }
        lines.accept(node);
      }
      throw AdminException.refused("the server went away before it had answered: look at its log.");
    } catch (IOException failed) {
      throw AdminException.refused(sentence(failed));
    }
  }

  private String sentence(IOException failed) {
    Path folder = socket.toAbsolutePath().getParent();
    boolean forbidden =
        failed instanceof AccessDeniedException
            || String.valueOf(failed.getMessage()).contains("ermission denied")
            || (folder != null && Files.isDirectory(folder) && !Files.isExecutable(folder));
    if (forbidden) {
      return "\"%s\" may not be opened by user %s: only root and the user of the server may."
          .formatted(socket, System.getProperty("user.name"));
    }
    if (failed instanceof ConnectException || failed instanceof SocketException) {
      return "no server runs with this data folder (nobody answers on \"%s\"): start it with ./latchkey serve, or give its folder with --data."
          .formatted(socket);
    }
    return "the server could not be asked over \"%s\": %s".formatted(socket, failed.getMessage());
  }
}
