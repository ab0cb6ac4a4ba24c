// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.HmacHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// The client keys that a [FakeServer] knows: CLIENT-KEY's other side (30.L), from its formula.
final class FakeKeys {
  private static final long MOST = 1000;

  /// One of them, as only a fake keeps it: whole.
  record Key(String clientId, Bytes validationKey, Bytes secret) {}

  /// Those that were registered.
  final List<Key> registered = new CopyOnWriteArrayList<>();

  /// The values that have signed in, in order.
  final List<Long> counters = new CopyOnWriteArrayList<>();

  /// The EncryptedSecret for a registration; the same again for the same name and key.
  Bytes register(String clientId, Bytes validationKey) {
    Key key =
        registered.stream()
            .filter(known -> known.clientId().equals(clientId))
            .findAny()
            .orElseGet(
                () -> {
                  Key made =
                      new Key(
                          clientId,
                          validationKey,
                          Bytes.utf8("secret " + registered.size() + clientId).sha256());
                  registered.add(made);
                  return made;
                });
    return key.secret().xor(key.validationKey());
  }

  /// The server's proof; nothing if the client's is wrong.
  Optional<Bytes> judge(Bytes message, Map<ChannelBindingType, Bytes> bindings) {
    String[] parts = message.toUtf8().orElseThrow().split("\0", -1);
    Optional<Bytes> binding =
        parts[0].startsWith("p=")
            ? ChannelBindingType.of(parts[0].substring(2, parts[0].indexOf(','))).map(bindings::get)
            : Optional.empty();
    for (Key key : registered) {
      if (key.clientId().equals(parts[2]) && key.validationKey().toBase64().equals(parts[4])) {
        for (long counter = 0; counter < MOST; counter++) {
          if (mac(key, "Client Response", parts[1], counter, binding).equals(parts[3])) {
            counters.add(counter);
            return Optional.of(Bytes.utf8(mac(key, "Server Response", parts[1], counter, binding)));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String mac(
      Key key, String label, String authcid, long counter, Optional<Bytes> binding) {
    Bytes text =
        Bytes.utf8(String.join("\0", label, authcid, key.clientId(), Long.toString(counter)));
    Bytes input = binding.map(data -> Bytes.concat(text, Bytes.of((byte) 0), data)).orElse(text);
    return HmacHash.SHA_256.mac(key.secret(), input).toBase64();
  }
}
