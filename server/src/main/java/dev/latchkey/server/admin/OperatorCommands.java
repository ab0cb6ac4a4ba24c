// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.AccountStateResult;
import dev.latchkey.devices.ClientKeys;
import dev.latchkey.devices.DeviceEntry;
import dev.latchkey.devices.DevicePasswords;
import dev.latchkey.devices.InviteResult;
import dev.latchkey.devices.OneTimeCodes;
import dev.latchkey.devices.PasswordResult;
import dev.latchkey.devices.ProvisionResult;
import dev.latchkey.devices.Refusal;
import dev.latchkey.devices.RevocationResult;
import dev.latchkey.store.StoreException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The operator's commands: names, fields and lines as `--json` shows them. What they do is decided
/// in `dev.latchkey.devices`.
///
/// A line with `note` is for the person, and is no part of the answer.
public final class OperatorCommands {
  private static final int EVENTS_AT_A_TIME = 500;

  /// A large database on a slow disk.
  private static final Duration TIME_FOR_ALL_OF_IT = Duration.ofHours(12);

  private final OperatorServices services;

  private OperatorCommands(OperatorServices services) {
    this.services = services;
  }

  /// All of them.
  public static List<AdminCommand> over(OperatorServices services) {
    OperatorCommands commands = new OperatorCommands(services);
    return List.of(
        new AdminCommand("invite", Set.of("account", "ttl", "name"), commands::invite),
        new AdminCommand("provision", Set.of("account", "name"), commands::provision),
        new AdminCommand("devices", Set.of("account"), commands::devices),
        new AdminCommand(
            "revoke", Set.of("account", "device", "cascade", "force", "reason"), commands::revoke),
        new AdminCommand("password", Set.of("account", "name"), commands::password),
        new AdminCommand("accounts", Set.of(), commands::accounts),
        new AdminCommand("disable", Set.of("account"), commands::disable),
        new AdminCommand("enable", Set.of("account"), commands::enable),
        new AdminCommand("delete", Set.of("account"), commands::delete),
        new AdminCommand("audit", Set.of("account"), commands::audit),
        new AdminCommand("backup", Set.of("file"), TIME_FOR_ALL_OF_IT, commands::backup),
        new AdminCommand(
            "rotate-master-key",
            Set.of(),
            TIME_FOR_ALL_OF_IT,
            new RotateMasterKey(services.rotation())),
        new AdminCommand("kick", Set.of("account", "resource"), commands::kick),
        new AdminCommand("status", Set.of(), (_, lines) -> lines.accept(services.status().get())));
  }

  private void invite(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    OneTimeCodes codes = taken(services.codes(), account, "one-time code: it takes no SCRAM");
    switch (codes.invite(
        account, request.text("name"), request.seconds("ttl").orElse(services.inviteLife()))) {
      case InviteResult.Invited(var made) ->
          lines.accept(
              new JsonLine()
                  .with("account", made.account().toString())
                  .with("created", made.created())
                  .with("token", made.code().token().canonical().revealText())
                  .with("uri", services.uris().apply(account, made.code()).revealText())
                  .with("expires", made.code().expires()));
      case InviteResult.Refused(Refusal refusal) -> throw refused(account, refusal);
    }
  }

  /// What makes something that lets its holder in.
  ///
  /// @throws AdminException if it would let nobody in at the account's domain
  private static <T> T taken(Function<Domain, Optional<T>> makers, AccountJid account, String what)
      throws AdminException {
    return makers
        .apply(account.domain())
        .orElseThrow(
            () ->
                AdminException.refused(
                    "%s lets nobody in by a %s. See mechanisms in the configuration."
                        .formatted(account.domain(), what)));
  }

  /// The answer holds the key, which is told once: the command line puts it into a file.
  private void provision(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    ClientKeys keys = taken(services.clientKeys(), account, "client key");
    switch (keys.provision(account, request.text("name"))) {
      case ProvisionResult.Provisioned made -> {
        ServerPlace place = services.places().apply(account.domain());
        lines.accept(
            new JsonLine()
                .with("account", made.account().toString())
                .with("created", made.created())
                .with("device", made.device().value())
                .with("name", made.name())
                .with("credential", made.credential().value())
                .with("client-id", made.clientId())
                .with("secret", made.secret().reveal().toBase64())
                .with("validation-key", made.validationKey().reveal().toBase64())
                .with("counter", made.counter())
                .with("issued", made.issued())
                .with("expires", made.expires())
                .with("server", place.address())
                .with("pin", place.pin().map(Bytes::toHex)));
      }
      case ProvisionResult.Refused(Refusal refusal) -> throw refused(account, refusal);
    }
  }

