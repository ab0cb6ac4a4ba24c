// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Resource;
import java.util.Optional;

/// A request to be made a device by a code that was proven (30.C ways ii and iv).
///
/// @param account whose code
/// @param code which
/// @param request the DER PKCS#10 request, untrusted
/// @param name what it may be called
/// @param resource the wished resource; must be the code's if that has one
/// @param linked whether the request carried the right link (rule 7)
public record Redemption(
    AccountId account,
    CredentialId code,
    Bytes request,
    NameWish name,
    Optional<Resource> resource,
    boolean linked) {}
