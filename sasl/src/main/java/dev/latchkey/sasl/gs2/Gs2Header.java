// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.gs2;

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
public record Gs2Header(Flag flag, Optional<String> bindingType, Optional<String> authzid) {
  private static final Pattern HEADER =
      Pattern.compile("(n|y|p=([A-Za-z0-9.-]+)),(?:a=([^,\\x00]+))?,");

  /// RFC 5802 §7, gs2-cbind-flag.
  public enum Flag {
    /// "n": the client cannot.
    CANNOT,
    /// "y": the client can, and thinks that the server cannot.
    NOT_OFFERED,
    /// "p=": it does.
    BINDS
  }

  /// That of a client which sends an authorization identity or none.
  public static Gs2Header of(ChannelBindingChoice choice, Optional<String> authzid) {
    return switch (choice) {
      case ChannelBindingChoice.Bound(var type, var _) ->
          new Gs2Header(Flag.BINDS, Optional.of(type.word()), authzid);
      case ChannelBindingChoice.NotOffered() ->
          new Gs2Header(Flag.NOT_OFFERED, Optional.empty(), authzid);
      case ChannelBindingChoice.Unable() -> new Gs2Header(Flag.CANNOT, Optional.empty(), authzid);
    };
  }

  /// Reads a header, both its commas included.
  ///
  /// @return nothing if the text is no such header
  public static Optional<Gs2Header> parse(String text) {
    Matcher matcher = HEADER.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<String> type = Optional.ofNullable(matcher.group(2));
    Flag flag =
        type.isPresent()
            ? Flag.BINDS
            : matcher.group(1).equals("y") ? Flag.NOT_OFFERED : Flag.CANNOT;
    String authzid = matcher.group(3);
    return authzid == null
        ? Optional.of(new Gs2Header(flag, type, Optional.empty()))
        : SaslName.decode(authzid).map(name -> new Gs2Header(flag, type, Optional.of(name)));
  }

  /// The text on the wire.
  public String text() {
    String flagText =
        switch (flag) {
          case CANNOT -> "n";
          case NOT_OFFERED -> "y";
          case BINDS -> "p=" + bindingType.orElseThrow();
        };
    return flagText + "," + authzid.map(id -> "a=" + SaslName.encode(id)).orElse("") + ",";
  }

  /// RFC 5802 §7, cbind-input: what attribute "c" of the client's final message holds.
  public Bytes channelBindingInput(Bytes data) {
    return Bytes.concat(Bytes.utf8(text()), data);
  }
}
