// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.framing;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Follows the markup of a stream character by character: enough of it to cut the stream into its
/// header and its first-level elements, to hold the limits, and to refuse what RFC 6120 §11.1
/// forbids. Names, attributes and namespaces are the XML parser's business.
final class MarkupScanner {
  /// What a character was.
  enum Step {
    /// White space that means nothing, or part of the XML declaration.
    BETWEEN,
    /// Part of a header, an element or the end tag.
    PART,
    /// The last one of the stream's header.
    HEADER,
    /// The last one of a stream's header that closes the stream, too.
    EMPTY_STREAM,
    /// The last one of a first-level element.
    ELEMENT,
    /// The last one of the stream's end tag.
    END
  }

  /// Characters of a name, or whatever stands in a tag without white space.
  private static final int NAME = 256;

  /// Characters of a namespace: several times those of the longest in use. Whoever reads an element
  /// keeps its namespaces, and writes them again at each element and attribute that they are said
  /// of once.
  private static final int NAMESPACE = 256;

  private static final String DECLARES = "xmlns";

  private static final int DECLARATION = 128;

  private static final Pattern DECLARED =
      Pattern.compile(
          "\\s+version\\s*=\\s*(['\"])([^'\"]*)\\1"
              + "(?:\\s+encoding\\s*=\\s*(['\"])([A-Za-z][A-Za-z0-9._-]*)\\3)?"
              + "(?:\\s+standalone\\s*=\\s*(['\"])(?:yes|no)\\5)?\\s*");

  /// What nearly everybody declares.
  private static final Set<String> USUAL =
      Set.of(" version='1.0'", " version=\"1.0\"", " version='1.0' encoding='UTF-8'");

  private enum State {
    TEXT,
    REFERENCE,
    LESS_THAN,
    QUESTION,
    BANG,
    CDATA_START,
    CDATA,
    START_TAG,
    SLASH,
    VALUE,
    END_TAG
  }

  private StreamLimits limits;
  private State state = State.TEXT;
  private State afterReference = State.TEXT;
  private final StringBuilder gathered = new StringBuilder(16);
  private boolean declared;
  private int depth;
  private int attributes;
  private int name;
  private int colon;
  private int declares;
  private int quote;
  private int namespace;
  private int brackets;

  MarkupScanner(StreamLimits limits) {
    this.limits = limits;
  }

  void limits(StreamLimits limits) {
    this.limits = limits;
  }

  Step accept(int c) throws Refusal {
    return switch (state) {
      case TEXT -> text(c);
      case REFERENCE -> reference(c);
      case LESS_THAN -> lessThan(c);
      case QUESTION -> question(c);
      case BANG -> bang(c);
      case CDATA_START -> cdataStart(c);
      case CDATA -> cdata(c);
      case START_TAG -> startTag(c);
      case SLASH -> slash(c);
      case VALUE -> value(c);
      case END_TAG -> endTag(c);
    };
  }

  private Step text(int c) throws Refusal {
    if (c == '<') {
      state = State.LESS_THAN;
      brackets = 0;
      return Step.PART;
    }
    if (depth <= 1) {
      if (isSpace(c)) {
        return Step.BETWEEN;
      }
      throw depth == 0
          ? Refusal.notWellFormed("text before the stream's header")
          : Refusal.badFormat("text between first-level elements");
    }
    if (c == '&') {
      return beginReference(State.TEXT);
    }
    if (c == ']') {
      brackets++;
    } else {
      if (c == '>' && brackets >= 2) {
        throw Refusal.notWellFormed("the end of a CDATA section in text");
      }
      brackets = 0;
    }
    return Step.PART;
  }

  private Step beginReference(State after) {
    brackets = 0;
    afterReference = after;
    gathered.setLength(0);
    state = State.REFERENCE;
    return Step.PART;
  }

  private Step reference(int c) throws Refusal {
    if (c != ';') {
      if (gathered.length() > 8 || !(isAsciiLetterOrDigit(c) || c == '#' || c > 0x7F)) {
        throw gathered.length() > 8 && gathered.charAt(0) != '#'
            ? entity()
            : Refusal.notWellFormed("a reference that is none");
      }
      gathered.appendCodePoint(c);
      return Step.PART;
    }
    String body = gathered.toString();
    if (body.startsWith("#")) {
      if (!Utf8Decoder.isXml(number(body))) {
        throw Refusal.notWellFormed("a reference to a character that XML 1.0 does not have");
      }
    } else {
      switch (body) {
        case "lt", "gt", "amp", "apos", "quot" -> {}
        case "" -> throw Refusal.notWellFormed("a reference that is none");
        default -> throw entity();
      }
    }
    state = afterReference;
    return Step.PART;
  }

