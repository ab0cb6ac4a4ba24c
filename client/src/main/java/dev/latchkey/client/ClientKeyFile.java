// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialKind;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;

/// A file that is all of a device that signs in by CLIENT-KEY: whose device it is, its key, and the
/// counter. Put into an empty folder as [#NAME] it makes that folder the device's home, so it can
/// be made elsewhere and carried there. Only one copy of it may ever be used: the server takes a
/// second one for a thief's (rule 56).
///
/// `java.util.Properties` in UTF-8, mode 0600:
///
/// | name | value |
/// | --- | --- |
/// | `jid`, `device`, `credential` | whose device it is, its id, the key's id at the server |
/// | `kind` | `client-key` |
/// | `issued`, `not-after` | RFC 3339: when the key was made, when it ends |
/// | `name`, `resource` | what people call the device, what it is locked to; may be missing |
/// | `user-agent` | a UUID (XEP-0388) |
/// | `server` | `HOST:PORT`, with `tls:` before it for direct TLS at another port than 5223; without it DNS is asked |
/// | `pin` | SHA-256 of the SPKI of the only trust anchor, hexadecimal; without it the machine's count |
/// | `client-id` | the key's name |
/// | `secret`, `validation-key` | base64 of 32 octets each |
/// | `counter` | the next value to use, from 0 |
/// | `accepted` | the value behind the last one that has signed in; may be missing |
/// | `unanswered` | `true` if the last value was sent and never answered; may be missing |
/// | `mechanism`, `binding` | what it was used with; written by the kit, nothing weaker is used again |
public final class ClientKeyFile {
  /// What it is called in a home.
  public static final String NAME = "client-key.properties";

  private final HomeFile file;

  ClientKeyFile(Path path) {
    this.file = new HomeFile(path);
  }

  /// What it holds.
  ///
  /// @param device whose device it is
  /// @param key the key
  /// @param counter the next value to use
  /// @param accepted the value behind the last one that has signed in
  /// @param unanswered whether the value before it was sent, and nothing is known of it
  /// @param pin what the key was used with last, and nothing weaker than that may be used again
  record Content(
      DeviceAccount device,
      HeldClientKey key,
      long counter,
      long accepted,
      boolean unanswered,
      Optional<Pin> pin) {
    private static Content read(Entries entries) throws GeneralSecurityException {
      DeviceAccount device = DeviceAccount.read(entries);
      if (device.kind() != CredentialKind.CLIENT_KEY) {
        throw new GeneralSecurityException("`kind` is not client-key");
      }
      long counter = Long.parseLong(entries.need("counter"));
      if (counter < 0) {
        throw new GeneralSecurityException("`counter` is negative");
      }
      return new Content(
          device,
          new HeldClientKey(
              entries.need("client-id"),
              entries.secret("secret"),
              entries.secret("validation-key")),
          counter,
          Long.parseLong(entries.find("accepted").orElse(entries.need("counter"))),
          Boolean.parseBoolean(entries.find("unanswered").orElse("false")),
          Pin.read(entries));
    }

    /// How many values were spent since the last one that has signed in.
    long spent() {
      return counter - accepted;
    }

    private Content counted() {
      return new Content(device, key, counter + 1, accepted, true, pin);
    }

    private Content answered(Optional<Pin> used) {
      return new Content(
          device, key, counter, used.isPresent() ? counter : accepted, false, used.or(() -> pin));
    }

    private Entries entries() {
      Entries entries =
          device
              .writeTo(new Entries())
              .with("client-id", key.clientId())
              .with("secret", key.secret())
              .with("validation-key", key.validationKey())
              .with("counter", Long.toString(counter))
              .with("accepted", Long.toString(accepted));
      if (unanswered) {
        entries.with("unanswered", "true");
      }
      pin.ifPresent(
          used ->
              entries
                  .with("mechanism", used.variant().mechanism().text())
                  .with("binding", used.binding().map(ChannelBindingType::word)));
      return entries;
    }
  }

  /// What a key was used with.
  ///
  /// @param variant which mechanism
  /// @param binding to what, for -PLUS
  record Pin(ClientKeyVariant variant, Optional<ChannelBindingType> binding) {
    private static Optional<Pin> read(Entries entries) throws GeneralSecurityException {
      Optional<String> mechanism = entries.find("mechanism");
      Optional<ClientKeyVariant> variant =
          mechanism.flatMap(
              name ->
                  ClientKeyVariant.BY_PREFERENCE.stream()
                      .filter(it -> it.mechanism().text().equals(name))
                      .findAny());
      Optional<ChannelBindingType> binding =
          entries.find("binding").flatMap(ChannelBindingType::of);
      // SECURITY: a pin that is not understood must not be taken for none.
      if (mechanism.isPresent() != variant.isPresent()
          || entries.find("binding").isPresent() != binding.isPresent()
          || variant.filter(ClientKeyVariant::bindsToChannel).isPresent() != binding.isPresent()) {
        throw new GeneralSecurityException("`mechanism` and `binding` do not go together");
      }
      return variant.map(known -> new Pin(known, binding));
    }
  }

  /// Writes one for a device that is to be carried elsewhere, for its owner only (0600).
  ///
  /// @param path where; nothing may be there, since the counter of what is there would be lost
  /// @param device whose device it is, of kind `client-key`
  /// @param key its key, never used before
  /// @throws ClientException if something is there, or it cannot be written
  public static void make(Path path, DeviceAccount device, HeldClientKey key) {
    ClientKeyFile made = new ClientKeyFile(path);
    if (made.exists()) {
      throw new ClientException(path + " is there already: choose another name");
    }
    try {
      made.begin(device, key);
    } catch (IOException failed) {
      throw PrivateFiles.unwritable(path, failed);
    }
  }

  /// Writes the file of a key that was never used.
  void begin(DeviceAccount device, HeldClientKey key) throws IOException {
    if (device.kind() != CredentialKind.CLIENT_KEY) {
      throw new IllegalArgumentException("a device of another kind: " + device.kind());
    }
    file.write(new Content(device, key, 0, 0, false, Optional.empty()).entries());
  }

  boolean exists() {
    return file.exists();
  }

  /// @throws ClientException if it cannot be read, others may read it, or it is damaged
  Content read() {
    file.requirePrivate("key");
    return file.entries(Content::read);
  }

  /// Takes a value of the counter. The next one is on disk when this returns, so that this one is
  /// never used again, whatever happens (30.L). Needs the home's lock.
  ///
  /// @throws ClientException if that cannot be written: then nothing may be sent
  long count() {
    Content content = read();
    write(content.counted());
    return content.counter();
  }

  /// Remembers that the last value was answered. Needs the home's lock.
  ///
  /// @param used what the key was used with, if it has signed in
  void answered(Optional<Pin> used) {
    Content content = read();
    Content after = content.answered(used);
    if (!after.equals(content)) {
      write(after);
    }
  }

  private void write(Content content) {
    try {
      file.write(content.entries());
    } catch (IOException failed) {
      throw PrivateFiles.unwritable(file.path(), failed);
    }
  }

  void delete() throws IOException {
    file.delete();
  }

  void sweep() throws IOException {
    file.sweep();
  }
}
