// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialKind;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.tls.TlsFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All that a device can sign in with, as its home holds it, and which of it to use.
///
/// SECURITY: what was used once is never used in a weaker way (protocols.md 31): a client key keeps
/// its mechanism and its binding, a token is for one mechanism only.
final class Keyring {
  private final DeviceHome home;
  private final DeviceAccount device;
  private final boolean whole;

  private Keyring(DeviceHome home, DeviceAccount device, boolean whole) {
    this.home = home;
    this.device = device;
    this.whole = whole;
  }

  static Keyring of(DeviceHome home, DeviceAccount device) {
    return new Keyring(home, device, true);
  }

  /// The same for who may not count and exchange: it chooses the certificate or nothing.
  Keyring withoutWhatIsUsedUp() {
    return new Keyring(home, device, false);
  }

  /// Whether the device has something stronger than tokens.
  boolean hasMoreThanTokens() {
    return home.hasCertificate() || home.clientKey().exists();
  }

  /// Whether the device has nothing but tokens, and all of them have lived half their life.
  boolean hasOnlyAgeingTokens(Instant now) {
    List<KeptToken> tokens = home.tokens().all();
    return !hasMoreThanTokens()
        && !tokens.isEmpty()
        && tokens.stream().allMatch(token -> token.isAgeing(now));
  }

  /// How long to rest before the next attempt, because it uses something up.
  Duration rest(Instant now) {
    boolean hasOther =
        home.hasCertificate()
            || home.tokens().all().stream().anyMatch(token -> !token.isAgeing(now));
    return hasOther || !home.clientKey().exists()
        ? Duration.ZERO
        : Thrift.rest(home.clientKey().read().spent());
  }

  /// The best that both sides have: the certificate, the client key, a token. Who comes back to a
  /// session takes a token first: it was given for that. Not one that has lived half its life, if
  /// there is something stronger: only for that a server gives a new one.
  ///
  /// @param back whether there is a session to come back to
  /// @param tried tokens that are not tried again
  /// @throws ServerNotTrustedException if the server offers only what is weaker than was used
  ///   before, or contradicts itself
  Optional<DeviceProof> choose(
      StreamFeatures offer, TlsFacts tls, boolean back, List<KeptToken> tried, Instant now) {
    Optional<KeptToken> token = token(offer, tls, tried);
    return token
        .filter(it -> back && !it.isAgeing(now))
        .<DeviceProof>map(DeviceProof.ByToken::new)
        .or(() -> byCertificate(offer))
        .or(() -> byClientKey(offer, tls))
        .or(() -> token.map(DeviceProof.ByToken::new));
  }

  private Optional<DeviceProof> byCertificate(StreamFeatures offer) {
    return home.hasCertificate()
            && offer.mechanisms().contains(new ExternalClient(device.jid()).name().text())
        ? Optional.of(
            new DeviceProof.ByCertificate(
                Optional.of(device.credential())
                    .filter(id -> device.kind() == CredentialKind.CERTIFICATE)))
        : Optional.empty();
  }

  private Optional<DeviceProof> byClientKey(StreamFeatures offer, TlsFacts tls) {
    ClientKeyFile file = home.clientKey();
    if (!whole || !file.exists()) {
      return Optional.empty();
    }
    List<ClientKeyVariant> offered =
        ClientKeyVariant.BY_PREFERENCE.stream()
            .filter(variant -> offer.mechanisms().contains(variant.mechanism().text()))
            .toList();
    if (offered.isEmpty()) {
      return Optional.empty();
    }
    ChannelBindings bindings = ChannelBindings.of(offer, tls);
    Optional<ChannelBindingChoice.Bound> bound =
        bindings.bound().filter(it -> offered.contains(ClientKeyVariant.CLIENT_KEY_PLUS));
    ClientKeyFile.Content content = file.read();
    content.pin().ifPresent(pin -> refuseWeaker(pin, bound.map(ChannelBindingChoice.Bound::type)));
    if (bound.isPresent()) {
      return Optional.of(
          new DeviceProof.ByClientKey(
              file, content, ClientKeyVariant.CLIENT_KEY_PLUS, bound.get()));
    }
    return offered.contains(ClientKeyVariant.CLIENT_KEY)
        ? Optional.of(
            new DeviceProof.ByClientKey(
                file, content, ClientKeyVariant.CLIENT_KEY, bindings.unbound()))
        : Optional.empty();
  }

  private void refuseWeaker(ClientKeyFile.Pin pin, Optional<ChannelBindingType> now) {
    boolean weaker =
        pin.binding()
            .filter(before -> now.isEmpty() || now.get().compareTo(before) > 0)
            .isPresent();
    if (weaker) {
      throw new ServerNotTrustedException(
          "%s: this device signed in by %s bound by %s before, and now only something weaker can be had: refused, somebody may stand in between"
              .formatted(
                  device.jid(),
                  pin.variant().mechanism(),
                  pin.binding().map(ChannelBindingType::word).orElse("nothing")));
    }
  }

  private Optional<KeptToken> token(StreamFeatures offer, TlsFacts tls, List<KeptToken> tried) {
    return (whole ? home.tokens() : KeptTokens.NONE)
        .without(tried).all().stream()
            .filter(token -> TokenChoice.isUsable(token.variant(), offer, tls))
            .findFirst();
  }

  /// Whether there is a token to come back with for some time yet.
  ///
  /// @param tried tokens that are of no use any more
  boolean hasYoungToken(StreamFeatures offer, TlsFacts tls, List<KeptToken> tried, Instant now) {
    return token(offer, tls, tried).filter(token -> !token.isAgeing(now)).isPresent();
  }

  /// Why there is nothing to sign in with.
  ClientException nothing(StreamFeatures offer, TlsFacts tls) {
    List<KeptToken> tokens = home.tokens().all();
    if (!hasMoreThanTokens()) {
      if (tokens.isEmpty() && device.kind() == CredentialKind.CERTIFICATE) {
        return new ClientException(
            "%s: %s is missing. Put it back, or ask for a new invitation, and enrol again with --replace"
                .formatted(device.jid(), home.folder().resolve("device.crt")));
      }
      if (tokens.isEmpty()) {
        return new ClientException(
            "%s: this device has no token any more. Ask for a new invitation, and enrol it again with --replace"
                .formatted(device.jid()));
      }
      HtVariant variant = tokens.getFirst().variant();
      if (!TokenChoice.binds(variant, tls)) {
        return new ServerNotTrustedException(
            "%s: this connection has nothing to bind the device's token to (%s): refused"
                .formatted(device.jid(), variant.mechanism()));
      }
      if (!offer.tokenMechanisms().isEmpty()) {
        return new ServerNotTrustedException(
            "%s: the device's token is for %s, and the server now offers only others: refused, somebody may stand in between"
                .formatted(device.jid(), variant.mechanism()));
      }
    }
    List<String> ways = new ArrayList<>();
    if (home.hasCertificate()) {
      ways.add("by certificate");
    }
    if (home.clientKey().exists()) {
      ways.add("by client key");
    }
    if (!tokens.isEmpty()) {
      ways.add("by token");
    }
    return new ClientException(
        "%s: the server does not offer to sign in %s: it is switched off there, or something in between ends the TLS connection"
            .formatted(device.jid(), String.join(" or ", ways)));
  }
}
