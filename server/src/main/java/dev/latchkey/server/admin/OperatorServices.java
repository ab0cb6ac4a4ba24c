// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.AccountStates;
import dev.latchkey.devices.Accounts;
import dev.latchkey.devices.ClientKeys;
import dev.latchkey.devices.DeviceLists;
import dev.latchkey.devices.DevicePasswords;
import dev.latchkey.devices.IssuedCode;
import dev.latchkey.devices.OneTimeCodes;
import dev.latchkey.devices.Revocation;
import dev.latchkey.store.MasterKeyRotation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// What the operator's commands use.
///
/// @param domains what is served
/// @param store for the history
/// @param accounts who is there
/// @param codes makes invitations, where a domain lets anybody in by a secret
/// @param inviteLife how long they are good, unless told otherwise
/// @param uris writes what a client scans
/// @param clientKeys makes devices that have a client key from the beginning, where a domain lets
///   them in
/// @param places where the clients of a domain find it
/// @param passwords makes device passwords, likewise
/// @param lists lists devices
/// @param revocation revokes
/// @param states disables, enables and deletes accounts
/// @param deleted is told of an account that was deleted, after its connections ended, so that what
///   others keep of it goes, too
/// @param kick ends an account's sessions, or the one under a resource, and says how many
/// @param backup writes a copy of the database into a new file and says how many octets it has
/// @param rotation puts a new master key in the place of the old one, tells how far it is, and says
///   nothing if another one is under way
/// @param status the server's own line
public record OperatorServices(
    Set<Domain> domains,
    CredentialStore store,
    Accounts accounts,
    Function<Domain, Optional<OneTimeCodes>> codes,
    Duration inviteLife,
    BiFunction<AccountJid, IssuedCode, Secret> uris,
    Function<Domain, Optional<ClientKeys>> clientKeys,
    Function<Domain, ServerPlace> places,
    Function<Domain, Optional<DevicePasswords>> passwords,
    DeviceLists lists,
    Revocation revocation,
    AccountStates states,
    BiConsumer<AccountId, AccountJid> deleted,
    BiFunction<AccountId, Optional<Resource>, Integer> kick,
    ToLongFunction<Path> backup,
    Function<LongConsumer, Optional<MasterKeyRotation.Rotated>> rotation,
    Supplier<JsonLine> status) {
  /// Copies.
  public OperatorServices {
    domains = Set.copyOf(domains);
  }
}