  private void devices(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    List<DeviceEntry> entries = services.lists().of(account).orElseThrow(() -> unknown(account));
    entries.forEach(entry -> lines.accept(line(account, entry)));
  }

  private static JsonLine line(AccountJid account, DeviceEntry entry) {
    Device device = entry.device();
    return new JsonLine()
        .with("id", device.id().value())
        .with("name", device.name())
        .with("account", account.toString())
        .with("status", device.status().word())
        .withTrue("unbound", device.unbound())
        .withLines(
            "credentials",
            entry.credentials().stream()
                .map(
                    credential ->
                        new JsonLine()
                            .with("id", credential.id().value())
                            .with("kind", credential.kind().word())
                            .with("status", credential.status().word())
                            .withTime("expires", credential.expires()))
                .toList())
        .with("connected", entry.connected())
        .with("first-seen", device.firstSeen())
        .withTime("last-seen", device.lastSeen());
  }

  private void revoke(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    String device = request.required("device");
    switch (services
        .revocation()
        .revokeByOperator(
            account,
            new DeviceId(device),
            request.flag("cascade"),
            request.text("reason"),
            request.flag("force"))) {
      case RevocationResult.Revoked(List<DeviceId> revoked, List<Device> left) -> {
        lines.accept(
            new JsonLine()
                .with("account", account.toString())
                .withTexts("revoked", revoked.stream().map(DeviceId::value).toList()));
        if (!left.isEmpty()) {
          lines.accept(
              new JsonLine()
                  .with(
                      "note",
                      "still there, let in by it: %s. Revoke them too if it was lost or stolen (--cascade does it at once)."
                          .formatted(
                              left.stream()
                                  .map(it -> "%s (%s)".formatted(it.id(), it.name()))
                                  .collect(Collectors.joining(", ")))));
        }
      }
      case RevocationResult.NotFound() ->
          throw AdminException.refused(
              "%s has no device with the id \"%s\": ./latchkey devices %s lists their ids."
                  .formatted(account, device, account));
      case RevocationResult.Refused(Refusal refusal, var _) -> throw refused(account, refusal);
    }
  }

  private void password(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    DevicePasswords passwords =
        taken(services.passwords(), account, "device password: it takes no SCRAM");
    switch (passwords.issue(account, request.text("name"))) {
      case PasswordResult.Issued(var jid, var _, var device, var password) ->
          lines.accept(
              new JsonLine()
                  .with("account", jid.toString())
                  .with("device", device.value())
                  .with("password", password.canonical().revealText()));
      case PasswordResult.Refused(Refusal refusal) -> throw refused(account, refusal);
    }
  }

  private void accounts(AdminRequest request, Consumer<JsonLine> lines) {
    services
        .accounts()
        .list()
        .forEach(
            account ->
                lines.accept(
                    new JsonLine()
                        .with("account", account.jid().toString())
                        .with("status", account.status().word())));
  }

  private void disable(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    lines.accept(statusLine(account, done(account, services.states().disable(account))));
  }

  private void enable(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    lines.accept(statusLine(account, done(account, services.states().enable(account))));
  }

  private static JsonLine statusLine(AccountJid account, AccountStateResult.Done done) {
    return new JsonLine().with("account", account.toString()).with("status", done.status().word());
  }

  private void delete(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    AccountJid account = served(request);
    AccountStateResult.Done done = done(account, services.states().delete(account));
    services.deleted().accept(done.account(), account);
    lines.accept(
        new JsonLine()
            .with("account", account.toString())
            .with("deleted", true)
            .withTexts("revoked", done.revoked().stream().map(DeviceId::value).toList()));
  }

  private static AccountStateResult.Done done(AccountJid account, AccountStateResult result)
      throws AdminException {
    return switch (result) {
      case AccountStateResult.Done done -> done;
      case AccountStateResult.OnlyInvited() ->
          throw AdminException.refused(
              "%s was only invited, and nobody can sign in yet: ./latchkey account delete %s takes the invitation back."
                  .formatted(account, account));
      case AccountStateResult.NotFound() -> throw unknown(account);
    };
  }

