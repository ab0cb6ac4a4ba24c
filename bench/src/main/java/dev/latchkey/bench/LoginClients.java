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
    AdminClient admin = new AdminClient(adminSocket);
    return switch (mechanism) {
      case SCRAM -> byPassword(count, admin, environment);
      case EXTERNAL -> enrolled(count, admin, homes, CredentialKind.CERTIFICATE, environment);
      case FAST -> byToken(Members.enrol(count, loops, adminSocket, homes, environment));
      case CLIENT_KEY -> enrolled(count, admin, homes, CredentialKind.CLIENT_KEY, environment);
    };
  }

  private static LoginClients byToken(Members members) throws Exception {
    List<Attempt> attempts = new ArrayList<>();
    for (int i = 0; i < members.count(); i++) {
      attempts.add(members.signingInByToken(i));
    }
    return new LoginClients(attempts, Optional.empty());
  }

  private static LoginClients byPassword(
      int count, AdminClient admin, ClientEnvironment environment) throws AdminException {
    List<Attempt> attempts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LoginUri invitation = invitation(admin, i);
      MachineSecret password =
          MachineSecret.read(told(admin, "password", i, "password")).orElseThrow();
      attempts.add(
          attempt(
              () ->
                  LatchkeyClient.withPassword(invitation.account(), password.canonical())
                      .server(invitation.server().orElseThrow())
                      .pin(invitation.pin().orElseThrow())
                      .in(environment)));
    }
    return new LoginClients(attempts, Optional.empty());
  }

  private static LoginClients enrolled(
      int count, AdminClient admin, Path homes, CredentialKind kind, ClientEnvironment environment)
      throws AdminException {
    List<Attempt> attempts = new ArrayList<>();
    Optional<TlsIdentity> identity = Optional.empty();
    for (int i = 0; i < count; i++) {
      DeviceHome home = DeviceHome.at(homes.resolve(name(i)));
      var _ =
          new Enrolment(invitation(admin, i), home)
              .name("client")
              .credential(kind)
              .in(environment)
              .run();
      attempts.add(attempt(() -> LatchkeyClient.open(home).in(environment)));
      if (kind == CredentialKind.CERTIFICATE) {
        identity = Optional.of(new TlsIdentity(home.privateKey(), home.certificates()));
      }
    }
    return new LoginClients(attempts, identity);
  }

  private static String name(int number) {
    return "client-" + number;
  }

  private static LoginUri invitation(AdminClient admin, int number) throws AdminException {
    return LoginUri.parse(told(admin, "invite", number, "uri"));
  }

  /// Anew each time: one that signs in again would resume its TLS session.
  private static Attempt attempt(Supplier<SignIn> signIn) {
    return () -> signIn.get().connect()::close;
  }

  private static String told(AdminClient admin, String command, int number, String field)
      throws AdminException {
    List<JsonNode> lines = new ArrayList<>();
    admin.call(
        new JsonLine()
            .with("command", command)
            .with("account", name(number) + "@" + MeasuredServer.DOMAIN),
        lines::add);
    return lines.getFirst().path(field).asText();
  }
}
