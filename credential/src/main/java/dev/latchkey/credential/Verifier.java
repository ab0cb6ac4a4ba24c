// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a proof is checked against, by kind. It is not what the device holds.
public sealed interface Verifier {
  /// The kind it makes its credential.
  CredentialKind kind();

  /// A certificate that signs in by EXTERNAL.
  ///
  /// @param certificate its DER; what is looked up is the SHA-256 of this
  /// @param issuer the DER of the certificate that signed it; nothing if it was uploaded
  /// @param publicKey SHA-256 of its SubjectPublicKeyInfo
  /// @param request SHA-256 of the request it was made from; nothing if it was uploaded
  /// @param proven whether possession of the key was proven: by the request's own signature, or by
  ///   a login (rule 3)
  /// @param used whether it has signed in yet
  record Certificate(
      Bytes certificate,
      Optional<Bytes> issuer,
      Bytes publicKey,
      Optional<Bytes> request,
      boolean proven,
      boolean used)
      implements Verifier {
    @Override
    public CredentialKind kind() {
      return CredentialKind.CERTIFICATE;
    }

    /// SHA-256 of the DER.
    public Bytes fingerprint() {
      return certificate.sha256();
    }

    /// The same after it has signed in.
    public Certificate afterUse() {
      return new Certificate(certificate, issuer, publicKey, request, true, true);
    }
  }

  /// A device password: one verifier for each hash (rule 15).
  ///
  /// @param keys the verifiers
  record Password(List<ScramVerifier> keys) implements Verifier {
    /// Copies.
    public Password {
      keys = List.copyOf(keys);
    }

    @Override
    public CredentialKind kind() {
      return CredentialKind.PASSWORD;
    }
  }

  /// A one-time code: one verifier for each hash and each text form (rule 19).
  ///
  /// @param keys the verifiers
  /// @param grant what it gives
  /// @param redemption what it has given
  /// @param failedTasks how many requests were refused under it; 20 end it (rule 12)
  record OneTime(
      List<ScramVerifier> keys, Grant grant, Optional<Redemption> redemption, int failedTasks)
      implements Verifier {
    /// Copies.
    public OneTime {
      keys = List.copyOf(keys);
    }

    @Override
    public CredentialKind kind() {
      return CredentialKind.ONE_TIME;
    }
  }

  /// A FAST token (XEP-0484). A device has two slots: one that has signed in, and a newer one that
  /// has not; the first use of the newer one supersedes the older.
  ///
  /// @param mechanism the only one it is good for, by its name on the wire
  /// @param token its text; readable, because HT computes a MAC under it: sealed at rest
  /// @param userAgent SHA-256 of the user-agent id it was asked for with: what it is looked up by
  ///   (rule 35)
  /// @param used whether it has signed in yet
  record Fast(String mechanism, Secret token, Bytes userAgent, boolean used) implements Verifier {
    @Override
    public CredentialKind kind() {
      return CredentialKind.FAST;
    }

    /// The same after it has signed in.
    public Fast afterUse() {
      return new Fast(mechanism, token, userAgent, true);
    }
  }

  /// A key of CLIENT-KEY (draft-cridland-kitten-clientkey, 30.L). Nothing here signs in: the client
  /// alone has the ValidationKey that the secret is masked with.
  ///
  /// @param clientId the client's name for it, unique among the live ones of the account
  /// @param name what people call it
  /// @param encryptedSecret Secret XOR ValidationKey, 32 octets; sealed at rest
  /// @param validator HMAC-SHA-256(EncryptedSecret, ValidationKey); sealed at rest
  /// @param counter the smallest value that is still good
  /// @param accepted which of the 64 values below the counter have signed in: bit 0 is the highest
  ///   of them (rule 56)
  /// @param restored whether it came back, with a backup or with its account, and may once be far
  ///   ahead (rule 40)
  record ClientKey(
      String clientId,
      String name,
      Secret encryptedSecret,
      Secret validator,
      long counter,
      long accepted,
      boolean restored)
      implements Verifier {
    /// How many values at and above the counter are good (rule 56).
    public static final int WINDOW = 64;

    /// The same for a key that came back: its counter is too old (rule 40).
    public static final int RESTORED_WINDOW = 4096;

    /// How far below the counter a value still says something.
    public static final int LOOK_BACK = 1024;

    @Override
    public CredentialKind kind() {
      return CredentialKind.CLIENT_KEY;
    }

    /// How many values at and above the counter are good.
    public int window() {
      return restored ? RESTORED_WINDOW : WINDOW;
    }

    /// What a value says of whoever has proven it (rule 56).
    public CounterVerdict judge(long value) {
      if (value < 0 || value - counter >= window() || counter - value > LOOK_BACK) {
        return CounterVerdict.UNKNOWN;
      }
      if (value >= counter) {
        return CounterVerdict.GOOD;
      }
      long below = counter - 1 - value;
      return below >= Long.SIZE || (accepted >>> below & 1) == 1
          ? CounterVerdict.REUSED
          : CounterVerdict.LATE;
    }

    /// The same after a good value has signed in: no window of a restored key any more.
    ///
    /// @throws IllegalArgumentException if the value is not good
    public ClientKey afterUse(long value) {
      if (judge(value) != CounterVerdict.GOOD) {
        throw new IllegalArgumentException(
            "the value %d is not good at counter %d".formatted(value, counter));
      }
      long shift = value + 1 - counter;
      return new ClientKey(
          clientId,
          name,
          encryptedSecret,
          validator,
          value + 1,
          (shift < Long.SIZE ? accepted << shift : 0) | 1,
          false);
    }

    /// The same after a time in which its device may have counted on unseen: an older copy of the
    /// database was put back, or whoever came was refused.
    public ClientKey afterAbsence() {
      return new ClientKey(clientId, name, encryptedSecret, validator, counter, accepted, true);
    }
  }

  /// A token of X-TOKEN (`https://xabber.com/protocol/auth-tokens`).
  ///
  /// @param hash SHA-256 of its text; the text is kept nowhere
  /// @param client the software it was issued to, as that calls itself
  /// @param description the machine it was issued to, as that calls itself
  record AuthToken(Bytes hash, String client, String description) implements Verifier {
    @Override
    public CredentialKind kind() {
      return CredentialKind.AUTH_TOKEN;
    }
  }

  /// What a code gives.
  ///
  /// @param name the wished name of the device
  /// @param allow its flags; at redemption never more than the issuer then has
  /// @param resource the resource it will be locked to
  /// @param certificate SHA-256 of the one certificate that may redeem it
  /// @param issuer the device that made it and its generation then; an operator's code has none
  record Grant(
      Optional<String> name,
      Permissions allow,
      Optional<Resource> resource,
      Optional<Bytes> certificate,
      Optional<Issuer> issuer) {}

  /// Who made a code.
  ///
  /// @param device the device
  /// @param generation its generation then (rule 13)
  record Issuer(DeviceId device, long generation) {}

  /// What a code has given; good for the same answer again until the device signs in (rule 8).
  ///
  /// @param device the device
  /// @param thumbprint what the same attempt is known by: a hash of what it was redeemed with, a
  ///   SubjectPublicKeyInfo, a user-agent id or a client key's id
  /// @param at when
  record Redemption(DeviceId device, Bytes thumbprint, Instant at) {}
}
