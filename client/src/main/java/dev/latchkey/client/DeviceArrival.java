// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// One sign-in of a device: with the best that it and the server have, in one flight if the server
/// lets its last offer be relied on (XEP-0509), and with what is left where a token is refused.
/// Belongs to one thread; used once.
final class DeviceArrival {
  /// What says that a token is no longer good. Nothing else may cost it: what passes is said by
  /// stream errors (rule 63).
  private static final Set<String> TOKEN_IS_OVER =
      Set.of(SignInRefusedException.CREDENTIALS_EXPIRED, SignInRefusedException.NOT_AUTHORIZED);

  /// How a server is reached.
  interface Dialling {
    /// Connects, and opens our stream.
    ///
    /// @param ahead is run when our stream is opened, before the server has opened its own
    SecuredStream dial(Consumer<ClientStream> ahead);
  }

  /// One `<authenticate/>`.
  ///
  /// @param proof with what
  /// @param mechanism the exchange
  /// @param offer what it relies on
  /// @param token what a token was asked for
  private record Attempt(
      DeviceProof proof,
      ClientMechanism mechanism,
      StreamFeatures offer,
      Optional<HtVariant> token) {}

  private final DeviceHome home;
  private final DeviceAccount device;
  private final SessionWish wish;
  private final ClientEnvironment environment;
  private final Consumer<ClientException> unwritable;
  private Keyring keyring;

  /// From when there is a connection to the end, if anything in the home may be used up.
  private Optional<HomeLock> lock = Optional.empty();

  /// What was sent ahead.
  private Optional<Attempt> sent = Optional.empty();

  /// The tokens that were refused here. No refusal comes with a proof that it is the server's: who
  /// ends our TLS connection in between can say whatever it likes, and a server whose clock is
  /// wrong says what it believes. So they are given up only once something else has signed in,
  /// although XEP-0484 would rather (SHOULD) have them discarded at once.
  private final List<KeptToken> refusedTokens = new ArrayList<>();

  /// Why what the device has beside was not used, or was refused.
  private Optional<ClientException> hindrance = Optional.empty();

  /// @param unwritable is told if the home cannot be written, and the device signs in all the same
  DeviceArrival(
      DeviceHome home,
      DeviceAccount device,
      SessionWish wish,
      ClientEnvironment environment,
      Consumer<ClientException> unwritable) {
    this.home = home;
    this.device = device;
    this.wish = wish;
    this.environment = environment;
    this.unwritable = unwritable;
    this.keyring = Keyring.of(home, device);
  }

  /// Signs in.
  ///
  /// @throws ClientException see [SignIn#connect]
  Arrival over(Dialling line) {
    try {
      return dial(line);
    } finally {
      lock.ifPresent(HomeLock::close);
    }
  }

  /// A certificate alone is not used up, so its home may also be one that cannot be written.
  private boolean mayChangeHome() {
    return wish.managed() || home.clientKey().exists() || !home.tokens().isEmpty();
  }

  /// Has the home to itself from now on. Not before there is a connection: others must not wait for
  /// a server that is not reached. Where it cannot be written, the certificate still signs in.
  private void takeHome() {
    if (lock.isPresent() || !mayChangeHome()) {
      return;
    }
    try {
      lock = Optional.of(home.lock(environment));
    } catch (ConnectionLostException late) {
      throw late;
    } catch (ClientException readOnly) {
      if (!home.hasCertificate()) {
        throw readOnly;
      }
      keyring = keyring.withoutWhatIsUsedUp();
      hindrance = Optional.of(readOnly);
      unwritable.accept(readOnly);
    }
  }

  private Arrival dial(Dialling line) {
    try {
      SecuredStream secured = line.dial(this::sendAhead);
      try {
        return signIn(secured);
      } catch (ClientException failed) {
        secured.close();
        throw failed;
      }
    } catch (StreamErrorException ended) {
      if (sent.isPresent()) {
        remember(Optional.empty()); // it may be what was sent ahead that it cannot make sense of
      }
      throw ended;
    }
  }

