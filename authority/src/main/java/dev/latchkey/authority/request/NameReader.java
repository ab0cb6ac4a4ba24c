// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.RequestedNames;
import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.jspecify.annotations.Nullable;

/// Collects the names that a request asks for, from its subject and its extension request (RFC 2985
/// §5.4.2). Names in anything else are not read: nothing is ever copied from a request.
final class NameReader {
  /// id-on-xmppAddr (RFC 6120 §13.7.1.4).
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  private final List<String> xmppAddresses = new ArrayList<>();
  private final List<String> commonNames = new ArrayList<>();
  private int others;
  private boolean asAuthority;

  private NameReader() {}

  /// @throws RuntimeException of any kind if the names are malformed
  static RequestedNames read(CertificationRequestInfo info) {
    NameReader reader = new NameReader();
    for (RDN rdn : info.getSubject().getRDNs()) {
      for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
        reader.subjectPart(part);
      }
    }
    extensionRequest(info.getAttributes()).ifPresent(reader::extensions);
    return reader.names();
  }

  private RequestedNames names() {
    return new RequestedNames(xmppAddresses, commonNames, others, asAuthority);
  }

  private void subjectPart(AttributeTypeAndValue part) {
    if (BCStyle.CN.equals(part.getType()) && part.getValue() instanceof ASN1String text) {
      commonNames.add(text.getString());
    } else {
      others++;
    }
  }

  private static Optional<Extensions> extensionRequest(@Nullable ASN1Set attributes) {
    Optional<Extensions> found = Optional.empty();
    if (attributes == null) {
      return found;
    }
    for (ASN1Encodable element : attributes) {
      Attribute attribute = Attribute.getInstance(element);
      if (PKCSObjectIdentifiers.pkcs_9_at_extensionRequest.equals(attribute.getAttrType())) {
        // RFC 2985 §5.4.2: single-valued. Of two, one reader would take the first, another the
        // last.
        if (found.isPresent() || attribute.getAttrValues().size() != 1) {
          throw new IllegalArgumentException("more than one extension request");
        }
        found = Optional.of(Extensions.getInstance(attribute.getAttrValues().getObjectAt(0)));
      }
    }
    return found;
  }

  private void extensions(Extensions extensions) {
    parsed(extensions, Extension.subjectAlternativeName)
        .ifPresent(
            value ->
                Arrays.stream(GeneralNames.getInstance(value).getNames())
                    .forEach(this::alternativeName));
    asAuthority =
        parsed(extensions, Extension.basicConstraints)
                .filter(value -> BasicConstraints.getInstance(value).isCA())
                .isPresent()
            || parsed(extensions, Extension.keyUsage)
                .filter(value -> KeyUsage.getInstance(value).hasUsages(KeyUsage.keyCertSign))
                .isPresent();
  }

  private static Optional<ASN1Encodable> parsed(Extensions extensions, ASN1ObjectIdentifier id) {
    Extension extension = extensions.getExtension(id);
    if (extension == null) {
      return Optional.empty();
    }
    if (!StrictDer.holds(Bytes.of(extension.getExtnValue().getOctets()))) {
      throw new IllegalArgumentException("an extension that is not DER");
    }
    return Optional.of(extension.getParsedValue());
  }

  private void alternativeName(GeneralName name) {
    if (name.getTagNo() == GeneralName.otherName) {
      OtherName other = OtherName.getInstance(name.getName());
      if (XMPP_ADDRESS.equals(other.getTypeID())
          && other.getValue() instanceof ASN1UTF8String address) {
        xmppAddresses.add(address.getString());
        return;
      }
    }
    others++;
  }
}
