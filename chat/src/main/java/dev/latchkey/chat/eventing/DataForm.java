// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.wire.element.Element;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A data form that somebody filled in (XEP-0004), of a known type (XEP-0068).
///
/// @param values what is in its fields, without the one that says the type
record DataForm(Map<String, List<String>> values) {
  static final String TYPE_FIELD = "FORM_TYPE";

  /// The form in an element.
  static Optional<Element> in(Element parent) {
    return parent.child("x", PubSub.DATA_FORM);
  }

  /// Whether the sender thought better of it (XEP-0004 §3.1).
  static boolean isCancelled(Element form) {
    return form.attribute("type").filter("cancel"::equals).isPresent();
  }

  /// Reads one that is submitted.
  ///
  /// @param type the type it must be of
  /// @return nothing if it is not submitted, of another type, or a field has no name or comes twice
  static Optional<DataForm> submitted(Element form, String type) {
    if (form.attribute("type").filter("submit"::equals).isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (Element field : form.children("field", PubSub.DATA_FORM).toList()) {
      Optional<String> name = field.attribute("var");
      if (name.isEmpty() || values.put(name.get(), values(field)) != null) {
        return Optional.empty();
      }
    }
    return List.of(type).equals(values.remove(TYPE_FIELD))
        ? Optional.of(new DataForm(values))
        : Optional.empty();
  }

  /// The values of a field.
  static List<String> values(Element field) {
    return field.children("value", PubSub.DATA_FORM).map(Element::text).toList();
  }

  /// Starts one to be shown.
  ///
  /// @param use `form` or `result`
  static Element.Builder shown(String use, String type) {
    return Element.named("x", PubSub.DATA_FORM)
        .attribute("type", use)
        .child(field(TYPE_FIELD, "hidden", List.of(type), List.of()));
  }

  /// A field.
  ///
  /// @param type how it is shown
  /// @param options what may be chosen
  static Element field(String name, String type, List<String> values, List<String> options) {
    return Element.named("field", PubSub.DATA_FORM)
        .attribute("var", name)
        .attribute("type", type)
        .children(options.stream().map(DataForm::option).toList())
        .children(values.stream().map(DataForm::value).toList())
        .build();
  }

  private static Element value(String text) {
    return Element.text("value", PubSub.DATA_FORM, text);
  }

  private static Element option(String text) {
    return Element.named("option", PubSub.DATA_FORM).child(value(text)).build();
  }
}
