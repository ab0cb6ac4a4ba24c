// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.latchkey.client.ClientKeyFile;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.credential.Bytes;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.RunFolder;
import dev.latchkey.server.Seams;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands against a running server: names of fields, types and exit codes are what scripts
/// rely on.
class CommandsIT {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

  @TempDir Path folder;
  private Path run;
  private LatchkeyServer server;

  @BeforeEach
  void serve() throws IOException {
    run = Files.createTempDirectory("lk"); // a socket's path is short
    server =
        LatchkeyServer.start(
            Configuration.read(
                Optional.empty(),
                new Overrides(
                    Optional.of(folder.resolve("data")),
                    Optional.of(run),
                    List.of("localhost"),
                    Optional.of("127.0.0.1:0"),
                    Optional.of("127.0.0.1:0"))),
            Seams.none());
    RunFolder.announce(folder.resolve("data"), run);
  }

  @AfterEach
  void end() throws IOException {
    server.close();
    Files.deleteIfExists(run);
  }

  @Test
  void readyLineNamesWhatListens() {
    assertThat(server.ready())
        .matches(
            "ready domain=localhost c2s=127\\.0\\.0\\.1:\\d+ tls=127\\.0\\.0\\.1:\\d+ data="
                + folder.resolve("data"));
  }

  @Test
  void invitesEnrolsListsAndRevokes() {
    JsonNode invitation = operator("invite", "nina@localhost", "--name", "Phone").line();
    assertFields(invitation, "account", "created", "token", "uri", "expires");
    assertThat(invitation.path("created").isBoolean()).isTrue();
    assertThat(invitation.path("expires").asText()).matches(TIME);
    assertThat(invitation.path("uri").asText())
        .startsWith("xmpp:nina@localhost?login;token=" + invitation.path("token").asText())
        .contains(";pin=sha-256:", ";host=127.0.0.1;port=");

    Ran enrolled =
        Ran.withInput(
            invitation.path("uri").asText() + "\n", "enrol", "-", "--home", home("one"), "--json");
    assertThat(enrolled.code()).as(enrolled.err()).isZero();
    assertFields(enrolled.line(), "jid", "device", "credential", "expires");

    JsonNode who = device("one", "whoami").line();
    assertFields(who, "jid", "device", "mechanism", "credential");
    assertThat(who.path("mechanism").asText()).isEqualTo("EXTERNAL");
    assertThat(who.path("device")).isEqualTo(enrolled.line().path("device"));

    JsonNode second = device("one", "my", "add", "--name", "Tablet").line();
    assertFields(second, "account", "created", "token", "uri", "expires");
    assertThat(Ran.latchkey("enrol", second.path("uri").asText(), "--home", home("two")).code())
        .isZero();

    List<JsonNode> listed = operator("devices", "nina@localhost").lines();
    assertThat(listed).hasSize(2);
    assertThat(listed)
        .as("an invitation's name goes before the machine's")
        .extracting(device -> device.path("name").asText())
        .containsExactly("Phone", "Tablet");
    assertFields(
        device("one", "my", "devices").lines().getFirst(),
        "id",
        "name",
        "account",
        "status",
        "credentials",
        "connected",
        "first-seen",
        "last-seen");
    assertFields(listed.getFirst().path("credentials").get(0), "id", "kind", "status", "expires");
    assertThat(listed.getFirst().path("connected").isBoolean()).isTrue();

    Ran toNobody = device("one", "send", "nina@localhost/gone", "hello");
    assertThat(toNobody.code()).as("it waits for whoever comes: " + toNobody.err()).isZero();
    try (LatchkeyClient listening =
        LatchkeyClient.open(DeviceHome.at(Path.of(home("two")))).connect()) {
      listening.goOnline();
      listening.ping();
      JsonNode sent = device("one", "send", "nina@localhost", "hello").line();
      assertFields(sent, "id", "to", "sent");
      assertThat(sent.path("sent").asText()).matches(TIME);
    }

    String tablet = listed.get(1).path("id").asText();
    JsonNode revoked = device("one", "my", "revoke", tablet, "--reason", "lost").line();
    assertFields(revoked, "account", "revoked");
    assertThat(revoked.path("revoked").get(0).asText()).isEqualTo(tablet);
    assertThat(device("two", "whoami").code()).isEqualTo(1);

    String phone = enrolled.line().path("device").asText();
    Ran last = operator("revoke", "nina@localhost", phone);
    assertThat(last.code()).isEqualTo(1);
    assertThat(last.err()).contains("--force");
    assertFields(
        operator("revoke", "nina@localhost", phone, "--force").line(), "account", "revoked");

    List<JsonNode> history = operator("audit", "nina@localhost").lines();
    assertFields(history.getFirst(), "at", "event", "account", "actor");
    assertThat(history)
        .anySatisfy(
            event -> assertFields(event, "at", "event", "account", "device", "actor", "reason"));
  }

