// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    try (RunningServer server = RunningServer.in(folder)) {
      LoginUri uri = server.invite(NINA);
      server.enrol(uri, "phone");
      LoginUri open = server.connect("phone").addDevice(CodeOrder.named("tablet")).uri();
      String password = server.password(NINA);
      DatabaseDump dump = server.dump();

      // The secrets themselves are not in it.
      assertThat(dump.holds(open.token().canonical())).isFalse();
      assertThat(dump.holds(open.token().printed())).isFalse();
      assertThat(dump.holds(Secret.ofText(password))).isFalse();
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
        refuseAll(server, uri, variant, List.copyOf(found));
      }
    }
  }

  private static void refuseAll(
      RunningServer server, LoginUri uri, ScramVariant variant, List<Bytes> values)
      throws Exception {
    List<ClientMechanism> attempts = new ArrayList<>();
    for (Bytes value : values) {
      attempts.add(
          ScramClient.begin(
              variant,
              NINA,
              Secret.of(value),
              new ChannelBindingChoice.Unable(),
              Optional.empty(),
              new SecureRandom()));
      if (value.length() >= variant.hash().length()) {
        // The keys that SCRAM makes of a password; also where they are part of something longer.
        Bytes key = value.slice(value.length() - variant.hash().length(), variant.hash().length());
        attempts.add(new StolenKey(variant, key, false));
        attempts.add(new StolenKey(variant, key, true));
      }
    }
    while (!attempts.isEmpty()) {
      try (ClientStream stream = server.stream(uri, Optional.empty())) {
        StreamFeatures features = stream.open();
        for (int i = 0; i < MOST_ATTEMPTS_ON_A_STREAM && !attempts.isEmpty(); i++) {
          ClientMechanism attempt = attempts.removeLast();
          assertThat(stream.authenticate(features, attempt, List.of(Peer.enrol("csr"))))
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
