// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

/// Why no more of a stream is read. Carries no stack: peers cause it as often as they like.
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final String condition;
  private final String rule;

  private Refusal(String condition, String rule) {
    super(rule, null, false, false);
    this.condition = condition;
    this.rule = rule;
  }

  static Refusal notWellFormed(String rule) {
    return new Refusal("not-well-formed", rule);
  }

  static Refusal restrictedXml(String rule) {
    return new Refusal("restricted-xml", rule);
  }

  static Refusal policyViolation(String rule) {
    return new Refusal("policy-violation", rule);
  }

  static Refusal unsupportedEncoding(String rule) {
    return new Refusal("unsupported-encoding", rule);
  }

  static Refusal badFormat(String rule) {
    return new Refusal("bad-format", rule);
  }

  static Refusal invalidNamespace(String rule) {
    return new Refusal("invalid-namespace", rule);
  }

  static Refusal badNamespacePrefix(String rule) {
    return new Refusal("bad-namespace-prefix", rule);
  }

  StreamEvent.Refused event() {
    return new StreamEvent.Refused(condition, rule);
  }
}
