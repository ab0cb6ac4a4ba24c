// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestedNames;
import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;

/// Reads certificate requests that anybody may have written. Never throws, whatever the octets are;
/// thread-safe.
///
/// The order is the one in which a fault is told: form, key, signature (a signature says nothing
/// before one knows that its key is sound).
public final class RequestReader {
  /// The longest request that is looked at, in octets of DER (30.B).
  public static final int LONGEST = 8192;

  private RequestReader() {}

  /// Reads one.
  ///
  /// @param der what was sent, base64 already decoded
  public static ReadRequest read(Bytes der) {
    if (der.length() > LONGEST || !StrictDer.holds(der)) {
      return new ReadRequest.Refused(RequestFault.MALFORMED);
    }
    try {
      return readSkeleton(der);
    } catch (IOException | RuntimeException notARequest) {
      // The parser says "this is not what I expected" by a dozen kinds of exceptions, all of which
      // the sender of the octets can provoke.
      return new ReadRequest.Refused(RequestFault.MALFORMED);
    }
  }

  private static ReadRequest readSkeleton(Bytes der) throws IOException {
    byte[] octets = der.toArray();
    CertificationRequest request =
        CertificationRequest.getInstance(ASN1Primitive.fromByteArray(octets));
    CertificationRequestInfo info = request.getCertificationRequestInfo();
    // RFC 2986 §4.1: version 0. And DER has one form for one value: what comes out differs from
    // what came in only if that was something else.
    if (!info.getVersion().hasValue(0)
        || request.getSignature().getPadBits() != 0
        || !Arrays.equals(request.getEncoded(ASN1Encoding.DER), octets)) {
      return new ReadRequest.Refused(RequestFault.MALFORMED);
    }
    RequestedNames names = NameReader.read(info);
    Optional<SubjectKey> key = SubjectKey.of(info.getSubjectPublicKeyInfo());
    if (key.isEmpty()) {
      return new ReadRequest.Refused(RequestFault.WEAK_KEY);
    }
    boolean verified =
        key.get()
            .verifies(
                request.getSignatureAlgorithm(),
                info.getEncoded(ASN1Encoding.DER),
                request.getSignature().getBytes());
    return verified
        ? new ReadRequest.Read(
            new CertificateRequest(der, key.get().der(), key.get().kind(), names))
        : new ReadRequest.Refused(RequestFault.BAD_SIGNATURE);
  }
}
