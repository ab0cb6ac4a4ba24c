// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.latchkey.server.admin;

import org.jspecify.annotations.NullMarked;
