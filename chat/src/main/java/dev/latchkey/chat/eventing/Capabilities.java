// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a client can do: the features of its disco#info (XEP-0030).
///
/// @param features as it lists them
public record Capabilities(Set<String> features) {
  /// Of a client that said nothing.
  public static final Capabilities NONE = new Capabilities(Set.of());

  /// The one hash that all clients know (XEP-0115 §9.1).
  static final String SHA_1 = "sha-1";

  private static final String NOTIFY = "+notify";
  private static final String EXTENDED = PubSub.DATA_FORM;

  /// Copies.
  public Capabilities {
    features = Set.copyOf(features);
  }

  /// The nodes it wants to be told of (XEP-0060 §9.2).
  public Set<String> notifyNodes() {
    return features.stream()
        .filter(feature -> feature.endsWith(NOTIFY))
        .map(feature -> feature.substring(0, feature.length() - NOTIFY.length()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The features in a disco#info result.
  ///
  /// @param query its payload
  public static Capabilities of(Element query) {
    return new Capabilities(Set.copyOf(features(query)));
  }

  private static List<String> features(Element query) {
    return query
        .children("feature", Namespaces.DISCO_INFO)
        .flatMap(feature -> feature.attribute("var").stream())
        .toList();
  }

  /// The hash of what an entity of ours answers to disco#info.
  ///
  /// @param node what it calls itself, a URI
  /// @param query its answer: identities, features and forms
  /// @throws IllegalArgumentException if the answer is ill-formed
  public static CapabilityHash hash(String node, Element query) {
    String ver =
        ver(query)
            .orElseThrow(() -> new IllegalArgumentException("an ill-formed answer has no hash"));
    return new CapabilityHash(node, Optional.of(SHA_1), ver);
  }

  /// The hash of a disco#info result (XEP-0115 §5.1).
  ///
  /// @return nothing if §5.4 calls it ill-formed
  static Optional<String> ver(Element query) {
    List<String> identities =
        query.children("identity", Namespaces.DISCO_INFO).map(Capabilities::identity).toList();
    List<String> features = features(query);
    List<Form> forms = new ArrayList<>();
    for (Element x : query.children("x", EXTENDED).toList()) {
      List<Element> types =
          x.children("field", EXTENDED)
              .filter(f -> f.attribute("var").filter(DataForm.TYPE_FIELD::equals).isPresent())
              .toList();
      Set<String> names =
          types.stream()
              .flatMap(type -> DataForm.values(type).stream())
              .collect(Collectors.toSet());
      if (names.size() > 1) {
        return Optional.empty(); // one form, several types
      }
      boolean hidden =
          !types.isEmpty()
              && types.stream()
                  .allMatch(t -> t.attribute("type").filter("hidden"::equals).isPresent());
      if (hidden && !names.isEmpty()) {
        forms.add(new Form(names.iterator().next(), x));
      }
      // Any other form is passed over, says §5.4.
    }
    if (repeats(identities) || repeats(features) || repeats(forms.stream().map(Form::type))) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    append(text, identities);
    append(text, features);
    forms.stream()
        .sorted((a, b) -> compare(a.type(), b.type()))
        .forEach(
            form -> {
              append(text, List.of(form.type()));
              form.x()
                  .children("field", EXTENDED)
                  .filter(f -> f.attribute("var").filter(DataForm.TYPE_FIELD::equals).isEmpty())
                  .sorted((a, b) -> compare(name(a), name(b)))
                  .forEach(
                      field -> {
                        append(text, List.of(name(field)));
                        append(text, DataForm.values(field));
                      });
            });
    return Optional.of(sha1(text.toString()));
  }

  /// An extended form (XEP-0128).
  private record Form(String type, Element x) {}

  /// Whether the text that is hashed could be read otherwise: the parts of it are only set apart by
  /// `<`, so that somebody may give out a feature as part of an identity or of a form, and be the
  /// first to say what the hash stands for (XEP-0115 §9.3). Only wanted notifications matter here:
  /// none may hide where none belongs.
  static boolean isAmbiguous(Element query) {
    Stream<String> identities =
        query
            .children("identity", Namespaces.DISCO_INFO)
            .flatMap(identity -> identity.attributes().values().stream());
    Stream<String> forms =
        query
            .children("x", EXTENDED)
            .flatMap(x -> x.children("field", EXTENDED))
            .flatMap(f -> Stream.concat(Stream.of(name(f)), DataForm.values(f).stream()));
    return Stream.concat(identities, forms)
            .anyMatch(text -> text.indexOf('<') >= 0 || text.endsWith(NOTIFY))
        || features(query).stream().anyMatch(text -> text.indexOf('<') >= 0);
  }

  private static String identity(Element identity) {
    return Stream.of("category", "type", "xml:lang", "name")
        .map(part -> identity.attribute(part).orElse(""))
        .collect(Collectors.joining("/"));
  }

  private static String name(Element field) {
    return field.attribute("var").orElse("");
  }

  private static boolean repeats(Stream<String> texts) {
    return repeats(texts.toList());
  }

  private static boolean repeats(Collection<String> texts) {
    return new HashSet<>(texts).size() != texts.size();
  }

  private static void append(StringBuilder text, List<String> parts) {
    parts.stream().sorted(Capabilities::compare).forEach(part -> text.append(part).append('<'));
  }

  /// The order of octets (RFC 4790 §9.3), which is not that of Java's characters.
  private static int compare(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha1(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-1", missing);
    }
  }
}
