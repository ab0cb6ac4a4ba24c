// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import java.util.List;
import java.util.Optional;

/// What surrounds an exchange.
///
/// @param facts of the connection
/// @param domain which the stream is to
/// @param from the stream's `from`, if it has one
/// @param userAgent the user agent's id, if the client said one
/// @param offered the mechanisms that were listed in the profile in use (RFC 6120's or XEP-0388's),
///   as XEP-0474 hashes them; FAST's are not among them
public record SignInRequest(
    ConnectionFacts facts,
    Domain domain,
    Optional<Jid> from,
    Optional<UserAgentId> userAgent,
    List<MechanismName> offered) {
  /// Copies.
  public SignInRequest {
    offered = List.copyOf(offered);
  }

  /// That of a client which said nothing of its user agent.
  public SignInRequest(
      ConnectionFacts facts, Domain domain, Optional<Jid> from, List<MechanismName> offered) {
    this(facts, domain, from, Optional.empty(), offered);
  }

  /// The same for a client that says which user agent it is.
  public SignInRequest with(Optional<UserAgentId> userAgent) {
    return new SignInRequest(facts, domain, from, userAgent, offered);
  }

  /// Whether a mechanism that binds to the channel was listed.
  private boolean offeredChannelBinding() {
    return offered.stream().anyMatch(name -> name.text().endsWith("-PLUS"));
  }

  /// The channel-binding types that XEP-0440's element lists on this stream, and XEP-0474 hashes:
  /// what the connection can be bound by, if a mechanism that binds was listed; else the element is
  /// not there.
  public List<ChannelBindingType> offeredChannelBindingTypes() {
    return offeredChannelBinding()
        ? facts.channelBindings().keySet().stream().sorted().toList()
        : List.of();
  }

  /// Whether the stream says that it is from somebody else than the given identity stands for.
  public boolean isFromOther(AuthenticationIdentity identity) {
    return from.filter(address -> !identity.isAt(address)).isPresent();
  }
}