  private static Refusal entity() {
    return Refusal.restrictedXml("a reference to an entity that is not predefined");
  }

  private static int number(String body) throws Refusal {
    boolean hex = body.startsWith("#x");
    int value = 0;
    if (body.length() == (hex ? 2 : 1)) {
      throw Refusal.notWellFormed("a reference that is none");
    }
    for (int i = hex ? 2 : 1; i < body.length(); i++) {
      char c = body.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, hex ? 16 : 10) : -1;
      if (digit < 0) {
        throw Refusal.notWellFormed("a reference that is none");
      }
      value = Math.min(value * (hex ? 16 : 10) + digit, 0x110000);
    }
    return value;
  }

  private Step lessThan(int c) throws Refusal {
    gathered.setLength(0);
    switch (c) {
      case '/' -> {
        if (depth == 0) {
          throw Refusal.notWellFormed("an end tag before the stream's header");
        }
        state = State.END_TAG;
        name = 0;
        colon = 0;
      }
      case '?' -> {
        if (depth > 0 || declared) {
          throw Refusal.restrictedXml("a processing instruction");
        }
        state = State.QUESTION;
      }
      case '!' -> state = State.BANG;
      default -> {
        // The depth that this element will have: the stream's header does not count.
        if (depth > limits.depth()) {
          throw Refusal.policyViolation("elements nested too deep");
        }
        if (!beginsName(c)) {
          throw Refusal.notWellFormed("a tag without a name");
        }
        state = State.START_TAG;
        attributes = 0;
        name = 1;
        colon = 0;
        declares = 0;
      }
    }
    return Step.PART;
  }

  /// The XML declaration, or a processing instruction where one could stand.
  private Step question(int c) throws Refusal {
    gathered.appendCodePoint(c);
    int length = gathered.length();
    if (length <= 3 ? "xml".charAt(length - 1) != c : length == 4 && !isSpace(c)) {
      throw Refusal.restrictedXml("a processing instruction");
    }
    if (length > DECLARATION) {
      throw Refusal.policyViolation("an XML declaration that is too long");
    }
    if (c != '>') {
      return Step.PART;
    }
    if (gathered.charAt(length - 2) != '?') {
      throw Refusal.notWellFormed("an XML declaration that is none");
    }
    String written = gathered.substring(3, length - 2);
    if (!USUAL.contains(written)) {
      check(DECLARED.matcher(written));
    }
    declared = true;
    state = State.TEXT;
    return Step.BETWEEN;
  }

  private static void check(Matcher declaration) throws Refusal {
    if (!declaration.matches()) {
      throw Refusal.notWellFormed("an XML declaration that is none");
    }
    if (!"1.0".equals(declaration.group(2))) {
      throw Refusal.notWellFormed("a version of XML that is not 1.0");
    }
    String encoding = declaration.group(4);
    if (encoding != null && !encoding.equalsIgnoreCase("UTF-8")) {
      throw Refusal.unsupportedEncoding("a declared encoding that is not UTF-8");
    }
  }

  private Step bang(int c) throws Refusal {
    if (c == '-') {
      throw Refusal.restrictedXml("a comment");
    }
    if (c != '[') {
      throw Refusal.restrictedXml("a document type declaration");
    }
    if (depth == 0) {
      throw Refusal.notWellFormed("text before the stream's header");
    }
    if (depth == 1) {
      throw Refusal.badFormat("text between first-level elements");
    }
    state = State.CDATA_START;
    return Step.PART;
  }

  private Step cdataStart(int c) throws Refusal {
    if (c != "CDATA[".charAt(gathered.length())) {
      throw Refusal.notWellFormed("a section that is not CDATA");
    }
    gathered.appendCodePoint(c);
    if (gathered.length() == 6) {
      state = State.CDATA;
      brackets = 0;
    }
    return Step.PART;
  }

  private Step cdata(int c) {
    if (c == ']') {
      brackets++;
    } else {
      if (c == '>' && brackets >= 2) {
        state = State.TEXT;
      }
      brackets = 0;
    }
    return Step.PART;
  }

  private Step startTag(int c) throws Refusal {
    switch (c) {
      case '"', '\'' -> {
        if (++attributes > limits.attributes()) {
          throw Refusal.policyViolation("too many attributes");
        }
        endName();
        quote = c;
        namespace = 0;
        state = State.VALUE;
      }
      case '/' -> {
        endName();
        state = State.SLASH;
      }
      case '<', '&' -> throw Refusal.notWellFormed("markup in a tag");
      case '>' -> {
        endName();
        state = State.TEXT;
        return depth++ == 0 ? Step.HEADER : Step.PART;
      }
      default -> countName(c);
    }
    return Step.PART;
  }

  private void countName(int c) throws Refusal {
    if (isSpace(c) || c == '=') {
      endName();
      return;
    }
    if (++name > NAME) {
      throw Refusal.policyViolation("a name that is too long");
    }
    followDeclaration(c);
    // Namespaces in XML 1.0 §4. The parser behind this takes some names that end with a colon, and
    // some whose local part begins like no name.
    if (c == ':') {
      if (name == 1 || colon > 0) {
        throw colons();
      }
      colon = name;
    } else if (!((name == 1 || colon == name - 1) ? beginsName(c) : continuesName(c))) {
      throw Refusal.notWellFormed("a name with a character that names do not have");
    }
  }

  /// How much of the name is what a namespace is declared with: `xmlns`, or `xmlns:` and a prefix.
  private void followDeclaration(int c) {
    if (name == 1) {
      declares = 0;
    }
    if (name <= DECLARES.length()) {
      if (declares == name - 1 && c == DECLARES.charAt(declares)) {
        declares = name;
      }
    } else if (name == DECLARES.length() + 1 && c != ':') {
      declares = 0;
    }
  }

  /// XML 1.0 §2.3, without the colon.
  private static boolean beginsName(int c) {
    return c < 0x80
        ? (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
        : (c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7)
            || (c >= 0x370 && c <= 0x1FFF && c != 0x37E)
            || c == 0x200C
            || c == 0x200D
            || (c >= 0x2070 && c <= 0x218F)
            || (c >= 0x2C00 && c <= 0x2FEF)
            || (c >= 0x3001 && c <= 0xD7FF)
            || (c >= 0xF900 && c <= 0xFDCF)
            || (c >= 0xFDF0 && c <= 0xFFFD)
            || (c >= 0x10000 && c <= 0xEFFFF);
  }

  private static boolean continuesName(int c) {
    return beginsName(c)
        || c == '-'
        || c == '.'
        || (c >= '0' && c <= '9')
        || c == 0xB7
        || (c >= 0x300 && c <= 0x36F)
        || c == 0x203F
        || c == 0x2040;
  }

  private void endName() throws Refusal {
    if (colon > 0 && colon == name) {
      throw colons();
    }
    name = 0;
    colon = 0;
  }

  private static Refusal colons() {
    return Refusal.notWellFormed("a name with colons where there may be none");
  }

  private Step slash(int c) throws Refusal {
    if (c != '>') {
      throw Refusal.notWellFormed("a slash in a tag");
    }
    state = State.TEXT;
    return switch (depth) {
      case 0 -> Step.EMPTY_STREAM;
      case 1 -> Step.ELEMENT;
      default -> Step.PART;
    };
  }

  private Step value(int c) throws Refusal {
    if (c == quote) {
      state = State.START_TAG;
      return Step.PART;
    }
    // A reference counts as the one character that it stands for.
    if (declares == DECLARES.length() && ++namespace > NAMESPACE) {
      throw Refusal.policyViolation("a namespace that is too long");
    }
    if (c == '&') {
      return beginReference(State.VALUE);
    }
    if (c == '<') {
      throw Refusal.notWellFormed("markup in an attribute");
    }
    return Step.PART;
  }

  private Step endTag(int c) throws Refusal {
    if (c == '>') {
      state = State.TEXT;
      depth--;
      return switch (depth) {
        case 0 -> Step.END;
        case 1 -> Step.ELEMENT;
        default -> Step.PART;
      };
    }
    if (c == '<' || c == '&' || c == '/' || c == '"' || c == '\'') {
      throw Refusal.notWellFormed("markup in a tag");
    }
    countName(c);
    return Step.PART;
  }

  private static boolean isSpace(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private static boolean isAsciiLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
