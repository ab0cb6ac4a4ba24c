// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import java.security.GeneralSecurityException;
import java.util.Optional;

/// An enrolment whose answer has not come yet: on disk before the request is sent, so that after a
/// lost answer the very same request can be sent with the same code (rule 8).
///
/// @param jid for whom
/// @param code SHA-256 of the code; the code has 130 random bits, so this does not tell it
/// @param name what the device is to be called, if anybody said it
/// @param machine what its machine is called, if that is known
/// @param resource what it asks to be locked to
/// @param userAgent its user-agent id
/// @param wish what it asks for
record PendingEnrolment(
    AccountJid jid,
    Bytes code,
    Optional<String> name,
    Optional<String> machine,
    Optional<Resource> resource,
    String userAgent,
    Wish wish) {

  /// What a device wants to have, with all that makes asking again the same question.
  sealed interface Wish {
    /// What kind of credential it is.
    CredentialKind kind();

    /// A certificate (30.C way ii).
    ///
    /// @param key its key pair
    /// @param request the DER of the certificate request
    record OfCertificate(DeviceKey key, Bytes request) implements Wish {
      @Override
      public CredentialKind kind() {
        return CredentialKind.CERTIFICATE;
      }
    }

    /// A FAST token (30.C way iii): the same for the same user agent.
    record OfToken() implements Wish {
      @Override
      public CredentialKind kind() {
        return CredentialKind.FAST;
      }
    }

    /// A client key (rule 11).
    ///
    /// @param clientId its name
    /// @param validationKey the half of it that is made here
    record OfClientKey(String clientId, Secret validationKey) implements Wish {
      @Override
      public CredentialKind kind() {
        return CredentialKind.CLIENT_KEY;
      }
    }
  }

  static Bytes fingerprint(MachineSecret token) {
    return token.canonical().reveal().sha256();
  }

  /// Whether it was begun with this invitation.
  boolean isOf(LoginUri uri) {
    return jid.equals(uri.account()) && code.equals(fingerprint(uri.token()));
  }

  /// What the device calls itself.
  String called() {
    return name.or(() -> machine).orElse("");
  }

  /// Reads what [#entries] wrote.
  static PendingEnrolment read(Entries file) throws GeneralSecurityException {
    return new PendingEnrolment(
        AccountJid.parse(file.need("jid")),
        Bytes.hex(file.need("code-sha-256")),
        file.find("name"),
        file.find("machine"),
        file.find("resource").map(Resource::new),
        file.need("user-agent"),
        wish(file));
  }

  private static Wish wish(Entries file) throws GeneralSecurityException {
    String kind = file.need("kind");
    if (kind.equals(CredentialKind.CERTIFICATE.word())) {
      return new Wish.OfCertificate(
          DeviceKey.read(file.octets("key"), file.octets("public-key")), file.octets("request"));
    }
    if (kind.equals(CredentialKind.FAST.word())) {
      return new Wish.OfToken();
    }
    if (kind.equals(CredentialKind.CLIENT_KEY.word())) {
      return new Wish.OfClientKey(file.need("client-id"), file.secret("validation-key"));
    }
    throw new GeneralSecurityException("`kind` is none that this version knows");
  }

  Entries entries() {
    Entries file =
        new Entries()
            .with("jid", jid.toString())
            .with("code-sha-256", code.toHex())
            .with("name", name)
            .with("machine", machine)
            .with("resource", resource.map(Resource::name))
            .with("user-agent", userAgent)
            .with("kind", wish.kind().word());
    return switch (wish) {
      case Wish.OfCertificate(DeviceKey key, Bytes request) ->
          file.with("key", Secret.of(Bytes.of(key.privateKey().getEncoded())))
              .with("public-key", key.publicKeyInfo().toBase64())
              .with("request", request.toBase64());
      case Wish.OfToken() -> file;
      case Wish.OfClientKey(String clientId, Secret validationKey) ->
          file.with("client-id", clientId).with("validation-key", validationKey);
    };
  }
}
