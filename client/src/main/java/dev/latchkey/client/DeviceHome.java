// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The folder in which one device keeps what it is (`--home`).
///
/// | file | holds | mode |
/// | --- | --- | --- |
/// | `device.key` | the private key, PKCS#8 PEM | 0600 |
/// | `device.crt` | its certificate and the issuing one, PEM | 0600 |
/// | `device.p12` | key and certificates as PKCS#12, for other clients | 0600 |
/// | `client-key.properties` | a client key with its counter, and whose device it is: see [ClientKeyFile] | 0600 |
/// | `tokens.properties` | FAST tokens, of a device that has nothing else or beside what it has | 0600 |
/// | `server-ca.crt` | the pinned trust anchor; only if the invitation had a pin | 0600 |
/// | `account.properties` | whose device it is, unless that stands in `client-key.properties`; written last: where one of these is, the device is enrolled | 0600 |
/// | `offer.xml` | what the server offered last, if it lets that be relied on (XEP-0509) | 0600 |
/// | `archive.properties` | how far the account's archive was shown here | 0600 |
/// | `pending.properties` | an enrolment whose answer has not come yet, its key included | 0600 |
/// | `lock` | nothing; locked while a counter or a token is used, and while a device is written | 0600 |
///
/// The PKCS#12 file's password is [#PKCS12_PASSWORD] and protects nothing: the file's mode does. It
/// is there because many clients do not open a PKCS#12 file without one.
///
/// Every file is replaced as a whole or not at all. Not meant for two programs that enrol into one
/// home at once; any number may sign in.
public final class DeviceHome {
  /// The password of `device.p12`; public, as it stands in the documentation.
  public static final String PKCS12_PASSWORD = "latchkey";

  private final Path folder;
  private final HomeFile key;
  private final HomeFile certificates;
  private final HomeFile pkcs12;
  private final HomeFile anchor;
  private final HomeFile account;
  private final HomeFile tokens;
  private final HomeFile offer;
  private final HomeFile archive;
  private final HomeFile pending;
  private final ClientKeyFile clientKey;

  private DeviceHome(Path folder) {
    this.folder = folder;
    this.key = file("device.key");
    this.certificates = file("device.crt");
    this.pkcs12 = file("device.p12");
    this.anchor = file("server-ca.crt");
    this.account = file("account.properties");
    this.tokens = file("tokens.properties");
    this.offer = file("offer.xml");
    this.archive = file("archive.properties");
    this.pending = file("pending.properties");
    this.clientKey = new ClientKeyFile(folder.resolve(ClientKeyFile.NAME));
  }

  private HomeFile file(String name) {
    return new HomeFile(folder.resolve(name));
  }

  /// The home in this folder; it need not be there yet.
  public static DeviceHome at(Path folder) {
    return new DeviceHome(folder);
  }

  /// The home in the usual place: `$XDG_CONFIG_HOME/latchkey`, else `~/.config/latchkey`.
  ///
  /// @param environment the process's environment variables
  /// @param userHome the user's own folder
  public static DeviceHome usual(Map<String, String> environment, Path userHome) {
    String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path config = configured.isBlank() ? userHome.resolve(".config") : Path.of(configured);
    return at(config.resolve("latchkey"));
  }

  /// Where it lies.
  public Path folder() {
    return folder;
  }

  /// Whether a device is enrolled here.
  public boolean isEnrolled() {
    return account.exists() || clientKey.exists();
  }

  /// Whose device this is.
  ///
  /// @throws ClientException if none is enrolled here, or the file is damaged
  public DeviceAccount account() {
    if (!isEnrolled()) {
      throw new ClientException(
          folder
              + ": no device is enrolled here"
              + (pending.exists()
                  ? ", but an enrolment was begun: give the same invitation to `enrol` again"
                  : ". Enrol it with an invitation, or name another folder with --home"));
    }
    if (!account.exists()) {
      return clientKey.read().device();
    }
    DeviceAccount device = account.entries(DeviceAccount::read);
    if (clientKey.exists()) {
      DeviceAccount other = clientKey.read().device();
      if (!other.jid().equals(device.jid()) || !other.device().equals(device.device())) {
        throw new ClientException(
            "%s: two devices live here, %s of %s and %s of %s. Give one of them another folder"
                .formatted(folder, device.device(), device.jid(), other.device(), other.jid()));
      }
    }
    return device;
  }

