// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Secret;
import java.time.Instant;

/// What came of an enrolment.
public sealed interface EnrolmentResult {
  /// Signed, and durable.
  ///
  /// @param device the device
  /// @param credential its certificate's credential
  /// @param leaf the certificate, DER
  /// @param issuing the certificate that signed it, DER
  /// @param notAfter when the leaf expires
  record Enrolled(Device device, Credential credential, Bytes leaf, Bytes issuing, Instant notAfter)
      implements EnrolmentResult {}

  /// The certificate shown in TLS is now a device's (way i), and durable.
  record Accepted(Device device, Credential credential) implements EnrolmentResult {}

  /// The device has a FAST token (way iii), and it is durable.
  record Given(Device device, Credential credential, IssuedToken token)
      implements EnrolmentResult {}

  /// The device has a client key (rule 11), and it is durable.
  ///
  /// @param encryptedSecret what the client gets
  /// @param expires until when it is good
  record Keyed(Device device, Credential credential, Secret encryptedSecret, Instant expires)
      implements EnrolmentResult {}

  /// Not done; the code, if there was one, is not spent.
  ///
  /// @param fault what the peer is told
  /// @param log what the operator reads
  record Refused(RequestFault fault, String log) implements EnrolmentResult {}

  /// The code is no good (any more): to the peer the same as a wrong proof (rule 8).
  record Dead() implements EnrolmentResult {}
}
