// SPDX-License-Identifier: Apache-2.0
/// Making certificates: the keys of a domain's authorities, the authority that signs for devices,
/// and an identity for trying out TLS. Files are not written here: what must be kept is given as a
/// [dev.latchkey.credential.Secret].
@NullMarked
package dev.latchkey.authority.issue;

import org.jspecify.annotations.NullMarked;