  /// Whether the device has a certificate of its own.
  public boolean hasCertificate() {
    return certificates.exists();
  }

  /// The device's certificates, its own first.
  ///
  /// @throws ClientException if they cannot be read
  public List<X509Certificate> certificates() {
    return certificates.text(
        text -> {
          List<Bytes> blocks = Pem.read("CERTIFICATE", text);
          if (blocks.isEmpty()) {
            throw new GeneralSecurityException("there is no certificate in it");
          }
          List<X509Certificate> chain = new ArrayList<>();
          for (Bytes block : blocks) {
            chain.add(Certificates.read(block));
          }
          return List.copyOf(chain);
        });
  }

  /// The device's private key. SECURITY: whoever calls this answers for where it goes.
  ///
  /// @throws ClientException if it cannot be read, others may read it, or it is not the key of the
  ///   certificate
  public PrivateKey privateKey() {
    X509Certificate leaf = certificates().getFirst();
    key.requirePrivate("key");
    return key.text(
        text -> {
          List<Bytes> blocks = Pem.read("PRIVATE KEY", text);
          if (blocks.size() != 1) {
            throw new GeneralSecurityException("there is not exactly one private key in it");
          }
          PrivateKey read =
              KeyFactory.getInstance("EC")
                  .generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst().toArray()));
          return DeviceKey.of(read, leaf.getPublicKey()).privateKey();
        });
  }

  /// What the device shows in TLS; nothing if it has no certificate.
  ///
  /// @throws ClientException see [#privateKey]
  Optional<TlsIdentity> identity() {
    return hasCertificate()
        ? Optional.of(new TlsIdentity(privateKey(), certificates()))
        : Optional.empty();
  }

  /// The pinned trust anchor of the server, if the invitation had a pin.
  public Optional<X509Certificate> serverAnchor() {
    if (!anchor.exists()) {
      return Optional.empty();
    }
    return Optional.of(
        anchor.text(
            text ->
                Certificates.read(
                    Pem.read("CERTIFICATE", text).stream()
                        .findFirst()
                        .orElseThrow(
                            () -> new GeneralSecurityException("there is no certificate in it")))));
  }

  /// Keeps what follows for one sign-in alone.
  ///
  /// @throws ClientException see [HomeLock#of]
  HomeLock lock(ClientEnvironment environment) {
    HomeLock lock = HomeLock.of(folder, environment);
    sweep();
    return lock;
  }

  /// Removes secrets that a program which was killed had begun to write. Needs the lock.
  private void sweep() {
    try {
      clientKey.sweep();
      for (HomeFile secret : List.of(key, pkcs12, tokens)) {
        secret.sweep();
      }
    } catch (IOException | DirectoryIteratorException unlisted) {
      // Nothing depends on it; whoever has the lock next tries again.
    }
  }

  /// The device's client key; there may be none.
  ClientKeyFile clientKey() {
    return clientKey;
  }

  /// The device's tokens.
  ///
  /// @throws ClientException if they cannot be read, or others may read them
  KeptTokens tokens() {
    if (!tokens.exists()) {
      return KeptTokens.NONE;
    }
    tokens.requirePrivate("token");
    return tokens.entries(KeptTokens::read);
  }

  /// Keeps the device's tokens. Needs the lock.
  void tokens(KeptTokens kept) {
    writing(
        () -> {
          if (kept.isEmpty()) {
            tokens.delete();
          } else {
            tokens.write(kept.entries());
          }
        });
  }

  /// What the server offered last; nothing if that is not known, or cannot be relied on.
  Optional<StreamFeatures> offer() {
    try {
      return Optional.of(Files.readString(offer.path())).flatMap(StreamFeatures::parse);
    } catch (IOException unreadable) {
      return Optional.empty(); // it spares a round trip, no more
    }
  }

  /// Remembers what the server offers, or that it is not known.
  void offer(Optional<StreamFeatures> offered) {
    writing(
        () -> {
          if (offered.isPresent()) {
            offer.writeLightly(offered.get().element().toXml());
          } else {
            Files.deleteIfExists(offer.path());
          }
        });
  }

  /// The enrolment that was begun here and not answered.
  Optional<PendingEnrolment> pending() {
    return pending.exists()
        ? Optional.of(pending.entries(PendingEnrolment::read))
        : Optional.empty();
  }

  /// Writes down an enrolment before its request is sent (rule 8).
  void begin(PendingEnrolment begun) {
    writing(
        () -> {
          PrivateFiles.folder(folder);
          pending.write(begun.entries());
        });
  }

  /// Makes the enrolled device of what was pending. After a crash in the midst of it the home is
  /// not enrolled and still pending: the same invitation gets the same certificate again. Needs the
  /// lock: a sign-in of the device that is replaced would write the old one's files again.
  ///
  /// @param device of kind `certificate`
  /// @param pair its key
  /// @param chain the device's certificate and the issuing one
  /// @param trusted the pinned trust anchor
  void complete(
      DeviceAccount device,
      DeviceKey pair,
      List<X509Certificate> chain,
      Optional<X509Certificate> trusted) {
    completing(
        device,
        trusted,
        () -> {
          key.write(Pem.write("PRIVATE KEY", Bytes.of(pair.privateKey().getEncoded())));
          certificates.write(
              chain.stream()
                  .map(certificate -> Pem.write("CERTIFICATE", Certificates.der(certificate)))
                  .collect(Collectors.joining()));
          pkcs12.write(pkcs12(device, pair, chain));
        },
        () -> account.write(device.writeTo(new Entries())));
  }

  /// The same for a device that has nothing but a token.
  ///
  /// @param device of kind `fast`
  void complete(DeviceAccount device, KeptToken token, Optional<X509Certificate> trusted) {
    completing(
        device,
        trusted,
        () -> tokens.write(KeptTokens.NONE.plus(token).entries()),
        () -> account.write(device.writeTo(new Entries())));
  }

  /// The same for a device that has a client key.
  ///
  /// @param device of kind `client-key`
  void complete(DeviceAccount device, HeldClientKey held, Optional<X509Certificate> trusted) {
    completing(device, trusted, () -> {}, () -> clientKey.begin(device, held));
  }

  /// @param secrets writes what it signs in with
  /// @param enrolled writes what makes it enrolled, which is last
  private void completing(
      DeviceAccount device, Optional<X509Certificate> trusted, Writing secrets, Writing enrolled) {
    writing(
        () -> {
          PrivateFiles.folder(folder);
          account.delete();
          clientKey.delete();
          for (HomeFile old : List.of(key, certificates, pkcs12, anchor, tokens, offer)) {
            old.delete();
          }
          secrets.run();
          if (trusted.isPresent()) {
            anchor.write(Pem.write("CERTIFICATE", Certificates.der(trusted.get())));
          }
          archive.write(position(beginning(device)));
          enrolled.run();
          pending.delete();
          pending.sweep();
        });
  }

  /// How far the archive was shown. A file that is missing or damaged costs nothing but that
  /// messages are shown again: all since the device was made.
  ArchivePosition archivePosition() {
    try {
      Entries file = Entries.parse(Files.readString(archive.path()));
      return new ArchivePosition(
          Instant.parse(file.need("since")), file.find("after").filter(id -> !id.isEmpty()));
    } catch (IOException
        | GeneralSecurityException
        | DateTimeException
        | IllegalArgumentException damaged) {
      return beginning(account());
    }
  }

  /// Keeps how far the archive was shown.
  void archivePosition(ArchivePosition position) {
    writing(() -> archive.writeLightly(position(position).text()));
  }

  private static ArchivePosition beginning(DeviceAccount device) {
    return new ArchivePosition(device.issued(), Optional.empty());
  }

  private static Entries position(ArchivePosition position) {
    return new Entries().with("since", position.since().toString()).with("after", position.after());
  }

  private static byte[] pkcs12(DeviceAccount account, DeviceKey key, List<X509Certificate> chain)
      throws GeneralSecurityException, IOException {
    char[] password = PKCS12_PASSWORD.toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, password);
    store.setKeyEntry(
        account.jid().toString(),
        key.privateKey(),
        password,
        chain.toArray(new X509Certificate[0]));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    store.store(file, password);
    return file.toByteArray();
  }

  private interface Writing {
    void run() throws IOException, GeneralSecurityException;
  }

  private void writing(Writing writing) {
    try {
      writing.run();
    } catch (IOException | GeneralSecurityException failed) {
      throw PrivateFiles.unwritable(folder, failed);
    }
  }

  /// Where it lies.
  @Override
  public String toString() {
    return folder.toString();
  }
}
