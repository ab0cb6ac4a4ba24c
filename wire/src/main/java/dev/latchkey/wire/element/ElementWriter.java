// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Elements to XML.
final class ElementWriter {
  /// A bit for each character up to `>` that is, or may be, markup.
  private static final long MARKUP = 1L << '<' | 1L << '>' | 1L << '&' | 1L << '\'';

  private ElementWriter() {}

  static String write(Element element, String defaultNamespace) {
    StringBuilder xml = new StringBuilder(512);
    write(element, defaultNamespace, xml);
    return xml.toString();
  }

  private static void write(Element element, String around, StringBuilder xml) {
    // COMPAT: clients that compare qualified names want the prefix that every stream header
    // declares.
    boolean prefixed = element.namespace().equals(Namespaces.STREAMS);
    String qualified = prefixed ? "stream:" + element.name() : element.name();
    xml.append('<').append(qualified);
    String inside = around;
    if (!prefixed && !element.namespace().equals(around)) {
      inside = element.namespace();
      attribute("xmlns", inside, xml);
    }
    attributes(element.places(), xml);
    if (element.nodes().isEmpty()) {
      xml.append("/>");
      return;
    }
    xml.append('>');
    for (Node node : element.nodes()) {
      switch (node) {
        case Element child -> write(child, inside, xml);
        case Text(String run) -> escape(run, false, xml);
      }
    }
    xml.append("</").append(qualified).append('>');
  }

  private static void attributes(Attributes attributes, StringBuilder xml) {
    List<String> declared = List.of(); // hardly any element has an attribute in a namespace
    for (int i = 0; i < attributes.size(); i++) {
      String name = attributes.name(i);
      int end = name.lastIndexOf('}');
      if (end > 0) {
        String namespace = name.substring(1, end);
        int known = declared.indexOf(namespace);
        if (known < 0) {
          known = declared.size();
          declared = declared.isEmpty() ? new ArrayList<>() : declared;
          declared.add(namespace);
          attribute("xmlns:a" + known, namespace, xml);
        }
        name = "a" + known + ":" + name.substring(end + 1);
      }
      attribute(name, attributes.value(i), xml);
    }
  }

  private static void attribute(String name, String value, StringBuilder xml) {
    xml.append(' ').append(name).append("='");
    escape(value, true, xml);
    xml.append('\'');
  }

  private static void escape(String text, boolean attribute, StringBuilder xml) {
    int plain = plain(text);
    if (plain == text.length()) {
      xml.append(text); // as nearly all
      return;
    }
    int written = 0; // what is plain is copied in long runs
    for (int i = plain; i < text.length(); i++) {
      if (isPlain(text.charAt(i))) {
        continue;
      }
      String reference = reference(text.charAt(i), attribute);
      if (reference != null) {
        xml.append(text, written, i).append(reference);
        written = i + 1;
      } else if (!isXml(text, i)) {
        throw new IllegalArgumentException("a character that XML 1.0 does not have");
      }
    }
    xml.append(text, written, text.length());
  }

  /// How many characters are plain before the first that is not.
  private static int plain(String text) {
    int plain = 0;
    while (plain < text.length() && isPlain(text.charAt(plain))) {
      plain++;
    }
    return plain;
  }

  /// Whether a character stands for itself wherever it stands.
  private static boolean isPlain(char c) {
    return c > '>' ? c < Character.MIN_SURROGATE : c >= ' ' && ((MARKUP >> c) & 1) == 0;
  }

  /// How a character is written that may not stand for itself. The others do: a text of quotation
  /// marks must not become several times as long.
  private static @Nullable String reference(char c, boolean attribute) {
    return switch (c) {
      case '<' -> "&lt;";
      case '&' -> "&amp;";
      case '>' -> attribute ? null : "&gt;"; // "]]>" may not stand in text
      case '\'' -> attribute ? "&apos;" : null; // what values are written in
      case '\r' -> "&#xD;"; // else it would be read as a line feed
      case '\n' -> attribute ? "&#xA;" : null;
      case '\t' -> attribute ? "&#x9;" : null;
      default -> null;
    };
  }

  /// XML 1.0 §2.2: no controls but white space, no lone surrogates, not U+FFFE and U+FFFF.
  private static boolean isXml(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
    return (c >= ' ' && c < 0xFFFE) || c == '\n' || c == '\t';
  }
}
