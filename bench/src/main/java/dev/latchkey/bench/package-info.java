// SPDX-License-Identifier: Apache-2.0

/// How fast it is: the parts alone ([dev.latchkey.bench.PartsCommand]), and whole logins beside
/// bare TLS handshakes ([dev.latchkey.bench.LoginCommand]). Nothing depends on this module; the
/// launcher builds it when it is first asked for. The door is [dev.latchkey.bench.Bench].
@NullMarked
package dev.latchkey.bench;

import org.jspecify.annotations.NullMarked;
