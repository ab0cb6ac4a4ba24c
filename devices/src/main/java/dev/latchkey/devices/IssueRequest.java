// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import java.time.Duration;
import java.util.Optional;

/// A device's wish for a one-time code (30.C).
///
/// @param purpose for whom; not [Purpose#THIS]
/// @param name the name of the device to come
/// @param resource the resource to lock it to
/// @param certificate SHA-256 of the one certificate that may redeem it
/// @param ttl how long it shall be good
/// @param allow other flags than the purpose's; never more than the issuer has
public record IssueRequest(
    Purpose purpose,
    Optional<String> name,
    Optional<Resource> resource,
    Optional<Bytes> certificate,
    Duration ttl,
    Optional<Permissions> allow) {}
