// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
  private static final int SUPPORTED_VERSIONS = 43;

  /// RFC 8446 §5.1: the types of records, and the length of what is before each.
  private static final int CHANGE_CIPHER_SPEC = 20;

  private static final int HANDSHAKE = 22;
  private static final int RECORD_HEADER = 5;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

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
    return protocols.isPresent() && Collections.disjoint(protocols.get(), wanted);
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
      int length = extensions.getShort() & 0xFFFF;
      if (type == CLIENT_HELLO && kind == SERVER_NAME && length > 0) {
        serverName = name(part(extensions, length));
      } else if (type == CLIENT_HELLO && kind == APPLICATION_PROTOCOLS) {
        protocols = Optional.of(protocols(part(extensions, length)));
      } else if (type == SERVER_HELLO && kind == SUPPORTED_VERSIONS && length == 2) {
        tls13 |= extensions.getShort() == 0x0304;
      } else {
        skip(extensions, length); // first, so that nothing is believed of a body that is cut off
        extendedMasterSecret |= type == SERVER_HELLO && kind == EXTENDED_MASTER_SECRET;
        preShared |= type == SERVER_HELLO && kind == PRE_SHARED_KEY;
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

  /// One direction: records to handshake messages, up to the hello. Mostly one record is the hello
  /// and nothing is copied; what is cut elsewhere is put together, each octet once.
  private final class Direction {
    private final int wanted;
    private final Rest record = new Rest();
    private final Rest message = new Rest();
    private int fed;
    private boolean done;

    Direction(int wanted) {
      this.wanted = wanted;
    }

    void feed(ByteBuffer more) {
      if (done) {
        return;
      }
      fed += more.remaining();
      try {
        done = records(record.before(more)) || fed > MOST;
      } catch (BufferUnderflowException malformed) {
        done = true;
      }
      if (done) {
        record.keep(NOTHING);
        message.keep(NOTHING);
      }
    }

    /// @return whether no hello will come behind these
    private boolean records(ByteBuffer records) {
      while (records.remaining() >= RECORD_HEADER) {
        int type = records.get(records.position());
        int length = records.getShort(records.position() + 3) & 0xFFFF;
        if (records.remaining() < RECORD_HEADER + length) {
          break;
        }
        skip(records, RECORD_HEADER);
        ByteBuffer fragment = part(records, length);
        if (type == HANDSHAKE) {
          if (messages(message.before(fragment))) {
            return true;
          }
        } else if (type != CHANGE_CIPHER_SPEC) {
          return true; // an alert, or encrypted already
        }
      }
      record.keep(records);
      return false;
    }

    /// @return whether the hello was among these
    private boolean messages(ByteBuffer messages) {
      while (messages.remaining() >= 4) {
        int head = messages.getInt(messages.position());
        int length = head & 0xFFFFFF;
        if (messages.remaining() < 4 + length) {
          break;
        }
        skip(messages, 4);
        ByteBuffer body = part(messages, length);
        if (head >>> 24 == wanted && read(wanted, body)) {
          return true;
        }
      }
      message.keep(messages);
      return false;
    }
  }

  /// What is not whole yet.
  private static final class Rest {
    private byte[] octets = {};
    private int length;

    /// The rest and what comes behind it.
    ByteBuffer before(ByteBuffer more) {
      if (length == 0) {
        return more.duplicate();
      }
      int whole = length + more.remaining();
      if (octets.length < whole) {
        octets = Arrays.copyOf(octets, Math.max(whole, 2 * octets.length));
      }
      more.get(more.position(), octets, length, more.remaining());
      return ByteBuffer.wrap(octets, 0, whole);
    }

    /// From now on the rest is what remains of `whole`, which [#before] gave.
    void keep(ByteBuffer whole) {
      int remaining = whole.remaining();
      if (remaining > 0 && (length == 0 || whole.position() > 0)) {
        byte[] kept = new byte[remaining];
        whole.get(whole.position(), kept);
        octets = kept;
      }
      length = remaining;
    }
  }
}
