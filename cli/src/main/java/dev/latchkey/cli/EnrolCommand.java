// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.server.admin.JsonLine;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `enrol`: this machine becomes a device.
@Command(
    name = "enrol",
    mixinStandardHelpOptions = true,
    description = {
      "Redeems an invitation: this machine becomes a device with a credential of its own. If the"
          + " answer is lost, the same command gets it again.",
      "Writes what the device signs in with, for you alone (a certificate: device.key, device.crt,"
          + " device.p12), and, if the invitation pins one, server-ca.crt."
    })
final class EnrolCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private HomeOptions device = new HomeOptions();

  @Parameters(
      paramLabel = "URI",
      description = {
        "The invitation, xmpp:...?login;token=...",
        "\"-\" reads it from standard input, where other users of this machine do not see it."
      })
  private String uri = "";

  @Option(
      names = "--name",
      paramLabel = "TEXT",
      description =
          "What the device is to be called (default: what the invitation says, or else this"
              + " machine's name).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--credential",
      paramLabel = "KIND",
      converter = KindConverter.class,
      description = {
        "What the device is to sign in with (default: certificate):",
        "certificate: a key that never leaves this machine; other clients can use it too.",
        "client-key: a secret made by both sides, and a counter by which a copy of it shows.",
        "fast: a token that is exchanged for a new one from time to time."
      })
  private CredentialKind credential = CredentialKind.CERTIFICATE;

  @Option(names = "--replace", description = "Forget the device that lives in this folder.")
  private boolean replace;

  EnrolCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LoginUri invitation = LoginUri.parse(uri.equals("-") ? console.readLine("the URI") : uri);
    console.progress(
        credential == CredentialKind.CERTIFICATE
            ? "making a key and asking the server to sign it ..."
            : "asking the server for a " + credential.word() + " credential ...");
    Enrolment enrolment = new Enrolment(invitation, device.home()).credential(credential);
    name.ifPresent(enrolment::name);
    machine().ifPresent(enrolment::machine);
    device.server().ifPresent(enrolment::server);
    if (replace) {
      enrolment.replacing();
    }
    EnrolledDevice enrolled = enrolment.run();
    if (device.json()) {
      console.say(
          new JsonLine()
              .with("jid", enrolled.account().jid().toString())
              .with("device", enrolled.account().device().value())
              .with("credential", enrolled.account().credential().value())
              .with("expires", enrolled.account().notAfter()));
    } else {
      console.say(
          "This is now device %s of %s, until %s. Its %s is in %s."
              .formatted(
                  enrolled.account().device(),
                  enrolled.account().jid(),
                  enrolled.account().notAfter(),
                  credential == CredentialKind.FAST ? "token" : "key",
                  enrolled.folder()));
    }
    return 0;
  }

  private static Optional<String> machine() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException nameless) {
      return Optional.empty();
    }
  }
}
