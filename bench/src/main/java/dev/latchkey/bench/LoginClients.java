// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SignIn;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.wire.tls.TlsIdentity;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.TypeConversionException;

/// The clients that sign in, each with an account of its own.
///
/// @param attempts what they do: from connecting to the bound resource. With the kit, but for the
///   tokens, for which a figure is set: the kit works about as much as the server, and on the same
///   processors.
/// @param identity a certificate like those they show, if they show one
record LoginClients(List<Attempt> attempts, Optional<TlsIdentity> identity) {
  /// How they sign in.
  enum Mechanism {
    /// By a device password, SCRAM-SHA-256-PLUS.
    SCRAM,

    /// By a certificate.
    EXTERNAL,

    /// By a FAST token, HT-SHA-512-EXPR.
    FAST,

    /// By a client key, CLIENT-KEY-PLUS.
    CLIENT_KEY;

    /// As it stands on the command line.
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// That of a word.
    static Mechanism of(String word) {
      return Arrays.stream(values())
          .filter(known -> known.word().equalsIgnoreCase(word))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "\"%s\" is none of scram, external, fast, client-key".formatted(word)));
    }
  }

  LoginClients {
    attempts = List.copyOf(attempts);
  }

  /// Makes accounts, and with them what the clients sign in with.
  ///
  /// @param loops of clients without the kit
  /// @param adminSocket the server's
  /// @param homes an empty folder for the devices' keys
  static LoginClients make(
      Mechanism mechanism,
      int count,
      EventLoopGroup loops,
      Path adminSocket,
      Path homes,
      ClientEnvironment environment)
      throws Exception {
    if (mechanism == Mechanism.FAST) {
      Members members = Members.enrol(count, loops, adminSocket, homes, environment);
      List<Attempt> attempts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        attempts.add(members.signingInByToken(i));
      }
      return new LoginClients(attempts, Optional.empty());
    }
    AdminClient admin = new AdminClient(adminSocket);
    List<Attempt> attempts = new ArrayList<>();
    Optional<TlsIdentity> identity = Optional.empty();
    for (int i = 0; i < count; i++) {
      LoginUri invitation = LoginUri.parse(told(admin, "invite", "client-" + i, "uri"));
      switch (mechanism) {
        case SCRAM -> {
          String password = told(admin, "password", "client-" + i, "password");
          attempts.add(
              attempt(
                  () ->
                      LatchkeyClient.withPassword(
                              invitation.account(),
                              MachineSecret.read(password).orElseThrow().canonical())
                          .server(invitation.server().orElseThrow())
                          .pin(invitation.pin().orElseThrow())
                          .in(environment)));
        }
        case EXTERNAL -> {
          DeviceHome home =
              enrolled(
                  invitation,
                  homes.resolve("client-" + i),
                  CredentialKind.CERTIFICATE,
                  environment);
          identity = Optional.of(new TlsIdentity(home.privateKey(), home.certificates()));
          attempts.add(attempt(() -> LatchkeyClient.open(home).in(environment)));
        }
        case CLIENT_KEY -> {
          DeviceHome home =
              enrolled(
                  invitation, homes.resolve("client-" + i), CredentialKind.CLIENT_KEY, environment);
          attempts.add(attempt(() -> LatchkeyClient.open(home).in(environment)));
        }
        case FAST -> throw new IllegalStateException("made without the kit");
      }
    }
    return new LoginClients(attempts, identity);
  }

  private static DeviceHome enrolled(
      LoginUri invitation, Path folder, CredentialKind kind, ClientEnvironment environment) {
    DeviceHome home = DeviceHome.at(folder);
    var _ = new Enrolment(invitation, home).name("client").credential(kind).in(environment).run();
    return home;
  }

  /// Anew each time: one that signs in again would resume its TLS session.
  private static Attempt attempt(Supplier<SignIn> signIn) {
    return () -> signIn.get().connect()::close;
  }

  private static String told(AdminClient admin, String command, String name, String field)
      throws AdminException {
    List<JsonNode> lines = new ArrayList<>();
    admin.call(
        new JsonLine().with("command", command).with("account", name + "@" + MeasuredServer.DOMAIN),
        lines::add);
    return lines.getFirst().path(field).asText();
  }
}
