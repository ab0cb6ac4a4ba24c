// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.gs2.Gs2Header;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The client's half of one SCRAM exchange.
///
/// Owned by one thread; not thread-safe. Holds the password until it is dropped; nothing is cached.
public final class ScramClient implements ClientMechanism {
  private static final int NONCE_OCTETS = 24;

  /// More would let a server keep us busy for minutes.
  private static final int MOST_ITERATIONS = 1_000_000;

  private sealed interface State {
    record AwaitingServerFirst() implements State {}

    /// After the proof.
    ///
    /// @param signature what the server will send if it knows the secret
    /// @param serverKey what it is made with
    record AwaitingSignature(Bytes signature, Secret serverKey) implements State {}

    record Verified(Secret serverKey) implements State {}

    record Failed() implements State {}
  }

  private final ScramVariant variant;
  private final Secret password;
  private final Optional<SaslOffer> seen;
  private final Bytes bindingInput;
  private final ClientFirst first;
  private State state = new State.AwaitingServerFirst();

  private ScramClient(
      ScramVariant variant,
      Secret password,
      Optional<SaslOffer> seen,
      Bytes bindingInput,
      ClientFirst first) {
    this.variant = variant;
    this.password = password;
    this.seen = seen;
    this.bindingInput = bindingInput;
    this.first = first;
  }

  /// Begins an exchange.
  ///
  /// @param variant which mechanism
  /// @param account whom to sign in as; its localpart is the authentication identity, and no
  ///   authorization identity is sent
  /// @param password the password's octets; a machine-made secret in its canonical form. Preparing
  ///   what a person chose is the caller's
  /// @param binding what to do about channel binding
  /// @param seen what the server listed, to find out whether somebody changed the list (XEP-0474);
  ///   nothing if that is not known
  /// @param random where the nonce is drawn; in production a SecureRandom
  /// @throws IllegalArgumentException if a -PLUS mechanism is to be used without binding, or one
  ///   without -PLUS with binding
  public static ScramClient begin(
      ScramVariant variant,
      AccountJid account,
      Secret password,
      ChannelBindingChoice binding,
      Optional<SaslOffer> seen,
      RandomGenerator random) {
    return begin(
        variant,
        account.localpart(),
        Optional.empty(),
        password,
        binding,
        seen,
        Bytes.random(NONCE_OCTETS, random).toBase64());
  }

  static ScramClient begin(
      ScramVariant variant,
      String authcid,
      Optional<String> authzid,
      Secret password,
      ChannelBindingChoice binding,
      Optional<SaslOffer> seen,
      String nonce) {
    if (variant.bindsToChannel() != binding instanceof ChannelBindingChoice.Bound) {
      throw new IllegalArgumentException(
          "channel binding and -PLUS go together: " + variant.mechanism());
    }
    Gs2Header header = Gs2Header.of(binding, authzid);
    Bytes data = binding instanceof ChannelBindingChoice.Bound bound ? bound.data() : Bytes.EMPTY;
    return new ScramClient(
        variant,
        password,
        seen,
        header.channelBindingInput(data),
        ClientFirst.of(header, authcid, nonce));
  }

  @Override
  public MechanismName name() {
    return variant.mechanism();
  }

  @Override
  public Optional<Bytes> initialResponse() {
    return Optional.of(first.octets());
  }

  @Override
  public Bytes respond(Bytes challenge) {
    State before = state;
    state = new State.Failed();
    if (!(before instanceof State.AwaitingServerFirst)) {
      throw new SaslServerException("SCRAM has one challenge");
    }
    ServerFirst answer =
        ServerFirst.parse(challenge)
            .orElseThrow(
                () -> new SaslServerException("the challenge is no SCRAM server-first-message"));
    check(answer);
    ScramHash hash = variant.hash();
    Secret salted = hash.saltedPassword(password, answer.salt(), answer.iterations());
    Bytes clientKey = hash.hmac(salted.reveal(), Bytes.utf8("Client Key"));
    ScramVerifier verifier = ScramVerifier.ofSaltedPassword(hash, salted);
    // AuthMessage := client-first-message-bare "," server-first-message ","
    //                client-final-message-without-proof
    Bytes authMessage =
        Bytes.utf8(
            first.bare()
                + ","
                + answer.text()
                + ","
                + ClientFinal.withoutProof(bindingInput, answer.nonce()));
    Bytes proof = clientKey.xor(hash.hmac(verifier.storedKey(), authMessage));
    state =
        new State.AwaitingSignature(
            hash.hmac(verifier.serverKey().reveal(), authMessage), verifier.serverKey());
    return ClientFinal.of(bindingInput, answer.nonce(), proof).octets();
  }

  private void check(ServerFirst answer) {
    // RFC 5802 §5.1: the server's nonce stands behind ours, and is not empty.
    if (!answer.nonce().startsWith(first.nonce())
        || answer.nonce().length() == first.nonce().length()) {
      throw new SaslServerException("the server did not add its nonce to ours");
    }
    // RFC 7677 §4 and our own bound.
    if (answer.iterations() < ScramParameters.FEWEST_ITERATIONS
        || answer.iterations() > MOST_ITERATIONS) {
      throw new SaslServerException(
          "an iteration count is %d to %d: %d"
              .formatted(ScramParameters.FEWEST_ITERATIONS, MOST_ITERATIONS, answer.iterations()));
    }
    // XEP-0474 §5.2. If the attribute was taken away as well, the server's view of this message is
    // another than ours and it refuses the proof.
    if (answer.downgradeHash().isPresent()
        && seen.isPresent()
        && !answer.downgradeHash().get().equals(seen.get().downgradeHash(variant.hash()))) {
      throw new SaslServerException(
          "the list of mechanisms was changed on its way: somebody stands between");
    }
  }

  @Override
  public void verify(Optional<Bytes> additionalData) {
    State before = state;
    state = new State.Failed();
    if (!(before instanceof State.AwaitingSignature(Bytes signature, Secret serverKey))) {
      throw new SaslServerException("success before the exchange had come to its end");
    }
    Optional<Bytes> shown = additionalData.flatMap(ServerFinal::parse).map(ServerFinal::signature);
    if (!shown.equals(Optional.of(signature))) {
      throw new SaslServerException("the server did not prove that it knows the secret");
    }
    state = new State.Verified(serverKey);
  }

  /// The ServerKey of the secret that was used: what ties an enrolment to it (rule 7).
  ///
  /// @throws IllegalStateException before [#verify] has returned
  public Proof.EnrolmentKey enrolmentKey() {
    if (state instanceof State.Verified(Secret serverKey)) {
      return new Proof.EnrolmentKey(variant.hash(), serverKey);
    }
    throw new IllegalStateException("the server is not authenticated");
  }
}
