// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.InvalidJidException;
import java.time.Duration;
import java.util.Optional;

/// What the operator asked for.
public final class AdminRequest {
  private final ObjectNode fields;

  AdminRequest(ObjectNode fields) {
    this.fields = fields;
  }

  /// A text.
  ///
  /// @throws AdminException if it is something else
  public Optional<String> text(String name) throws AdminException {
    JsonNode value = fields.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw AdminException.usage("%s is a text".formatted(name));
    }
    return Optional.of(value.textValue());
  }

  /// A text that must be there.
  ///
  /// @throws AdminException if it is not
  public String required(String name) throws AdminException {
    return text(name).orElseThrow(() -> AdminException.usage("%s is missing".formatted(name)));
  }

  /// A yes or no; no if it is not there.
  ///
  /// @throws AdminException if it is something else
  public boolean flag(String name) throws AdminException {
    JsonNode value = fields.get(name);
    if (value != null && !value.isBoolean()) {
      throw AdminException.usage("%s is true or false".formatted(name));
    }
    return value != null && value.booleanValue();
  }

  /// The account that is meant.
  ///
  /// @throws AdminException if it is missing or no address of an account
  public AccountJid account() throws AdminException {
    String text = required("account");
    try {
      return AccountJid.parse(text);
    } catch (InvalidJidException none) {
      throw AdminException.usage(
          "\"%s\" is no account: it looks like nina@chat.example".formatted(text));
    }
  }

  /// A time, in whole seconds above zero.
  ///
  /// @throws AdminException if it is something else
  public Optional<Duration> seconds(String name) throws AdminException {
    JsonNode value = fields.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.canConvertToInt() || value.intValue() <= 0) {
      throw AdminException.usage("%s is a number of seconds above zero".formatted(name));
    }
    return Optional.of(Duration.ofSeconds(value.intValue()));
  }
}
