// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

/// What can stand in an element.
public sealed interface Node permits Element, Text {}
