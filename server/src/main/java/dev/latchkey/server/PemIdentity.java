// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.credential.Bytes;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The operator's own TLS certificate, as it lies on disk. Immutable.
final class PemIdentity {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final int LARGEST = 1 << 20;

  private final PrivateKey key;
  private final List<X509Certificate> chain;

  private PemIdentity(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain;
  }

  /// Reads both files and makes sure that they belong together.
  static PemIdentity read(TlsFiles files) throws PemIdentityException {
    List<X509Certificate> chain = chain(files.chain());
    PrivateKey key = key(files.key());
    if (!belongs(key, chain.getFirst().getPublicKey())) {
      throw new PemIdentityException(
          files.key(),
          "is not the key of the first certificate in \"%s\": put the server's own certificate first, or give its key."
              .formatted(files.chain()));
    }
    return new PemIdentity(key, chain);
  }

  /// For TLS.
  TlsIdentity identity() {
    return new TlsIdentity(key, chain);
  }

  /// What an invitation must name so that a device trusts this server: nothing, if the platform's
  /// public roots do; else SHA-256 of the SPKI of the highest certificate that is sent.
  Optional<Bytes> pin() {
    return isPubliclyTrusted()
        ? Optional.empty()
        : Optional.of(Bytes.of(chain.getLast().getPublicKey().getEncoded()).sha256());
  }

  private boolean isPubliclyTrusted() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((@Nullable KeyStore) null); // the platform's roots
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager trust) {
          trust.checkServerTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
          return true;
        }
      }
      return false;
    } catch (CertificateException untrusted) {
      return false;
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has public roots", absent);
    }
  }

  private static List<X509Certificate> chain(Path file) throws PemIdentityException {
    List<X509Certificate> chain = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text(file));
    while (blocks.find()) {
      if (blocks.group(1).equals("CERTIFICATE")) {
        try {
          chain.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(
                          new ByteArrayInputStream(decode(file, blocks.group(2)))));
        } catch (CertificateException broken) {
          throw new PemIdentityException(
              file,
              "holds a certificate that cannot be read (number %d): give a PEM file with the server's certificate, then its issuers."
                  .formatted(chain.size() + 1));
        }
      }
    }
    if (chain.isEmpty()) {
      throw new PemIdentityException(
          file,
          "holds no certificate: give a PEM file with the server's certificate, then its issuers.");
    }
    return List.copyOf(chain);
  }

  private static PrivateKey key(Path file) throws PemIdentityException {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        throw new PemIdentityException(
            file, "can be read by everybody: take that right away (chmod o-rwx).");
      }
    } catch (IOException | UnsupportedOperationException unknown) {
      // Reading it says why.
    }
    Matcher blocks = BLOCK.matcher(text(file));
    while (blocks.find()) {
      if (blocks.group(1).equals("PRIVATE KEY")) {
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(decode(file, blocks.group(2)));
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
          try {
            return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
          } catch (GeneralSecurityException notOfThisKind) {
            // It may be of the next.
          }
        }
      }
    }
    throw new PemIdentityException(
        file,
        "holds no private key in PKCS#8 without a password: convert it (openssl pkcs8 -topk8"
            + " -nocrypt -in OLD -out NEW).");
  }

  private static byte[] decode(Path file, String base64) throws PemIdentityException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException broken) {
      // Without a cause: it may quote what could not be read.
      throw new PemIdentityException(file, "is no PEM file: its base64 is broken.");
    }
  }

  private static String text(Path file) throws PemIdentityException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new PemIdentityException(file, "is larger than 1 MiB: this is no PEM file.");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException absent) {
      throw new PemIdentityException(file, "does not exist: change the path.");
    } catch (AccessDeniedException refused) {
      throw new PemIdentityException(
          file,
          "is not readable by user %s: give it the right to read, or change the path."
              .formatted(System.getProperty("user.name")));
    } catch (IOException broken) {
      throw new PemIdentityException(file, "cannot be read: change the path.");
    }
  }

  private static boolean belongs(PrivateKey key, PublicKey publicKey) {
    String algorithm =
        switch (key) {
          case ECKey _ -> "SHA256withECDSA";
          case RSAKey _ -> "SHA256withRSA";
          case EdECKey _ -> "EdDSA";
          default -> throw new IllegalStateException("read as one of three kinds");
        };
    byte[] probe = {1};
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (GeneralSecurityException differentKinds) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "PemIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
