// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.Immutable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// One XML element with everything in it.
///
/// Attributes are kept under their local name; one in a namespace of its own under
/// `{namespace}name`, one of XML itself under `xml:name`, as in `xml:lang`: its prefix is the only
/// one that may stand for its namespace (Namespaces in XML 1.0 §3). Other prefixes are not kept.
@Immutable
@SuppressWarnings("Immutable") // the nodes are copied into a list that is unmodifiable
public final class Element implements Node {
  private final String name;
  private final String namespace;
  private final Attributes attributes;
  private final List<Node> nodes;

  private Element(String name, String namespace, Attributes attributes, List<Node> nodes) {
    this.name = name;
    this.namespace = namespace;
    this.attributes = attributes;
    this.nodes = List.copyOf(nodes); // one that is unmodifiable is not copied again
  }

  /// Starts one.
  public static Builder named(String name, String namespace) {
    return new Builder(name, namespace, Attributes.NONE);
  }

  /// One with nothing in it.
  public static Element empty(String name, String namespace) {
    return named(name, namespace).build();
  }

  /// One with only text in it.
  public static Element text(String name, String namespace, String text) {
    return named(name, namespace).text(text).build();
  }

  /// Its local name.
  public String name() {
    return name;
  }

  /// Its namespace.
  public String namespace() {
    return namespace;
  }

  /// Whether it is the element of this name and namespace.
  public boolean is(String name, String namespace) {
    return this.name.equals(name) && this.namespace.equals(namespace);
  }

  /// The attribute with this name.
  public Optional<String> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  /// All attributes, in the order they were given.
  public Map<String, String> attributes() {
    return attributes;
  }

  /// The same, by place.
  Attributes places() {
    return attributes;
  }

  /// Everything in it, text too.
  public List<Node> nodes() {
    return nodes;
  }

  /// The elements in it.
  public Stream<Element> children() {
    return nodes.stream().filter(Element.class::isInstance).map(Element.class::cast);
  }

  /// The elements in it with this name and namespace.
  public Stream<Element> children(String name, String namespace) {
    return children().filter(child -> child.is(name, namespace));
  }

  /// The first element in it with this name and namespace.
  public Optional<Element> child(String name, String namespace) {
    for (Node node : nodes) { // asked several times for every stanza: no stream
      if (node instanceof Element child && child.is(name, namespace)) {
        return Optional.of(child);
      }
    }
    return Optional.empty();
  }

  /// The text directly in it, all runs together.
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Node node : nodes) {
      if (node instanceof Text(String run)) {
        text.append(run);
      }
    }
    return text.toString();
  }

  /// The same with an attribute set.
  public Element with(String attribute, String value) {
    if (value.equals(attributes.get(attribute))) {
      return this;
    }
    return new Element(name, namespace, attributes.with(attribute, value), nodes);
  }

  /// The same without an attribute.
  public Element without(String attribute) {
    return new Element(name, namespace, attributes.without(attribute), nodes);
  }

  /// A builder that starts with what this holds.
  public Builder toBuilder() {
    Builder builder = new Builder(name, namespace, attributes);
    builder.nodes.addAll(nodes);
    return builder;
  }

  /// Its XML, as it stands in a stream whose default namespace is `jabber:client`.
  public String toXml() {
    return ElementWriter.write(this, Namespaces.CLIENT);
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Element that
        && name.equals(that.name)
        && namespace.equals(that.namespace)
        && attributes.equals(that.attributes)
        && nodes.equals(that.nodes);
  }

  @Override
  public int hashCode() {
    return java.util.Objects.hash(name, namespace, attributes, nodes);
  }

  /// Name and namespace only: what is in it may be secret.
  @Override
  public String toString() {
    return "<" + name + " xmlns='" + namespace + "'/>";
  }

  /// Collects what goes into an element. Not thread-safe.
  public static final class Builder {
    private final String name;
    private final String namespace;
    private final Attributes.Collector attributes;
    private final List<Node> nodes = new ArrayList<>();

    private Builder(String name, String namespace, Attributes begin) {
      this.name = name;
      this.namespace = namespace;
      this.attributes = new Attributes.Collector(begin);
    }

    /// The namespace that the element will have.
    public String namespace() {
      return namespace;
    }

    /// Sets an attribute.
    @CanIgnoreReturnValue
    public Builder attribute(String name, String value) {
      attributes.put(name, value);
      return this;
    }

    /// Sets an attribute, if there is a value.
    @CanIgnoreReturnValue
    public Builder attribute(String name, Optional<String> value) {
      value.ifPresent(present -> attributes.put(name, present));
      return this;
    }

    /// Appends an element.
    @CanIgnoreReturnValue
    public Builder child(Element child) {
      nodes.add(child);
      return this;
    }

    /// Appends an element, if there is one.
    @CanIgnoreReturnValue
    public Builder child(Optional<Element> child) {
      child.ifPresent(nodes::add);
      return this;
    }

    /// Appends an empty element.
    @CanIgnoreReturnValue
    public Builder child(String name, String namespace) {
      return child(empty(name, namespace));
    }

    /// Appends elements.
    @CanIgnoreReturnValue
    public Builder children(Collection<Element> children) {
      nodes.addAll(children);
      return this;
    }

    /// Appends text; empty text is nothing.
    @CanIgnoreReturnValue
    public Builder text(String text) {
      if (!text.isEmpty()) {
        nodes.add(new Text(text));
      }
      return this;
    }

    /// The element.
    public Element build() {
      return new Element(name, namespace, attributes.attributes(), nodes);
    }
  }
}