  private void audit(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    Account account = account(request);
    long after = 0;
    List<Event> events;
    do {
      events = services.store().events(account.id(), after, EVENTS_AT_A_TIME);
      for (Event event : events) {
        after = event.seq();
        lines.accept(line(account.jid(), event));
      }
    } while (events.size() == EVENTS_AT_A_TIME);
  }

  private static JsonLine line(AccountJid account, Event event) {
    return new JsonLine()
        .with("at", event.at())
        .with("event", event.kind().word())
        .with("account", account.toString())
        .with("device", event.device().map(DeviceId::value))
        .with("credential", event.credential().map(credential -> credential.value()))
        .with(
            "actor",
            switch (event.actor()) {
              case Actor.Operator() -> "operator";
              case Actor.Server() -> "server";
              case Actor.OfDevice(DeviceId device, long _) -> device.value();
              case Actor.OfCode(var code) -> code.value();
            })
        .with("reason", event.reason());
  }

  private void backup(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    Path file = path(request.required("file"));
    long octets;
    try {
      octets = services.backup().applyAsLong(file);
    } catch (StoreException refused) {
      throw AdminException.refused(String.valueOf(refused.getMessage()));
    }
    lines.accept(new JsonLine().with("file", file.toString()).with("bytes", octets));
    lines.accept(
        new JsonLine()
            .with(
                "note",
                "keep master.key and revocations.log of the data folder too, and the key elsewhere"
                    + " than the backup: without the key it is of no use, and who has both has"
                    + " everything."));
  }

  private static Path path(String text) throws AdminException {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException none) {
      throw AdminException.usage("\"%s\" is no path of a file".formatted(text));
    }
    throw AdminException.usage("\"%s\" does not begin with a slash".formatted(text));
  }

  private void kick(AdminRequest request, Consumer<JsonLine> lines) throws AdminException {
    Account account = account(request);
    Optional<Resource> resource = Optional.empty();
    Optional<String> named = request.text("resource");
    if (named.isPresent()) {
      try {
        resource = Optional.of(new Resource(named.get()));
      } catch (InvalidJidException none) {
        throw AdminException.usage("\"%s\" is no resource".formatted(named.get()));
      }
    }
    int ended = services.kick().apply(account.id(), resource);
    lines.accept(new JsonLine().with("account", account.jid().toString()).with("kicked", ended));
  }

  private Account account(AdminRequest request) throws AdminException {
    AccountJid jid = served(request);
    return services.accounts().find(jid).orElseThrow(() -> unknown(jid));
  }

  private AccountJid served(AdminRequest request) throws AdminException {
    AccountJid account = request.account();
    if (!services.domains().contains(account.domain())) {
      throw AdminException.refused(
          "this server does not serve \"%s\": it serves %s."
              .formatted(
                  account.domain(),
                  services.domains().stream()
                      .map(domain -> domain.name())
                      .sorted()
                      .collect(Collectors.joining(", "))));
    }
    return account;
  }

  private static AdminException unknown(AccountJid account) {
    return AdminException.refused(
        "there is no account %s: ./latchkey accounts lists them.".formatted(account));
  }

  private static AdminException refused(AccountJid account, Refusal refusal) {
    return AdminException.refused(
        switch (refusal) {
          case NOT_FOUND -> "there is no account %s.".formatted(account);
          case CONFLICT ->
              "%s: something else stands in the way (conflict): is the account disabled?"
                  .formatted(account);
          case RESOURCE_CONSTRAINT ->
              "%s has as many of these as it may: revoke one, or wait until one expires."
                  .formatted(account);
          case WOULD_LOCK_OUT ->
              "this is the last device of %s, nobody could sign in any more: say --force if that is meant."
                  .formatted(account);
          case BAD_NAME -> "a device's name has 1 to 64 characters, and none that cannot be seen.";
          case BAD_LIFE ->
              "a code cannot be good for that long: see max-ttl under [one-time] in the"
                  + " configuration.";
          case SWITCHED_OFF ->
              "one-time codes are switched off: see [one-time] in the configuration.";
          case FORBIDDEN, BAD_REQUEST -> "%s: refused (%s).".formatted(account, refusal.word());
        });
  }
}
