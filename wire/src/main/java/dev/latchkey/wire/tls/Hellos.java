// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the two hello messages of a handshake as they pass, in clear. They tell what the providers
/// do not: whether the session was resumed, and whether TLS 1.2 has its extended master secret,
/// without which nothing may be bound to the channel (RFC 9266 §4.2).
///
/// What is told counts only when the handshake has finished, which vouches for both messages. A
/// message that cannot be read tells nothing. Not thread-safe.
public final class Hellos {
  private static final int MOST = 65_536;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_HELLO = 2;
  private static final int SERVER_NAME = 0;
  private static final int APPLICATION_PROTOCOLS = 16;
  private static final int EXTENDED_MASTER_SECRET = 23;
  private static final int PRE_SHARED_KEY = 41;

  /// RFC 8446 §4.1.3: a ServerHello with this random is a HelloRetryRequest.
  private static final byte[] RETRY =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  private final Direction fromClient = new Direction(CLIENT_HELLO);
  private final Direction fromServer = new Direction(SERVER_HELLO);
  private byte[] clientSession = {};
  private Optional<String> serverName = Optional.empty();
  private Optional<List<String>> protocols = Optional.empty();
  private boolean extendedMasterSecret;
  private boolean resumed;

  /// Octets that the client sends.
  public void fromClient(ByteBuffer octets) {
    fromClient.feed(octets);
  }

  /// Octets that the server sends.
  public void fromServer(ByteBuffer octets) {
    fromServer.feed(octets);
  }

  /// Whether no more octets are needed.
  public boolean complete() {
    return fromClient.done && fromServer.done;
  }

  /// Whether the client named protocols by ALPN, and none of these.
  public boolean namesOnlyOthersThan(List<String> wanted) {
    return protocols.isPresent() && wanted.stream().noneMatch(protocols.get()::contains);
  }

  /// The name that the client asked for by SNI.
  Optional<String> serverName() {
    return serverName;
  }

  /// Whether the server agreed to an extended master secret (RFC 7627).
  boolean extendedMasterSecret() {
    return extendedMasterSecret;
  }

  /// Whether an earlier session goes on.
  boolean resumed() {
    return resumed;
  }

  /// @return whether that was the last one
  private boolean read(int type, ByteBuffer hello) {
    hello.getShort(); // the version that nobody means
    byte[] random = new byte[32];
    hello.get(random);
    byte[] session = new byte[hello.get() & 0xFF];
    hello.get(session);
    if (type == CLIENT_HELLO) {
      clientSession = session;
      skip(hello, hello.getShort() & 0xFFFF); // cipher suites
      skip(hello, hello.get() & 0xFF); // compression methods
    } else {
      if (Arrays.equals(random, RETRY)) {
        return false;
      }
      skip(hello, 3); // cipher suite, compression method
      // RFC 5246 §7.3, RFC 5077 §3.4: in TLS 1.2 the echo of the session id is the yes. TLS 1.3
      // always echoes it, and the pre-shared key is the yes.
      resumed = session.length > 0 && Arrays.equals(session, clientSession);
    }
    if (!hello.hasRemaining()) {
      return true;
    }
    boolean tls13 = false;
    boolean preShared = false;
    ByteBuffer extensions = part(hello, hello.getShort() & 0xFFFF);
    while (extensions.hasRemaining()) {
      int kind = extensions.getShort() & 0xFFFF;
      ByteBuffer body = part(extensions, extensions.getShort() & 0xFFFF);
      if (type == CLIENT_HELLO) {
        if (kind == SERVER_NAME && body.hasRemaining()) {
          serverName = name(body);
        } else if (kind == APPLICATION_PROTOCOLS) {
          protocols = Optional.of(protocols(body));
        }
      } else {
        extendedMasterSecret |= kind == EXTENDED_MASTER_SECRET;
        preShared |= kind == PRE_SHARED_KEY;
        tls13 |= kind == 43 && body.remaining() == 2 && body.getShort() == 0x0304;
      }
    }
    if (tls13) {
      resumed = preShared;
    }
    return true;
  }

  private static Optional<String> name(ByteBuffer body) {
    ByteBuffer list = part(body, body.getShort() & 0xFFFF);
    while (list.hasRemaining()) {
      int kind = list.get();
      ByteBuffer name = part(list, list.getShort() & 0xFFFF);
      if (kind == 0) {
        return Optional.of(
            StandardCharsets.US_ASCII.decode(name).toString().toLowerCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }

  private static List<String> protocols(ByteBuffer body) {
    List<String> protocols = new ArrayList<>();
    ByteBuffer list = part(body, body.getShort() & 0xFFFF);
    while (list.hasRemaining()) {
      ByteBuffer protocol = part(list, list.get() & 0xFF);
      protocols.add(StandardCharsets.ISO_8859_1.decode(protocol).toString());
    }
    return protocols;
  }

  private static ByteBuffer part(ByteBuffer from, int length) {
    if (length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer part = from.slice(from.position(), length);
    skip(from, length);
    return part;
  }

  private static void skip(ByteBuffer buffer, int length) {
    if (length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    buffer.position(buffer.position() + length);
  }

  /// One direction: records to handshake messages, up to the hello.
  private final class Direction {
    private final int wanted;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private int needed = 1;
    private boolean done;

    Direction(int wanted) {
      this.wanted = wanted;
    }

    void feed(ByteBuffer more) {
      if (done) {
        return;
      }
      byte[] copy = new byte[more.remaining()];
      more.get(more.position(), copy);
      octets.writeBytes(copy);
      if (octets.size() < needed) {
        return;
      }
      try {
        done = look(ByteBuffer.wrap(octets.toByteArray())) || octets.size() > MOST;
      } catch (BufferUnderflowException malformed) {
        done = true;
      }
      if (done) {
        octets.reset();
      }
    }

    private boolean look(ByteBuffer records) {
      ByteArrayOutputStream messages = new ByteArrayOutputStream();
      boolean last = false;
      while (records.remaining() >= 5) {
        int type = records.get(records.position());
        int length = records.getShort(records.position() + 3) & 0xFFFF;
        if (records.remaining() < 5 + length) {
          needed = records.position() + 5 + length;
          break;
        }
        if (type == 22) {
          byte[] fragment = new byte[length];
          records.get(records.position() + 5, fragment);
          messages.writeBytes(fragment);
        } else if (type != 20) {
          last = true; // an alert, or encrypted already: no hello will come behind it
          break;
        }
        skip(records, 5 + length);
      }
      if (records.remaining() < 5) {
        needed = records.position() + 5;
      }
      ByteBuffer all = ByteBuffer.wrap(messages.toByteArray());
      while (all.remaining() >= 4) {
        int head = all.getInt(all.position());
        if (all.remaining() < 4 + (head & 0xFFFFFF)) {
          break;
        }
        skip(all, 4);
        ByteBuffer body = part(all, head & 0xFFFFFF);
        if (head >>> 24 == wanted && read(wanted, body)) {
          return true;
        }
      }
      return last;
    }
  }
}
