// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntBiFunction;

/// What is known of clients' capabilities: for everybody whose hash was verified, and for one full
/// JID otherwise (XEP-0115 §5.4).
///
/// Both are bounded by what they weigh; what was not asked for longest goes first, and is found out
/// again. Thread-safe.
public final class CapabilityCache {
  /// More than one client says of itself, twice over: some hundred features of some forty
  /// characters. Who says more than this is good for nothing.
  private static final int HEAVIEST = 16_384;

  /// What a string, or an entry with its keys, weighs beside its characters: so much memory they
  /// take that thousands of short ones are not light.
  private static final int STRING = 32;

  private static final int ENTRY = 128;

  /// How learning ended.
  public enum Learned {
    /// The hash is right: good for all who show it.
    FOR_ALL,
    /// The hash is wrong, of a kind we do not know, or could mean something else: good for this
    /// resource only, and only while it shows this hash.
    FOR_ONE,
    /// The answer is ill-formed: good for nothing.
    NOTHING
  }

  private record Own(CapabilityHash claimed, Capabilities capabilities) {}

  private final Recent<String, Capabilities> verified;
  private final Recent<Jid, Own> own;

  /// @param characters what it remembers may weigh, in characters of two octets: as much for
  ///   everybody, and as much again for single resources
  public CapabilityCache(int characters) {
    this.verified = new Recent<>(characters, (ver, known) -> ver.length() + weight(known));
    this.own =
        new Recent<>(
            characters,
            (jid, one) ->
                jid.toString().length() + weight(one.claimed()) + weight(one.capabilities()));
  }

  /// What a resource can do that shows a hash; nothing if that must be asked.
  public synchronized Optional<Capabilities> find(Jid resource, CapabilityHash claimed) {
    if (isOurs(claimed)) {
      Optional<Capabilities> known = verified.find(claimed.ver());
      if (known.isPresent()) {
        return known;
      }
    }
    return own.find(resource).filter(one -> one.claimed().equals(claimed)).map(Own::capabilities);
  }

  /// Takes in what a resource answered to the question that its hash led to.
  ///
  /// @param query the payload of its disco#info result
  public Learned learn(Jid resource, CapabilityHash claimed, Element query) {
    Optional<String> ver = Capabilities.ver(query);
    Capabilities capabilities = Capabilities.of(query);
    if (ver.isEmpty() || weight(capabilities) > HEAVIEST) {
      return Learned.NOTHING;
    }
    boolean forAll =
        isOurs(claimed) && ver.get().equals(claimed.ver()) && !Capabilities.isAmbiguous(query);
    synchronized (this) {
      if (forAll) {
        verified.put(claimed.ver(), capabilities);
        own.remove(resource);
        return Learned.FOR_ALL;
      }
      own.put(resource, new Own(claimed, capabilities));
      return Learned.FOR_ONE;
    }
  }

  private static int weight(Capabilities capabilities) {
    return capabilities.features().stream().mapToInt(feature -> STRING + feature.length()).sum();
  }

  private static int weight(CapabilityHash claimed) {
    return claimed.node().length()
        + claimed.algorithm().map(String::length).orElse(0)
        + claimed.ver().length();
  }

  /// Forgets a resource that is gone. What is verified stays.
  public synchronized void forget(Jid resource) {
    own.remove(resource);
  }

  private static boolean isOurs(CapabilityHash claimed) {
    return claimed.algorithm().filter(Capabilities.SHA_1::equals).isPresent();
  }

  /// Keeps what was asked for last, as much as it may. Not thread-safe.
  private static final class Recent<K, V> {
    private final Map<K, V> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;
    private final ToIntBiFunction<K, V> weigher;
    private int weight;

    Recent(int most, ToIntBiFunction<K, V> weigher) {
      this.most = most;
      this.weigher = weigher;
    }

    Optional<V> find(K key) {
      return Optional.ofNullable(kept.get(key));
    }

    void put(K key, V value) {
      remove(key);
      kept.put(key, value);
      weight += weigh(key, value);
      Iterator<Map.Entry<K, V>> eldest = kept.entrySet().iterator();
      while (weight > most) {
        Map.Entry<K, V> gone = eldest.next();
        weight -= weigh(gone.getKey(), gone.getValue());
        eldest.remove();
      }
    }

    void remove(K key) {
      V gone = kept.remove(key);
      if (gone != null) {
        weight -= weigh(key, gone);
      }
    }

    private int weigh(K key, V value) {
      return ENTRY + weigher.applyAsInt(key, value);
    }
  }
}