  private void sendAhead(ClientStream stream) {
    takeHome();
    sent =
        home.offer()
            .filter(offer -> offer.version().isPresent())
            .flatMap(
                offer ->
                    choose(offer, stream.tls())
                        .filter(DeviceProof::maySendAhead)
                        .map(proof -> begin(stream, offer, proof)));
    sent.ifPresent(
        attempt -> {
          List<Element> extras = extras(attempt);
          extras.add(
              Element.named("config-version", Namespaces.PIPELINING)
                  .attribute("value", attempt.offer().version())
                  .build());
          stream.begin(attempt.mechanism(), extras);
        });
  }

  private Optional<DeviceProof> choose(StreamFeatures offer, TlsFacts tls) {
    try {
      return keyring.choose(offer, tls, isBack(), refusedTokens, now());
    } catch (ServerNotTrustedException weaker) {
      return Optional.empty(); // what it offers now decides
    }
  }

  private boolean isBack() {
    return wish.old().isPresent();
  }

  private Instant now() {
    return environment.clock().instant();
  }

  private Attempt begin(ClientStream stream, StreamFeatures offer, DeviceProof proof) {
    if (wish.managed() && proof instanceof DeviceProof.ByClientKey key) {
      Thrift.requireLeft(device, key.content().spent()); // who stays tries by itself
    }
    TlsFacts tls = stream.tls();
    return new Attempt(proof, proof.begin(device.jid(), tls), offer, wanted(proof, offer, tls));
  }

  private Arrival signIn(SecuredStream secured) {
    ClientStream stream = secured.stream();
    StreamFeatures features = secured.features();
    Optional<Attempt> ahead = sent;
    while (true) {
      Attempt attempt = ahead.orElseGet(() -> attempt(stream, features));
      SaslOutcome outcome =
          ahead.isPresent()
              ? concludeAhead(stream, attempt)
              : stream.authenticate(features, attempt.mechanism(), extras(attempt));
      ahead = Optional.empty();
      switch (outcome) {
        case SaslOutcome.Succeeded(Element success) -> {
          keep(attempt, success, features);
          return start(stream, attempt, success);
        }
        case SaslOutcome.Failed(Element failure) -> goOnAfter(attempt, failure);
        case SaslOutcome.Continued _ ->
            throw new ClientException(
                device.jid() + ": the server wants something more that this kit does not know");
      }
    }
  }

  private SaslOutcome concludeAhead(ClientStream stream, Attempt attempt) {
    try {
      return stream.conclude(attempt.mechanism());
    } catch (ConnectionLostException unanswered) {
      // Its features came and no answer: something may drop what comes right behind our header.
      remember(Optional.empty());
      throw unanswered;
    }
  }

  private Attempt attempt(ClientStream stream, StreamFeatures features) {
    DeviceProof proof =
        keyring
            .choose(features, stream.tls(), isBack(), refusedTokens, now())
            .orElseThrow(() -> hindrance.orElseGet(() -> keyring.nothing(features, stream.tls())));
    return begin(stream, features, proof);
  }

  /// @throws SignInRefusedException if it was no token that was refused
  private void goOnAfter(Attempt attempt, Element failure) {
    if (attempt.proof() instanceof DeviceProof.ByClientKey key) {
      key.file().answered(Optional.empty());
    }
    if (failure.child("config-version-mismatch", Namespaces.PIPELINING).isPresent()
        && sent.equals(Optional.of(attempt))) {
      remember(Optional.empty());
      return;
    }
    SignInRefusedException refused =
        SignInRefusedException.of(failure, device.jid(), hints(attempt.proof()));
    if (!(attempt.proof() instanceof DeviceProof.ByToken(KeptToken token))
        || !TOKEN_IS_OVER.contains(refused.condition())) {
      throw refused;
    }
    refusedTokens.add(token);
    hindrance = Optional.of(refused);
  }

  private List<Element> extras(Attempt attempt) {
    List<Element> extras = new ArrayList<>();
    extras.add(UserAgent.element(Optional.of(device.userAgent()), device.name()));
    extras.addAll(wish.inline(attempt.offer()));
    if (attempt.proof() instanceof DeviceProof.ByToken) {
      extras.add(Element.empty("fast", Namespaces.FAST));
    }
    attempt.token().ifPresent(variant -> extras.add(TokenChoice.request(variant)));
    return extras;
  }

