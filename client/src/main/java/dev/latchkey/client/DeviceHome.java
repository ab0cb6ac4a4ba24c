// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Resource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/// The folder in which one device keeps what it is (`--home`).
///
/// | file | holds | mode |
/// | --- | --- | --- |
/// | `device.key` | the private key, PKCS#8 PEM | 0600 |
/// | `device.crt` | its certificate and the issuing one, PEM | 0600 |
/// | `device.p12` | key and certificates as PKCS#12, for other clients | 0600 |
/// | `server-ca.crt` | the pinned trust anchor; only if the invitation had a pin | 0600 |
/// | `account.properties` | whose device it is; written last: where it is, the device is enrolled | 0600 |
/// | `archive.properties` | how far the account's archive was shown here | 0600 |
/// | `pending.properties` | an enrolment whose answer has not come yet, its key included | 0600 |
///
/// The PKCS#12 file's password is [#PKCS12_PASSWORD] and protects nothing: the file's mode does. It
/// is there because many clients do not open a PKCS#12 file without one.
///
/// Every file is replaced as a whole or not at all. Not meant for two programs that enrol into one
/// home at once.
public final class DeviceHome {
  /// The password of `device.p12`; public, as it stands in the documentation.
  public static final String PKCS12_PASSWORD = "latchkey";

  private static final String KEY = "device.key";
  private static final String CERTIFICATES = "device.crt";
  private static final String PKCS12 = "device.p12";
  private static final String ANCHOR = "server-ca.crt";
  private static final String ACCOUNT = "account.properties";
  private static final String ARCHIVE = "archive.properties";
  private static final String PENDING = "pending.properties";

  private final Path folder;

  private DeviceHome(Path folder) {
    this.folder = folder;
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
    return Files.exists(folder.resolve(ACCOUNT));
  }

  /// Whose device this is.
  ///
  /// @throws ClientException if none is enrolled here, or the file is damaged
  public DeviceAccount account() {
    if (!isEnrolled()) {
      throw new ClientException(
          folder
              + ": no device is enrolled here"
              + (Files.exists(folder.resolve(PENDING))
                  ? ", but an enrolment was begun: give the same invitation to `enrol` again"
                  : ". Enrol it with an invitation, or name another folder with --home"));
    }
    Properties file = load(ACCOUNT);
    return reading(
        ACCOUNT,
        () ->
            new DeviceAccount(
                AccountJid.parse(need(file, "jid")),
                new DeviceId(need(file, "device")),
                new CredentialId(need(file, "credential")),
                Instant.parse(need(file, "not-after")),
                file.getProperty("name", ""),
                Optional.ofNullable(file.getProperty("resource")).map(Resource::new),
                need(file, "user-agent"),
                Optional.ofNullable(file.getProperty("server")).map(ServerAddress::parse),
                Optional.ofNullable(file.getProperty("pin")).map(Bytes::hex)));
  }

  /// The device's certificates, its own first.
  ///
  /// @throws ClientException if they cannot be read
  public List<X509Certificate> certificates() {
    return reading(
        CERTIFICATES,
        () -> {
          List<Bytes> blocks = Pem.read("CERTIFICATE", text(CERTIFICATES));
          if (blocks.isEmpty()) {
            throw new GeneralSecurityException("there is no certificate in it");
          }
          List<X509Certificate> chain = new java.util.ArrayList<>();
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
    return reading(
        KEY,
        () -> {
          Path file = folder.resolve(KEY);
          if (Files.exists(file) && PrivateFiles.othersMayRead(file)) {
            throw new ClientException(
                file + ": others than you may read this key. Run: chmod 600 " + file);
          }
          List<Bytes> blocks = Pem.read("PRIVATE KEY", text(KEY));
          if (blocks.size() != 1) {
            throw new GeneralSecurityException("there is not exactly one private key in it");
          }
          PrivateKey key =
              KeyFactory.getInstance("EC")
                  .generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst().toArray()));
          return DeviceKey.of(key, leaf.getPublicKey()).privateKey();
        });
  }

