// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The head of the client's first message (RFC 5802 §7, gs2-header): what the client says of
/// channel binding, and whom it wants to be.
///
/// @param flag what it says of channel binding
/// @param bindingType the type's name behind "p="
/// @param authzid the authorization identity
record Gs2Header(Flag flag, Optional<String> bindingType, Optional<String> authzid) {
  private static final Pattern FLAG = Pattern.compile("([ny])|p=([A-Za-z0-9.-]+)");

  /// RFC 5802 §7, gs2-cbind-flag.
  enum Flag {
    /// "n": the client cannot.
    CANNOT,
    /// "y": the client can, and thinks that the server cannot.
    NOT_OFFERED,
    /// "p=": it does.
    BINDS
  }

  /// Reads the text before the second comma.
  static Optional<Gs2Header> parse(String flagText, String authzidText) {
    Matcher matcher = FLAG.matcher(flagText);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<String> type = Optional.ofNullable(matcher.group(2));
    Flag flag =
        type.isPresent() ? Flag.BINDS : flagText.equals("y") ? Flag.NOT_OFFERED : Flag.CANNOT;
    if (authzidText.isEmpty()) {
      return Optional.of(new Gs2Header(flag, type, Optional.empty()));
    }
    if (!authzidText.startsWith("a=") || authzidText.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    return SaslName.decode(authzidText.substring(2))
        .map(authzid -> new Gs2Header(flag, type, Optional.of(authzid)));
  }

  /// The text on the wire.
  String text() {
    String flagText =
        switch (flag) {
          case CANNOT -> "n";
          case NOT_OFFERED -> "y";
          case BINDS -> "p=" + bindingType.orElseThrow();
        };
    return flagText + "," + authzid.map(id -> "a=" + SaslName.encode(id)).orElse("") + ",";
  }

  /// RFC 5802 §7, cbind-input: what attribute "c" of the client's final message holds.
  Bytes channelBindingInput(Bytes data) {
    return Bytes.concat(Bytes.utf8(text()), data);
  }
}