  /// The token to ask for: by who can come back and has none to do it with, or one that ages.
  private Optional<HtVariant> wanted(DeviceProof proof, StreamFeatures offer, TlsFacts tls) {
    boolean wants =
        switch (proof) {
          case DeviceProof.ByToken(KeptToken token) -> token.isAgeing(now());
          case DeviceProof.ByCertificate _, DeviceProof.ByClientKey _ ->
              wish.managed()
                  && lock.isPresent()
                  && !keyring.hasYoungToken(offer, tls, refusedTokens, now());
        };
    return wants
        ? TokenChoice.strongest(offer, tls, keyring.hasMoreThanTokens())
        : Optional.empty();
  }

  /// Writes down what was used and what was given before anything else happens: a token that is
  /// used has been kept.
  ///
  /// @throws ServerNotTrustedException if it was given to somebody else
  private void keep(Attempt attempt, Element success, StreamFeatures features) {
    if (attempt.offer().sasl2()) {
      var _ = Identities.requireSame(success, device.jid());
    }
    KeptTokens before = lock.isPresent() ? home.tokens() : KeptTokens.NONE;
    KeptTokens after = before.without(refusedTokens);
    Optional<HtVariant> given = attempt.token();
    switch (attempt.proof()) {
      case DeviceProof.ByToken(KeptToken token) -> {
        after = after.used(token);
        given = given.or(() -> Optional.of(token.variant())); // rotation that nobody asked for
      }
      case DeviceProof.ByClientKey key -> key.file().answered(Optional.of(key.pin()));
      case DeviceProof.ByCertificate _ -> {
        // TLS has shown it.
      }
    }
    Optional<KeptToken> token = given.flatMap(variant -> KeptToken.given(success, variant, now()));
    if (token.isPresent()) {
      after = after.plus(token.get());
    }
    if (!after.equals(before)) {
      write(after);
    }
    if (!sent.equals(Optional.of(attempt))) {
      remember(Optional.of(features).filter(offer -> offer.version().isPresent()));
    }
  }

  /// Who has something stronger has signed in, and can do so again without what is lost here.
  private void write(KeptTokens kept) {
    try {
      home.tokens(kept);
    } catch (ClientException unwritten) {
      if (!keyring.hasMoreThanTokens()) {
        throw unwritten;
      }
      unwritable.accept(unwritten);
    }
  }

  private void remember(Optional<StreamFeatures> offer) {
    try {
      home.offer(offer);
    } catch (ClientException unwritable) {
      // It spares a round trip, no more: a home that cannot be written still signs in.
    }
  }

  private Arrival start(ClientStream stream, Attempt attempt, Element success) {
    SessionStart start =
        new SessionStart(
            wish,
            stream,
            environment.random(),
            jid ->
                new WhoAmI(
                    jid,
                    Optional.of(device.device()),
                    attempt.mechanism().name().text(),
                    Optional.of(attempt.proof().kind()),
                    attempt.proof().credential()));
    return attempt.offer().sasl2()
        ? start.afterSasl2(attempt.offer(), success)
        : start.afterwards(stream.restart());
  }

  private Map<String, String> hints(DeviceProof proof) {
    return switch (proof) {
      case DeviceProof.ByCertificate _ -> hints("certificate", device.notAfter());
      case DeviceProof.ByClientKey _ -> hints("key", device.notAfter());
      case DeviceProof.ByToken(KeptToken token) -> hints("token", token.expires());
    };
  }

  /// @param what it signs in with
  /// @param until how long that is good, as it was told here
  private static Map<String, String> hints(String what, Instant until) {
    String remedy = "ask for a new invitation, and enrol with --replace";
    return Map.of(
        SignInRefusedException.NOT_AUTHORIZED,
        "The server does not know this device's %s any more, or the account is closed: %s"
            .formatted(what, remedy),
        SignInRefusedException.CREDENTIALS_EXPIRED,
        "This device's %s was given until %s: %s".formatted(what, until, remedy));
  }
}
