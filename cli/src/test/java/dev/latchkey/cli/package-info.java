// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.latchkey.cli;

import org.jspecify.annotations.NullMarked;
