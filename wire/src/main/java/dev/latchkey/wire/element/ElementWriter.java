// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import java.util.Map;

/// Elements to XML.
final class ElementWriter {
  private ElementWriter() {}

  static String write(Element element, String defaultNamespace) {
    StringBuilder xml = new StringBuilder(128);
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
    int declared = 0;
    for (Map.Entry<String, String> entry : element.attributes().entrySet()) {
      String name = entry.getKey();
      int end = name.lastIndexOf('}');
      if (end > 0) {
        String prefix = "a" + declared++;
        attribute("xmlns:" + prefix, name.substring(1, end), xml);
        name = prefix + ":" + name.substring(end + 1);
      }
      attribute(name, entry.getValue(), xml);
    }
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

  private static void attribute(String name, String value, StringBuilder xml) {
    xml.append(' ').append(name).append("='");
    escape(value, true, xml);
    xml.append('\'');
  }

  private static void escape(String text, boolean attribute, StringBuilder xml) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> xml.append("&lt;");
        case '>' -> xml.append("&gt;"); // "]]>" may not stand in text
        case '&' -> xml.append("&amp;");
        case '\'' -> xml.append("&apos;");
        case '"' -> xml.append("&quot;");
        case '\r' -> xml.append("&#xD;");
        case '\n', '\t' -> {
          if (attribute) {
            xml.append("&#x").append(c == '\n' ? "A" : "9").append(';');
          } else {
            xml.append(c);
          }
        }
        default -> {
          if (!isXml(text, i)) {
            throw new IllegalArgumentException("a character that XML 1.0 does not have");
          }
          xml.append(c);
        }
      }
    }
  }

  /// XML 1.0 §2.2: no controls, no lone surrogates, not U+FFFE and U+FFFF.
  private static boolean isXml(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
    return c >= ' ' && c < 0xFFFE;
  }
}
