// SPDX-License-Identifier: Apache-2.0
/// What tests of every module share: a clock that stands still, randomness with a printed seed, the
/// mark that ties a test to the rule it proves, and the one way to skip a test whose tool is
/// missing.
@NullMarked
package dev.latchkey.testkit;

import org.jspecify.annotations.NullMarked;
