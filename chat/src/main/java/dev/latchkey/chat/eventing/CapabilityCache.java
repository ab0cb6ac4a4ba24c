// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is known of clients' capabilities: for everybody whose hash was verified, and for one full
/// JID otherwise (XEP-0115 §5.4).
///
/// Both are bounded; what was not asked for longest goes first, and is found out again.
/// Thread-safe.
public final class CapabilityCache {
  /// What somebody who does not say more than this is good for: features of one client.
  private static final int FEATURES = 1024;

  /// So many characters they may have together: thousands of clients are remembered.
  private static final int LONGEST = 32_768;

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

  private final Map<String, Capabilities> verified;
  private final Map<Jid, Own> own;

  /// @param hashes verified hashes to remember
  /// @param resources resources to remember whose hash is not verified
  public CapabilityCache(int hashes, int resources) {
    this.verified = new Recent<>(hashes);
    this.own = new Recent<>(resources);
  }

  /// What a resource can do that shows a hash; nothing if that must be asked.
  public synchronized Optional<Capabilities> find(Jid resource, CapabilityHash claimed) {
    if (isOurs(claimed)) {
      Capabilities known = verified.get(claimed.ver());
      if (known != null) {
        return Optional.of(known);
      }
    }
    return Optional.ofNullable(own.get(resource))
        .filter(one -> one.claimed().equals(claimed))
        .map(Own::capabilities);
  }

  /// Takes in what a resource answered to the question that its hash led to.
  ///
  /// @param query the payload of its disco#info result
  public Learned learn(Jid resource, CapabilityHash claimed, Element query) {
    Optional<String> ver = Capabilities.ver(query);
    Capabilities capabilities = Capabilities.of(query);
    if (ver.isEmpty() || isTooMuch(capabilities.features())) {
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

  private static boolean isTooMuch(Set<String> features) {
    return features.size() > FEATURES || features.stream().mapToInt(String::length).sum() > LONGEST;
  }

  /// Forgets a resource that is gone. What is verified stays.
  public synchronized void forget(Jid resource) {
    own.remove(resource);
  }

  private static boolean isOurs(CapabilityHash claimed) {
    return claimed.algorithm().filter(Capabilities.SHA_1::equals).isPresent();
  }

  /// Keeps what was asked for last.
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private final int most;

    Recent(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > most;
    }
  }
}
