// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.wire.tls.TlsFacts;
import java.util.Optional;

/// How a device proves itself on one connection: with something that it has, by a mechanism that
/// the server offers. All of it is said in one message, so it can be sent ahead (XEP-0509).
sealed interface DeviceProof {
  /// What kind of thing it is proven with.
  CredentialKind kind();

  /// Its id at the server, if that was told.
  Optional<CredentialId> credential();

  /// Whether it may be sent before the server has said anything. What is used up by that may not,
  /// if the last time nothing came back: else whoever cuts the connections uses it up.
  default boolean maySendAhead() {
    return true;
  }

  /// The client's half of the exchange. Needs the home's lock.
  ///
  /// @throws ClientException if what must be written before cannot be
  ClientMechanism begin(AccountJid account, TlsFacts tls);

  /// By the certificate that TLS shows.
  record ByCertificate(Optional<CredentialId> credential) implements DeviceProof {
    @Override
    public CredentialKind kind() {
      return CredentialKind.CERTIFICATE;
    }

    @Override
    public ClientMechanism begin(AccountJid account, TlsFacts tls) {
      return new ExternalClient(account);
    }
  }

  /// By a client key.
  ///
  /// @param file where it lies
  /// @param content what stands there
  /// @param variant by which of the two mechanisms
  /// @param binding what to do about channel binding
  record ByClientKey(
      ClientKeyFile file,
      ClientKeyFile.Content content,
      ClientKeyVariant variant,
      ChannelBindingChoice binding)
      implements DeviceProof {
    @Override
    public CredentialKind kind() {
      return CredentialKind.CLIENT_KEY;
    }

    @Override
    public Optional<CredentialId> credential() {
      return Optional.of(content.device().credential());
    }

    @Override
    public boolean maySendAhead() {
      return !content.unanswered();
    }

    @Override
    public ClientMechanism begin(AccountJid account, TlsFacts tls) {
      return ClientKeyClient.begin(variant, account, content.key(), file.count(), binding);
    }

    /// What must not become weaker from now on.
    ClientKeyFile.Pin pin() {
      return new ClientKeyFile.Pin(
          variant,
          binding instanceof ChannelBindingChoice.Bound bound
              ? Optional.of(bound.type())
              : Optional.empty());
    }
  }

  /// By a FAST token.
  record ByToken(KeptToken token) implements DeviceProof {
    @Override
    public CredentialKind kind() {
      return CredentialKind.FAST;
    }

    @Override
    public Optional<CredentialId> credential() {
      return token.credential();
    }

    @Override
    public ClientMechanism begin(AccountJid account, TlsFacts tls) {
      return HtClient.begin(
          token.variant(),
          account,
          token.text(),
          new ConnectionFacts(ChannelBindings.ours(tls), Optional.empty()));
    }
  }
}
