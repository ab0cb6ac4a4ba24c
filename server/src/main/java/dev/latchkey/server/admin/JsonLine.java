// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// One line of `--json`: an object whose names stay as they are once released. What is unknown is
/// left out; times are RFC 3339 in UTC, whole seconds. Not thread-safe.
public final class JsonLine {
  private final ObjectNode object = JsonNodeFactory.instance.objectNode();

  /// Text.
  public JsonLine with(String name, String value) {
    object.put(name, value);
    return this;
  }

  /// Text, if there is any.
  public JsonLine with(String name, Optional<String> value) {
    value.ifPresent(text -> object.put(name, text));
    return this;
  }

  /// A yes or no.
  public JsonLine with(String name, boolean value) {
    object.put(name, value);
    return this;
  }

  /// A yes; left out if it is a no, where that goes without saying.
  public JsonLine withTrue(String name, boolean value) {
    if (value) {
      object.put(name, true);
    }
    return this;
  }

  /// A number.
  public JsonLine with(String name, long value) {
    object.put(name, value);
    return this;
  }

  /// A time.
  public JsonLine with(String name, Instant value) {
    object.put(name, DateTimeFormatter.ISO_INSTANT.format(value.truncatedTo(ChronoUnit.SECONDS)));
    return this;
  }

  /// A time, if there is one.
  public JsonLine withTime(String name, Optional<Instant> value) {
    value.ifPresent(time -> with(name, time));
    return this;
  }

  /// A list of text.
  public JsonLine withTexts(String name, List<String> values) {
    values.forEach(object.putArray(name)::add);
    return this;
  }

  /// A list of objects.
  public JsonLine withLines(String name, List<JsonLine> values) {
    var array = object.putArray(name);
    values.forEach(line -> array.add(line.object));
    return this;
  }

  /// The object itself.
  public ObjectNode toNode() {
    return object.deepCopy();
  }

  /// In one line.
  @Override
  public String toString() {
    return object.toString();
  }
}
