// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The rule that a test proves.
@Documented
@Repeatable(Spec.All.class)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Spec {
  /// The document: `RFC 5802`, `XEP-0388`, or `latchkey` for a rule of our own.
  String doc();

  /// The section, or the rule's number.
  String section() default "";

  /// The rule in our own words.
  String rule();

  /// Several on one test.
  @Documented
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @interface All {
    /// Which.
    Spec[] value();
  }
}
