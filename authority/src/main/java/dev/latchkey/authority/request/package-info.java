// SPDX-License-Identifier: Apache-2.0
/// Reading a PKCS#10 request (RFC 2986) that a stranger may have written. The door is
/// [dev.latchkey.authority.request.RequestReader]. What a request may ask for is judged elsewhere.
@NullMarked
package dev.latchkey.authority.request;

import org.jspecify.annotations.NullMarked;