  /// The pinned trust anchor of the server, if the invitation had a pin.
  public Optional<X509Certificate> serverAnchor() {
    if (!Files.exists(folder.resolve(ANCHOR))) {
      return Optional.empty();
    }
    return Optional.of(
        reading(
            ANCHOR,
            () ->
                Certificates.read(
                    Pem.read("CERTIFICATE", text(ANCHOR)).stream()
                        .findFirst()
                        .orElseThrow(
                            () -> new GeneralSecurityException("there is no certificate in it")))));
  }

  /// The enrolment that was begun here and not answered.
  Optional<PendingEnrolment> pending() {
    if (!Files.exists(folder.resolve(PENDING))) {
      return Optional.empty();
    }
    Properties file = load(PENDING);
    return Optional.of(
        reading(
            PENDING,
            () ->
                new PendingEnrolment(
                    AccountJid.parse(need(file, "jid")),
                    Bytes.hex(need(file, "code-sha-256")),
                    file.getProperty("name", ""),
                    Optional.ofNullable(file.getProperty("resource")).map(Resource::new),
                    need(file, "user-agent"),
                    DeviceKey.read(octets(file, "key"), octets(file, "public-key")),
                    octets(file, "request"))));
  }

  /// Writes down an enrolment before its request is sent (rule 8).
  void begin(PendingEnrolment pending) {
    Properties file = new Properties();
    file.setProperty("jid", pending.jid().toString());
    file.setProperty("code-sha-256", pending.code().toHex());
    file.setProperty("name", pending.name());
    pending.resource().ifPresent(name -> file.setProperty("resource", name.name()));
    file.setProperty("user-agent", pending.userAgent());
    file.setProperty("key", Bytes.of(pending.key().privateKey().getEncoded()).toBase64());
    file.setProperty("public-key", pending.key().publicKeyInfo().toBase64());
    file.setProperty("request", pending.request().toBase64());
    writing(
        () -> {
          PrivateFiles.folder(folder);
          PrivateFiles.write(folder.resolve(PENDING), utf8(file));
        });
  }

  /// Makes the enrolled device of what was pending. After a crash in the midst of it the home is
  /// not enrolled and still pending: the same invitation gets the same certificate again.
  ///
  /// @param chain the device's certificate and the issuing one
  /// @param anchor the pinned trust anchor
  void complete(
      DeviceAccount account,
      DeviceKey key,
      List<X509Certificate> chain,
      Optional<X509Certificate> anchor) {
    Properties file = new Properties();
    file.setProperty("jid", account.jid().toString());
    file.setProperty("device", account.device().value());
    file.setProperty("credential", account.credential().value());
    file.setProperty("not-after", account.notAfter().toString());
    file.setProperty("name", account.name());
    account.resource().ifPresent(name -> file.setProperty("resource", name.name()));
    file.setProperty("user-agent", account.userAgent());
    account.server().ifPresent(address -> file.setProperty("server", address.toString()));
    account.pin().ifPresent(hash -> file.setProperty("pin", hash.toHex()));
    String certificates =
        chain.stream()
            .map(certificate -> Pem.write("CERTIFICATE", Certificates.der(certificate)))
            .collect(Collectors.joining());
    writing(
        () -> {
          PrivateFiles.folder(folder);
          PrivateFiles.delete(folder.resolve(ACCOUNT));
          PrivateFiles.write(
              folder.resolve(KEY),
              utf8(Pem.write("PRIVATE KEY", Bytes.of(key.privateKey().getEncoded()))));
          PrivateFiles.write(folder.resolve(CERTIFICATES), utf8(certificates));
          PrivateFiles.write(folder.resolve(PKCS12), pkcs12(account, key, chain));
          if (anchor.isPresent()) {
            PrivateFiles.write(
                folder.resolve(ANCHOR),
                utf8(Pem.write("CERTIFICATE", Certificates.der(anchor.get()))));
          } else {
            PrivateFiles.delete(folder.resolve(ANCHOR));
          }
          PrivateFiles.write(folder.resolve(ARCHIVE), utf8(position(beginning(chain.getFirst()))));
          PrivateFiles.write(folder.resolve(ACCOUNT), utf8(file));
          PrivateFiles.delete(folder.resolve(PENDING));
        });
  }

