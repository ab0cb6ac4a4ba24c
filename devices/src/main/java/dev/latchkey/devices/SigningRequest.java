// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Resource;
import java.util.Optional;

/// A device's wish to have a request signed (30.B).
///
/// @param request the DER PKCS#10 request, untrusted
/// @param purpose whose key it is
/// @param name the wished name of the new device
/// @param resource the resource to lock the new device to
/// @param linked for [Purpose#THIS]: whether the request carried the right link, or the connection
///   has no exporter to make one (rule 24); of no meaning for another's key
public record SigningRequest(
    Bytes request,
    Purpose purpose,
    Optional<String> name,
    Optional<Resource> resource,
    boolean linked) {}
