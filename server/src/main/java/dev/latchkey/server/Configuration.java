// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Domain;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.devices.TokenPolicy;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.xmpp.session.ManagementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything the operator can choose, checked. `examples/latchkey.toml` explains each key.
///
/// @param data the data folder
/// @param runDir the folder of the sockets
/// @param listen where STARTTLS is served, if it is
/// @param listenTls where direct TLS is served, if it is
/// @param tlsProvider which engine does TLS
/// @param domains what is served, at least one; the first is the one for clients that name none
/// @param oneTime one-time codes
/// @param signing signing of devices' keys
/// @param tokens what devices may have beside certificates and passwords
/// @param chat the chat domain
/// @param streamManagement how long sessions outlive their connections, and how many
/// @param limits what one stranger, and all of them, may use up
public record Configuration(
    Path data,
    Path runDir,
    Optional<ListenAddress> listen,
    Optional<ListenAddress> listenTls,
    TlsProviderChoice tlsProvider,
    List<ServedDomain> domains,
    OneTime oneTime,
    Signing signing,
    Tokens tokens,
    Chat chat,
    ManagementPolicy streamManagement,
    Limits limits) {
  /// Copies.
  public Configuration {
    domains = List.copyOf(domains);
  }

  /// Which engine does TLS.
  public enum TlsProviderChoice {
    /// Conscrypt where it runs, else the JDK's own.
    AUTO,
    CONSCRYPT,
    JSSE
  }

  /// One domain.
  ///
  /// @param name its name
  /// @param tls the operator's own certificate; without it the server makes one for trying out
  /// @param mechanisms what is offered, the best first
  /// @param contacts where to write to: addresses by what for (XEP-0157's words)
  public record ServedDomain(
      Domain name,
      Optional<TlsFiles> tls,
      List<MechanismName> mechanisms,
      Map<String, List<String>> contacts) {
    /// Copies.
    public ServedDomain {
      mechanisms = List.copyOf(mechanisms);
      contacts = Map.copyOf(contacts);
    }
  }

  /// A certificate in PEM files.
  ///
  /// @param chain the leaf, then its issuers
  /// @param key its private key, PKCS#8, not encrypted
  public record TlsFiles(Path chain, Path key) {}

  /// One-time codes.
  ///
  /// @param enabled whether they are issued and redeemed
  /// @param inviteTtl how long an operator's code is good, unless told otherwise
  /// @param issueTtl how long a device's code is good, unless told otherwise
  /// @param maxTtl the longest life that may be asked for
  public record OneTime(boolean enabled, Duration inviteTtl, Duration issueTtl, Duration maxTtl) {}

  /// Signing of devices' keys.
  ///
  /// @param enabled whether it is done
  /// @param validity how long a device's certificate is good
  /// @param maxDevices how many devices that are not revoked an account may have
  /// @param requireChannelBinding whether a certificate shown with a code is refused where nothing
  ///   ties it to the channel, instead of giving a device without permissions (rule 7)
  public record Signing(
      boolean enabled, Duration validity, int maxDevices, boolean requireChannelBinding) {}

  /// What devices may have beside certificates and passwords.
  ///
  /// @param fast FAST tokens (XEP-0484)
  /// @param clientKeyLife how long a client key is good at most (30.L)
  /// @param xToken whether there are tokens of X-TOKEN, which whoever copies them has
  /// @param xTokenLife how long one is good at most
  /// @param theft what is done about a device of which something shows up where it should not
  public record Tokens(
      TokenPolicy fast,
      Duration clientKeyLife,
      boolean xToken,
      Duration xTokenLife,
      TheftResponse theft) {}

  /// The chat domain.
  ///
  /// @param archive how long messages are kept; nothing if for ever
  /// @param room how much is kept for each account
  public record Chat(Optional<Duration> archive, Room room) {}

  /// What one stranger, and all of them, may use up.
  ///
  /// @param beforeSignIn of a stream that has not signed in
  /// @param session of one that has
  /// @param connectionsPerAddress connections from one address
  /// @param unauthenticatedStreams streams that have not signed in, in all
  /// @param timeToAuthenticate from the first byte to success
  /// @param failedAttempts failed sign-ins on one connection
  public record Limits(
      StreamLimits beforeSignIn,
      StreamLimits session,
      int connectionsPerAddress,
      int unauthenticatedStreams,
      Duration timeToAuthenticate,
      int failedAttempts) {}

  /// What the command line says instead of the file.
  ///
  /// @param data the data folder
  /// @param runDir the folder of the sockets
  /// @param domains the domains; what the file says about one of them stays
  /// @param listen where STARTTLS is served; `off` is an answer
  /// @param listenTls where direct TLS is served; `off` is an answer
  public record Overrides(
      Optional<Path> data,
      Optional<Path> runDir,
      List<String> domains,
      Optional<String> listen,
      Optional<String> listenTls) {
    /// None.
    public static final Overrides NONE =
        new Overrides(
            Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

    /// Copies.
    public Overrides {
      domains = List.copyOf(domains);
    }
  }

  /// Reads a file; paths in it are relative to its folder.
  ///
  /// @param file which; without one, everything has its default, relative to the working folder
  /// @throws ConfigurationException if anything in it cannot be used; names all problems at once
  public static Configuration read(Optional<Path> file, Overrides overrides) {
    return new ConfigurationReader(file, overrides).read();
  }

  /// The same with other domains.
  public Configuration withDomains(List<ServedDomain> domains) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other rules for one-time codes.
  public Configuration with(OneTime oneTime) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other rules for signing.
  public Configuration with(Signing signing) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other rules for sessions whose clients are away.
  public Configuration with(ManagementPolicy streamManagement) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other rules for tokens.
  public Configuration with(Tokens tokens) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other rules for messages.
  public Configuration with(Chat chat) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  /// The same with other limits.
  public Configuration with(Limits limits) {
    return with(domains, oneTime, signing, tokens, chat, streamManagement, limits);
  }

  private Configuration with(
      List<ServedDomain> domains,
      OneTime oneTime,
      Signing signing,
      Tokens tokens,
      Chat chat,
      ManagementPolicy streamManagement,
      Limits limits) {
    return new Configuration(
        data,
        runDir,
        listen,
        listenTls,
        tlsProvider,
        domains,
        oneTime,
        signing,
        tokens,
        chat,
        streamManagement,
        limits);
  }

  /// The admin socket.
  public Path adminSocket() {
    return runDir.resolve("admin.sock");
  }
}
