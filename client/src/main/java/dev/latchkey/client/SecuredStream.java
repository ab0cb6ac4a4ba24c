// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A stream that is encrypted, to a server that is the one it should be, with what it offers there.
///
/// @param stream the stream
/// @param features what the server offers on it
public record SecuredStream(ClientStream stream, StreamFeatures features) implements AutoCloseable {

  /// Finds a server of the account's domain and gets so far with it.
  ///
  /// @param where where it listens; DNS is asked if that is not known
  /// @param pin of the only trust anchor; without one, the machine's trust anchors count
  /// @param identity what to show if the server wants a certificate
  /// @throws ServerNotTrustedException if it is not the server it should be
  /// @throws ConnectionLostException if none was reached
  public static SecuredStream to(
      AccountJid account,
      Optional<ServerAddress> where,
      Optional<Bytes> pin,
      Optional<TlsIdentity> identity,
      ClientEnvironment environment) {
    return to(account, where, tls(account.domain(), pin, identity), environment, stream -> {});
  }

  /// The client's side of TLS with a server of this domain. Connections that share one resume its
  /// sessions.
  ///
  /// @param pin of the only trust anchor; without one, the machine's trust anchors count
  /// @param identity what to show if the server wants a certificate
  static ClientTls tls(Domain domain, Optional<Bytes> pin, Optional<TlsIdentity> identity) {
    return ClientTls.of(
        identity.map(shown -> TlsProvider.bestFor(shown.key())).orElseGet(TlsProvider::best),
        domain,
        identity,
        pin.<ServerTrust>map(ServerTrust.Pinned::new).orElseGet(ServerTrust::publicly));
  }

  /// The same with a side of TLS that was made before.
  ///
  /// @param ahead is run on each stream that is encrypted, when ours is opened and before the
  ///   server has opened its own
  static SecuredStream to(
      AccountJid account,
      Optional<ServerAddress> where,
      ClientTls tls,
      ClientEnvironment environment,
      Consumer<ClientStream> ahead) {
    List<ServerAddress> candidates =
        where
            .map(List::of)
            .orElseGet(
                () ->
                    new ServerDiscovery(environment.dns(), environment.random())
                        .candidates(account.domain()));
    List<String> failures = new ArrayList<>();
    for (ServerAddress candidate : candidates) {
      for (InetAddress address : addresses(candidate, failures)) {
        try {
          return to(
              new InetSocketAddress(address, candidate.port()),
              candidate,
              account,
              tls,
              environment,
              ahead);
        } catch (HomeBusyException busy) {
          throw busy; // at another address it would be no less so
        } catch (IOException | ConnectionLostException unreached) {
          failures.add(
              candidate + " (" + Foreign.line(String.valueOf(unreached.getMessage())) + ")");
        }
      }
    }
    throw new ConnectionLostException(
        "no server of %s was reached: %s. Is it running? --server HOST:PORT skips DNS"
            .formatted(account.domain(), String.join("; ", failures)));
  }

  private static List<InetAddress> addresses(ServerAddress candidate, List<String> failures) {
    try {
      return List.of(InetAddress.getAllByName(candidate.host()));
    } catch (UnknownHostException unknown) {
      failures.add(candidate + " (no such host)");
      return List.of();
    }
  }

  private static SecuredStream to(
      InetSocketAddress address,
      ServerAddress candidate,
      AccountJid account,
      ClientTls tls,
      ClientEnvironment environment,
      Consumer<ClientStream> ahead)
      throws IOException {
    ClientStream stream = ClientStream.dial(address, account, environment);
    try {
      if (candidate.directTls()) {
        stream.handshake(tls.engine(true));
      } else {
        // RFC 6120 §5: nothing is said in clear but the wish not to.
        if (!stream.open().startTls()) {
          throw new ServerNotTrustedException(
              candidate + ": the server offers no encryption (STARTTLS), or somebody took it away");
        }
        stream.startTls(tls.engine(false));
      }
      stream.sendHeader();
      ahead.accept(stream);
      return new SecuredStream(stream, stream.opened());
    } catch (ClientException failed) {
      stream.close();
      throw failed;
    }
  }

  /// Closes the stream, see [ClientStream#close].
  @Override
  public void close() {
    stream.close();
  }
}