  /// How far the archive was shown. A file that is missing or damaged costs nothing but that
  /// messages are shown again: all since the device's certificate begins.
  ArchivePosition archivePosition() {
    Properties file = new Properties();
    try {
      file.load(new StringReader(text(ARCHIVE)));
      return new ArchivePosition(
          Instant.parse(need(file, "since")),
          Optional.ofNullable(file.getProperty("after")).filter(id -> !id.isEmpty()));
    } catch (IOException
        | GeneralSecurityException
        | DateTimeException
        | IllegalArgumentException damaged) {
      return beginning(certificates().getFirst());
    }
  }

  /// Keeps how far the archive was shown.
  void archivePosition(ArchivePosition position) {
    writing(() -> PrivateFiles.writeLightly(folder.resolve(ARCHIVE), utf8(position(position))));
  }

  /// By the server's clock, which stamps the archive, too.
  private static ArchivePosition beginning(X509Certificate certificate) {
    return new ArchivePosition(certificate.getNotBefore().toInstant(), Optional.empty());
  }

  private static Properties position(ArchivePosition position) {
    Properties file = new Properties();
    file.setProperty("since", position.since().toString());
    position.after().ifPresent(id -> file.setProperty("after", id));
    return file;
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

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Without the comment that tells the time.
  private static byte[] utf8(Properties file) throws IOException {
    StringWriter text = new StringWriter();
    file.store(text, null);
    return utf8(
        text.toString()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .collect(Collectors.joining("\n", "", "\n")));
  }

  private Properties load(String name) {
    return reading(
        name,
        () -> {
          Properties file = new Properties();
          file.load(new StringReader(text(name)));
          return file;
        });
  }

  private String text(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private static String need(Properties file, String key) throws GeneralSecurityException {
    String value = file.getProperty(key);
    if (value == null) {
      throw new GeneralSecurityException("`" + key + "` is missing");
    }
    return value;
  }

  private static Bytes octets(Properties file, String key) throws GeneralSecurityException {
    return Bytes.base64(need(file, key))
        .orElseThrow(() -> new GeneralSecurityException("`" + key + "` is not base64"));
  }

  private interface Reading<T> {
    T run() throws IOException, GeneralSecurityException;
  }

  private interface Writing {
    void run() throws IOException, GeneralSecurityException;
  }

  private <T> T reading(String name, Reading<T> reading) {
    try {
      return reading.run();
    } catch (IOException unreadable) {
      throw new ClientException(
          folder.resolve(name) + " cannot be read: " + unreadable, unreadable);
    } catch (GeneralSecurityException
        | InvalidJidException
        | InvalidInputException
        | DateTimeException damaged) {
      throw damaged(name, damaged);
    } catch (IllegalArgumentException damaged) {
      throw damaged(name, damaged);
    }
  }

  private ClientException damaged(String name, Exception why) {
    return new ClientException(
        "%s is damaged: %s. Enrol this device anew into another folder, or put the file back"
            .formatted(folder.resolve(name), Foreign.line(String.valueOf(why.getMessage()))),
        why);
  }

  private void writing(Writing writing) {
    try {
      writing.run();
    } catch (IOException | GeneralSecurityException failed) {
      throw new ClientException(folder + " cannot be written: " + failed, failed);
    }
  }

  /// Where it lies.
  @Override
  public String toString() {
    return folder.toString();
  }
}
