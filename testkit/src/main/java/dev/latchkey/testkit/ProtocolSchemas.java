// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.Source;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/// The schemas in `docs/protocols/schemas`, and the question whether XML keeps to them.
/// Thread-safe.
///
/// Only elements in namespaces of our own are looked at, wherever they stand in a stanza or nonza;
/// everything around them is somebody else's.
public final class ProtocolSchemas {
  private static final String OURS = "urn:latchkey:";

  private final Schema schema;

  private ProtocolSchemas(Schema schema) {
    this.schema = schema;
  }

  /// Reads all schemas. To be called from a test of any module.
  public static ProtocolSchemas read() {
    try (Stream<Path> files = Files.list(documents().resolve("schemas"))) {
      Source[] sources =
          files
              .filter(file -> file.toString().endsWith(".xsd"))
              .sorted()
              .map(file -> new StreamSource(file.toFile()))
              .toArray(Source[]::new);
      SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
      return new ProtocolSchemas(factory.newSchema(sources));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (SAXException malformed) {
      throw new AssertionError("a schema is malformed: " + malformed.getMessage(), malformed);
    }
  }

  /// The folder `docs/protocols`, as seen from the module whose tests run.
  public static Path documents() {
    return Path.of("..", "docs", "protocols");
  }

  /// What is wrong with our elements in a stanza.
  ///
  /// @param xml one element, or several one after another, as they stand in a stream: what has no
  ///   namespace is in `jabber:client`, and `stream:` is known
  /// @return each violation with the element it is in; empty if all is well
  public List<String> validate(String xml) {
    return elements(xml).stream().flatMap(element -> violations(element).stream()).toList();
  }

  /// How many elements of our namespaces there are in it, not counting what is inside of them.
  public int count(String xml) {
    return elements(xml).size();
  }

  private static List<Element> elements(String xml) {
    String wrapped =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
            + xml
            + "</stream:stream>";
    List<Element> found = new ArrayList<>();
    collect(parse(wrapped), found);
    return found;
  }

  private static Element parse(String xml) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setNamespaceAware(true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null); // the JDK's prints to standard error
      return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (SAXException malformed) {
      throw new AssertionError("not well-formed: " + malformed.getMessage() + "\n" + xml);
    } catch (ParserConfigurationException | IOException broken) {
      throw new AssertionError(broken);
    }
  }

  private static void collect(Element element, List<Element> found) {
    if (String.valueOf(element.getNamespaceURI()).startsWith(OURS)) {
      found.add(element);
      return;
    }
    for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child) {
        collect(child, found);
      }
    }
  }

  private List<String> violations(Element element) {
    List<String> violations = new ArrayList<>();
    String where = "<" + element.getLocalName() + " xmlns='" + element.getNamespaceURI() + "'>: ";
    Validator validator = schema.newValidator();
    validator.setErrorHandler(
        new ErrorHandler() {
          @Override
          public void warning(SAXParseException found) {
            violations.add(where + found.getMessage());
          }

          @Override
          public void error(SAXParseException found) {
            violations.add(where + found.getMessage());
          }

          @Override
          public void fatalError(SAXParseException found) {
            violations.add(where + found.getMessage());
          }
        });
    try {
      validator.validate(new DOMSource(element));
    } catch (SAXException malformed) {
      violations.add(where + malformed.getMessage());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    return violations;
  }
}
