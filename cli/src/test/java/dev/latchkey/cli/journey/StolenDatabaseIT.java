// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.tls.TlsFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a copy of the data is good for, and who may touch it.
class StolenDatabaseIT {
  /// ` column=value`, as a dump writes it.
  private static final Pattern VALUE = Pattern.compile(" ([a-z_]+)=(.*?)(?= [a-z_]+=|$)");

  private static final int MOST_ATTEMPTS_ON_A_STREAM = 4;

  @TempDir Path folder;

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "what is stored is no credential")
  void nothingInTheDatabaseSignsAnybodyIn() throws Exception {
    AuthTokenSource source = new AuthTokenSource(InstantSource.system());
    try (RunningServer server =
        RunningServer.in(
            folder,
            source::in,
            whole -> AuthTokenSource.configured(whole, true, TheftResponse.EVENT))) {
      LoginUri uri = server.invite(NINA);
      server.enrol(uri, "phone");
      LoginUri open = server.connect("phone").addDevice(CodeOrder.named("tablet")).uri();
      String password = server.password(NINA);
      Held token = TokenPeer.ask(server, uri, Secret.ofText(password), HtVariant.HT_SHA_256_NONE);
      Held bound =
          TokenPeer.ask(
              server, uri, Secret.ofText(server.password(NINA)), HtVariant.HT_SHA_256_EXPR);
      Secret copied = source.issue();
      HeldClientKey key = TokenPeer.enrol(server, server.invite(NINA));
      DatabaseDump dump = server.dump();

      // The secrets themselves are not in it.
      assertThat(dump.holds(open.token().canonical())).isFalse();
      assertThat(dump.holds(open.token().printed())).isFalse();
      assertThat(dump.holds(Secret.ofText(password))).isFalse();
      for (Secret secret :
          List.of(token.token(), bound.token(), key.secret(), key.validationKey(), copied)) {
        assertThat(dump.holds(secret)).isFalse();
      }
      // Nor the verifiers of one that is known: they are sealed.
      assertThat(dump.text()).contains("scram_verifier").contains("sealed=x");
      // And the right one does sign in, so that the refusals below mean something.
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        assertThat(
                stream.authenticate(
                    stream.open(),
                    Peer.scram(stream, ScramVariant.SCRAM_SHA_256, NINA, Secret.ofText(password)),
                    List.of()))
            .isInstanceOf(SaslOutcome.Succeeded.class);
      }

      Set<Bytes> found = found(dump);
      assertThat(found).hasSizeGreaterThan(50);
      for (ScramVariant variant : List.of(ScramVariant.SCRAM_SHA_256, ScramVariant.SCRAM_SHA_1)) {
        refuseAll(server, uri, passwords(variant, List.copyOf(found)));
      }
      refuseAll(server, uri, tokens(List.copyOf(found)));
      // Nor does what is sealed, to whoever has the master key as well.
      refuseAll(server, uri, keys(source.account(), key.clientId()));
      for (Held live : List.of(token, bound)) {
        try (ClientStream stream = server.stream(uri, Optional.empty())) {
          TokenPeer.success(TokenPeer.byToken(stream, live));
        }
      }
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        TokenPeer.success(
            stream.authenticate(stream.open(), new XTokenClient(NINA, copied), List.of()));
      }
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        TokenPeer.success(TokenPeer.byKey(stream, key, 0));
      }
    }
  }

  /// A way to try something on a connection.
  ///
  /// @param mechanism the client's half there
  /// @param extras what goes with it
  private record Attempt(Function<TlsFacts, ClientMechanism> mechanism, List<Element> extras) {}

  private static List<Attempt> passwords(ScramVariant variant, List<Bytes> values) {
    List<Attempt> attempts = new ArrayList<>();
    for (Bytes value : values) {
      attempts.add(
          enrolling(
              ScramClient.begin(
                  variant,
                  NINA,
                  Secret.of(value),
                  new ChannelBindingChoice.Unable(),
                  Optional.empty(),
                  new SecureRandom())));
      if (value.length() >= variant.hash().length()) {
        // The keys that SCRAM makes of a password; also where they are part of something longer.
        Bytes key = value.slice(value.length() - variant.hash().length(), variant.hash().length());
        attempts.add(enrolling(new StolenKey(variant, key, false)));
        attempts.add(enrolling(new StolenKey(variant, key, true)));
      }
    }
    return attempts;
  }

  private static Attempt enrolling(ClientMechanism mechanism) {
    return new Attempt(_ -> mechanism, List.of(Peer.enrol("csr")));
  }

  private static List<Attempt> tokens(List<Bytes> values) {
    List<Attempt> attempts = new ArrayList<>();
    for (Bytes value : values) {
      for (HtVariant variant : List.of(HtVariant.HT_SHA_256_NONE, HtVariant.HT_SHA_256_EXPR)) {
        Held stolen = new Held(variant, Secret.of(value), TokenPeer.AGENT);
        attempts.add(
            new Attempt(
                stolen::on, List.of(TokenPeer.userAgent(stolen.agent()), TokenPeer.fast())));
      }
      if (value.toUtf8().filter(text -> !text.isEmpty() && text.indexOf(0) < 0).isPresent()) {
        XTokenClient stolen = new XTokenClient(NINA, Secret.of(value));
        attempts.add(new Attempt(_ -> stolen, List.of()));
      }
    }
    return attempts;
  }

  /// What the server keeps of a client key, unsealed, in both places of a client's store.
  private static List<Attempt> keys(AccountSnapshot account, String clientId) {
    Verifier.ClientKey kept =
        account.credentials().stream()
            .flatMap(
                credential ->
                    credential.verifier() instanceof Verifier.ClientKey key
                        ? Stream.of(key)
                        : Stream.empty())
            .findFirst()
            .orElseThrow();
    Bytes masked = kept.encryptedSecret().reveal();
    Bytes validator = kept.validator().reveal();
    List<Bytes> values = List.of(masked, validator, masked.xor(validator));
    List<Attempt> attempts = new ArrayList<>();
    for (Bytes secret : values) {
      for (Bytes validationKey : values) {
        HeldClientKey stolen =
            new HeldClientKey(clientId, Secret.of(secret), Secret.of(validationKey));
        attempts.add(new Attempt(tls -> TokenPeer.key(tls, stolen, kept.counter()), List.of()));
      }
    }
    return attempts;
  }

  private static void refuseAll(RunningServer server, LoginUri uri, List<Attempt> all)
      throws Exception {
    List<Attempt> attempts = new ArrayList<>(all);
    while (!attempts.isEmpty()) {
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        StreamFeatures features = stream.open();
        for (int i = 0; i < MOST_ATTEMPTS_ON_A_STREAM && !attempts.isEmpty(); i++) {
          Attempt attempt = attempts.removeLast();
          assertThat(
                  stream.authenticate(
                      features, attempt.mechanism().apply(stream.tls()), attempt.extras()))
              .as("%s", attempt)
              .isInstanceOf(SaslOutcome.Failed.class);
        }
      }
    }
  }

  /// Every value of every table, and what it may stand for.
  private static Set<Bytes> found(DatabaseDump dump) {
    Set<Bytes> found = new LinkedHashSet<>();
    dump.text()
        .lines()
        .forEach(
            line -> {
              Matcher values = VALUE.matcher(line);
              while (values.find()) {
                String value = values.group(2);
                boolean blob = value.matches("x([0-9a-f]{2})+");
                if (blob) {
                  Bytes octets = Bytes.hex(value.substring(1));
                  found.add(octets);
                  found.add(Bytes.utf8(octets.toHex()));
                  found.add(Bytes.utf8(octets.toBase64()));
                } else if (!value.isEmpty()) {
                  found.add(Bytes.utf8(value));
                  Bytes.base64(value).filter(octets -> !octets.isEmpty()).ifPresent(found::add);
                }
              }
            });
    return found;
  }

  /// A client that has no password, but something that it takes for a key.
  ///
  /// @param key which
  /// @param salted whether for the SaltedPassword, else for the ClientKey
  private record StolenKey(ScramVariant variant, Bytes key, boolean salted)
      implements ClientMechanism {
    private static final String FIRST = "n=nina,r=stolen-stolen-stolen";

    @Override
    public MechanismName name() {
      return variant.mechanism();
    }

    @Override
    public Optional<Bytes> initialResponse() {
      return Optional.of(Bytes.utf8("n,," + FIRST));
    }

    @Override
    public Bytes respond(Bytes challenge) {
      String serverFirst = challenge.toUtf8().orElseThrow();
      String nonce = serverFirst.substring("r=".length(), serverFirst.indexOf(','));
      String last = "c=biws,r=" + nonce;
      Bytes clientKey = salted ? variant.hash().hmac(key, Bytes.utf8("Client Key")) : key;
      Bytes signature =
          variant
              .hash()
              .hmac(
                  variant.hash().hash(clientKey),
                  Bytes.utf8(FIRST + "," + serverFirst + "," + last));
      return Bytes.utf8(last + ",p=" + clientKey.xor(signature).toBase64());
    }

    @Override
    public void verify(Optional<Bytes> additionalData) {
      // Whoever sends this is in, whatever the server says.
    }
  }

  @Test
  void aSecondServerOnTheFolderIsRefused() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      Configuration same = server.server().configuration();
      try (ServerProcess second = ServerProcess.start(folder, "-")) {
        assertThat(second.serves()).isFalse();
        assertThat(second.awaitEnd()).isNotZero();
        assertThat(second.errors())
            .contains("is in use by another server (process " + ProcessHandle.current().pid());
      }
      assertThatThrownBy(() -> LatchkeyServer.start(same, Seams.none()))
          .hasMessageContaining("is in use by another server")
          .hasMessageContaining(same.data().toString());
      // The first one goes on, and its lock holds also after the attempt in its own process.
      server.invite(NINA);
      try (ServerProcess second = ServerProcess.start(folder, "-")) {
        assertThat(second.serves()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "master.key"})
  void aFolderOrFileThatOthersCanReadIsRefused(String name) throws Exception {
    Configuration configuration = RunningServer.configuration(folder);
    RunningServer.in(folder).close();
    Path open = configuration.data().resolve(name);
    Files.setPosixFilePermissions(
        open, PosixFilePermissions.fromString(Files.isDirectory(open) ? "rwxr-x---" : "rw-r-----"));

    assertThatThrownBy(() -> LatchkeyServer.start(configuration, Seams.none()).close())
        .hasMessageContaining("others can read it")
        .hasMessageContaining("chmod")
        .hasMessageContaining(open.normalize().toString());
  }
}
