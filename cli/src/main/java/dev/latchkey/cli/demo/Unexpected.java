// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

/// Something else came over the wire than should.
final class Unexpected extends Exception {
  private static final long serialVersionUID = 1L;

  Unexpected(String message) {
    super(message);
  }
}