  @Test
  void listenShowsWhatCameWhileNobodyListened() throws Exception {
    String uri = operator("invite", "nina@localhost").line().path("uri").asText();
    assertThat(Ran.latchkey("enrol", uri, "--home", home("one")).code()).isZero();
    String second = device("one", "my", "add").line().path("uri").asText();
    assertThat(Ran.latchkey("enrol", second, "--home", home("two")).code()).isZero();
    assertThat(device("one", "send", "nina@localhost", "while you were away").code()).isZero();

    Path shown = Path.of(home("two")).resolve("archive.properties");
    Ran[] listened = new Ran[1];
    Thread listening = Thread.ofVirtual().start(() -> listened[0] = device("two", "listen"));
    long end = System.nanoTime() + java.time.Duration.ofSeconds(20).toNanos();
    while (!Files.readString(shown).contains("after=") && System.nanoTime() < end) {
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
    operator("kick", "nina@localhost");
    assertThat(listening.join(java.time.Duration.ofSeconds(20))).isTrue();
    assertThat(listened[0].code()).isEqualTo(1);
    JsonNode message = listened[0].line();
    assertFields(message, "from", "to", "type", "id", "body", "stamp", "delayed");
    assertThat(message.path("body").asText()).isEqualTo("while you were away");
    assertThat(message.path("delayed").asBoolean()).isTrue();
  }

  @Test
  void sendSaysWhyAMessageCameBack() {
    String uri = operator("invite", "nina@localhost").line().path("uri").asText();
    assertThat(Ran.latchkey("enrol", uri, "--home", home("one")).code()).isZero();
    assertThat(device("one", "send", "nobody@localhost", "x").code())
        .as("rule 5: nobody learns who is no account")
        .isZero();
    Ran elsewhere = device("one", "send", "olaf@elsewhere.example", "x");
    assertThat(elsewhere.code()).isEqualTo(1);
    assertThat(elsewhere.err())
        .contains("olaf@elsewhere.example", "remote-server-not-found", "its own domain");
    Ran domain = device("one", "send", "localhost", "x");
    assertThat(domain.code()).isEqualTo(1);
    assertThat(domain.err()).contains("service-unavailable", "Check it");
  }

  @Test
  void makesADevicePassword() {
    JsonNode made = operator("password", "printer@localhost", "--name", "Printer").line();
    assertFields(made, "account", "device", "password");
    assertThat(operator("accounts").lines())
        .anySatisfy(
            account -> {
              assertFields(account, "account", "status");
              assertThat(account.path("status").asText()).isEqualTo("active");
            });
    assertFields(operator("kick", "printer@localhost").line(), "account", "kicked");
    assertThat(operator("status").line().has("domains")).isTrue();
  }

  @Test
  void makesADeviceWithItsKeyInAFileAndPrintsNoneOfIt() throws IOException {
    Path file = folder.resolve("sensor.properties");
    Ran ran =
        operator(
            "invite", "sensor@localhost", "--credential", "client-key", "--out", file.toString());
    assertFields(ran.line(), "account", "created", "device", "credential", "file", "expires");
    assertThat(ran.line().path("file").asText()).isEqualTo(file.toString());

    Properties made = new Properties();
    made.load(new StringReader(Files.readString(file)));
    assertThat(made.getProperty("jid")).isEqualTo("sensor@localhost");
    assertThat(made.getProperty("device")).isEqualTo(ran.line().path("device").asText());
    assertThat(made.getProperty("counter")).isEqualTo("0");
    assertThat(made.getProperty("pin")).hasSize(64);
    for (String secret : List.of("secret", "validation-key")) {
      assertThat(Bytes.base64(made.getProperty(secret)))
          .hasValueSatisfying(octets -> assertThat(octets.length()).isEqualTo(32));
      assertThat(ran.out() + ran.err()).doesNotContain(made.getProperty(secret));
    }
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    JsonNode device = operator("devices", "sensor@localhost").line();
    assertThat(device.path("status").asText()).isEqualTo("active");
    assertThat(device.path("credentials").get(0).path("kind").asText()).isEqualTo("client-key");
    assertThat(device.path("credentials").get(0).path("expires"))
        .isEqualTo(ran.line().path("expires"));

    Path home = Files.createDirectory(folder.resolve("sensor"));
    Files.move(file, home.resolve(ClientKeyFile.NAME));
    JsonNode who = device("sensor", "whoami").line();
    assertThat(who.path("device")).isEqualTo(ran.line().path("device"));
    assertThat(who.path("mechanism").asText()).isEqualTo("CLIENT-KEY-PLUS");
  }

  @Test
  void makesNoDeviceWhoseKeyCouldNotBeKept() throws IOException {
    Path file = folder.resolve("sensor.properties");
    Files.writeString(file, "somebody else's");
    String[] invite = {"invite", "sensor@localhost", "--credential", "client-key"};
    Ran there = with(invite, "--out", file.toString(), "--data", data());
    assertThat(there.code()).isEqualTo(1);
    assertThat(there.err()).contains(file.toString(), "already");
    assertThat(Files.readString(file)).isEqualTo("somebody else's");
    Ran nowhere = with(invite, "--out", folder.resolve("none/here").toString(), "--data", data());
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(nowhere.err()).contains("cannot be written");
    assertThat(operator("accounts").lines()).isEmpty();

    Path refused = folder.resolve("refused.properties");
    Ran elsewhere =
        operator(
            "invite",
            "x@elsewhere.example",
            "--credential",
            "client-key",
            "--out",
            refused.toString());
    assertThat(elsewhere.code()).isEqualTo(1);
    assertThat(refused).doesNotExist();
  }

  @Test
  void refusesHalfAWishForACredential() {
    String out = folder.resolve("never").toString();
    for (List<String> half :
        List.of(
            List.of("--credential", "client-key"),
            List.of("--out", out),
            List.of("--credential", "client-key", "--out", out, "--ttl", "1h"),
            List.of("--credential", "password", "--out", out))) {
      Ran ran =
          with(
              new String[] {"invite", "nina@localhost", "--data", data()},
              half.toArray(new String[0]));
      assertThat(ran.code()).as("%s", half).isEqualTo(2);
    }
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void disablesEnablesAndDeletesAnAccount() {
    String uri = operator("invite", "nina@localhost").line().path("uri").asText();
    Ran invitedOnly = operator("account", "disable", "nina@localhost");
    assertThat(invitedOnly.code()).isEqualTo(1);
    assertThat(invitedOnly.err()).contains("only invited", "account delete nina@localhost");
    assertThat(Ran.latchkey("enrol", uri, "--home", home("one")).code()).isZero();
    String device = device("one", "whoami").line().path("device").asText();

    JsonNode disabled = operator("account", "disable", "nina@localhost").line();
    assertFields(disabled, "account", "status");
    assertThat(disabled.path("status").asText()).isEqualTo("disabled");
    assertThat(device("one", "whoami").code()).isEqualTo(1);
    Ran invited = operator("invite", "nina@localhost");
    assertThat(invited.code()).isEqualTo(1);
    assertThat(invited.err()).contains("disabled");
    assertThat(operator("accounts").line().path("status").asText()).isEqualTo("disabled");

    JsonNode enabled = operator("account", "enable", "nina@localhost").line();
    assertFields(enabled, "account", "status");
    assertThat(enabled.path("status").asText()).isEqualTo("active");
    assertThat(device("one", "whoami").code()).isZero();

    JsonNode deleted = operator("account", "delete", "nina@localhost").line();
    assertFields(deleted, "account", "deleted", "revoked");
    assertThat(deleted.path("deleted").isBoolean()).isTrue();
    assertThat(deleted.path("revoked")).singleElement().isEqualTo(new TextNode(device));
    assertThat(device("one", "whoami").code()).isEqualTo(1);
    assertThat(operator("accounts").lines()).isEmpty();
    for (String verb : List.of("disable", "enable", "delete")) {
      Ran nobody = operator("account", verb, "nina@localhost");
      assertThat(nobody.code()).isEqualTo(1);
      assertThat(nobody.err()).contains("there is no account nina@localhost");
    }
    assertThat(operator("invite", "nina@localhost").line().path("created").asBoolean()).isTrue();
  }

  @Test
  void asksAtATerminalBeforeItDeletes() {
    assertThat(operator("password", "nina@localhost").code()).isZero();
    String data = folder.resolve("data").toString();
    for (String answer : List.of("", "\n", "n\n", "nina\n")) {
      Ran kept = Ran.atATerminal(answer, "account", "delete", "nina@localhost", "--data", data);
      assertThat(kept.code()).isEqualTo(1);
      assertThat(kept.err()).contains("Delete nina@localhost", "[y/N]", "nothing was deleted");
    }
    assertThat(operator("accounts").lines()).hasSize(1);
    Ran gone = Ran.atATerminal("y\n", "account", "delete", "nina@localhost", "--data", data);
    assertThat(gone.code()).isZero();
    assertThat(gone.out().lines())
        .containsExactly("nina@localhost is deleted, its device is revoked.");

    assertThat(operator("password", "otto@localhost").code()).isZero();
    Ran unasked =
        Ran.atATerminal("", "account", "delete", "otto@localhost", "--yes", "--data", data);
    assertThat(unasked.code()).isZero();
    assertThat(unasked.err()).isEmpty();
  }

  @Test
  void refusesWithASentenceAndANumber() {
    assertThat(operator("devices", "nobody@localhost").code()).isEqualTo(1);
    assertThat(operator("invite", "nina@elsewhere.example").code()).isEqualTo(1);
    assertThat(operator("invite", "localhost").code()).isEqualTo(2);
    assertThat(operator("invite", "nina@localhost", "--ttl", "366d").err()).contains("max-ttl");
    assertThat(operator("invite", "nina@localhost", "--name", "\u202e").code()).isEqualTo(1);
    assertThat(operator("audit", "nobody@localhost").err()).contains("there is no account");
  }

  @Test
  void usedCodeIsRefused() {
    String uri = operator("invite", "nina@localhost").line().path("uri").asText();
    assertThat(Ran.latchkey("enrol", uri, "--home", home("one")).code()).isZero();
    assertThat(device("one", "whoami").code()).isZero();
    Ran again = Ran.latchkey("enrol", uri, "--home", home("two"));
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("not-authorized").doesNotContain("token=");
  }

  @Test
  void eyesGetTablesAndWhatToDo() {
    Ran invited =
        Ran.latchkey("invite", "nina@localhost", "--data", folder.resolve("data").toString());
    assertThat(invited.out())
        .contains("An invitation for nina@localhost (a new account)", "  ./latchkey enrol -\n")
        .doesNotContain("█");
    Ran accounts = Ran.latchkey("accounts", "--data", folder.resolve("data").toString());
    assertThat(accounts.out().lines())
        .containsExactly("ACCOUNT         STATUS", "nina@localhost  reserved");
    String uri =
        invited.out().lines().filter(line -> line.startsWith("xmpp:")).findFirst().orElseThrow();
    Ran enrolled = Ran.atATerminal(uri + "\n", "enrol", "-", "--home", home("pasted"));
    assertThat(enrolled.code()).as(enrolled.err()).isZero();
    assertThat(enrolled.err()).contains("the URI: ");
    assertThat(enrolled.out()).contains("This is now device");
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private Ran operator(String... arguments) {
    return with(arguments, "--data", folder.resolve("data").toString(), "--json");
  }

  private Ran device(String home, String... arguments) {
    return with(arguments, "--home", home(home), "--json");
  }

  private static Ran with(String[] arguments, String... more) {
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Ran.latchkey(all);
  }

  private String home(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertFields(JsonNode line, String... names) {
    assertThat(line.fieldNames()).toIterable().containsExactly(names);
  }
}
