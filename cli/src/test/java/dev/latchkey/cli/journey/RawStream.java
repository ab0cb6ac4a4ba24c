// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Octets to and from a peer, over TLS or not, with nothing that would keep a test from sending
/// what no client sends. Any certificate is trusted. For one thread, but writing may be another's.
final class RawStream implements AutoCloseable {
  private static final Pattern FEATURES = Pattern.compile("</stream:features>");

  private final Socket socket;
  private final StringBuilder heard = new StringBuilder();

  RawStream(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(Math.toIntExact(RunningServer.PATIENCE.toMillis()));
  }

  /// Without TLS.
  static RawStream clear(InetSocketAddress address) throws IOException {
    return new RawStream(new Socket(address.getAddress(), address.getPort()));
  }

  /// TLS at once.
  ///
  /// @param sni the name asked for; empty for none
  static RawStream secure(InetSocketAddress address, String sni) throws IOException {
    try {
      SSLSocket socket =
          (SSLSocket)
              context(Optional.empty())
                  .getSocketFactory()
                  .createSocket(address.getAddress(), address.getPort());
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(sni.isEmpty() ? List.of() : List.of(new SNIHostName(sni)));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new RawStream(socket);
    } catch (GeneralSecurityException broken) {
      throw new IOException(broken);
    }
  }

  /// What trusts everybody and shows an identity, if there is one.
  static SSLContext context(Optional<TlsIdentity> identity)
      throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        identity.isPresent() ? keys(identity.get()) : new KeyManager[0],
        new TrustManager[] {new Anybody()},
        new SecureRandom());
    return context;
  }

  private static KeyManager[] keys(TlsIdentity identity)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] password = "only in memory".toCharArray();
    store.setKeyEntry(
        "it", identity.key(), password, identity.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, password);
    return factory.getKeyManagers();
  }

  /// tls-exporter of this connection (RFC 9266).
  Bytes exporter() {
    try {
      return Bytes.of(
          ((ExtendedSSLSession) ((SSLSocket) socket).getSession())
              .exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32));
    } catch (SSLKeyException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// A stream header.
  static String header(String attributes) {
    return "<?xml version='1.0'?><stream:stream "
        + attributes
        + " version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
  }

  /// Opens a stream to the usual domain and takes the features.
  RawStream opened() throws IOException {
    send(header("to='localhost'"));
    until(FEATURES);
    return this;
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
    socket.getOutputStream().flush();
  }

  /// Reads to the end of the first match, and gives everything up to there that was not yet given.
  String until(Pattern pattern) throws IOException {
    while (true) {
      Matcher matcher = pattern.matcher(heard);
      if (matcher.find()) {
        String text = heard.substring(0, matcher.end());
        heard.delete(0, matcher.end());
        return text;
      }
      if (!more()) {
        throw new IOException("the peer was gone before %s came: %s".formatted(pattern, heard));
      }
    }
  }

  String until(String literal) throws IOException {
    return until(Pattern.compile(Pattern.quote(literal)));
  }

  /// Reads until the peer hangs up.
  String rest() throws IOException {
    while (more()) {
      // All of it.
    }
    String text = heard.toString();
    heard.setLength(0);
    return text;
  }

  private boolean more() throws IOException {
    byte[] octets = new byte[8192];
    int length;
    try {
      length = socket.getInputStream().read(octets);
    } catch (SocketTimeoutException silent) {
      throw new AssertionError("the peer says nothing more, and stays: " + heard, silent);
    }
    if (length < 0) {
      return false;
    }
    heard.append(new String(octets, 0, length, StandardCharsets.UTF_8));
    return true;
  }

  /// Sends from another thread, since the peer may hang up long before the end.
  void flood(byte[] octets) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                send(octets);
              } catch (IOException hungUp) {
                // That is what it is refused by.
              }
            });
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// Trusts anybody.
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return List.<X509Certificate>of().toArray(X509Certificate[]::new);
    }
  }
}
