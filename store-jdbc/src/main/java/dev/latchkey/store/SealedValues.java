// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.util.List;
import java.util.function.LongConsumer;

/// What is kept somewhere under the master key. Thread-safe; everything stays readable at every
/// moment, also if the machine stops.
public interface SealedValues {
  /// Seals anew, with the key in use, what older keys have sealed; goes through all of it once.
  ///
  /// @param progress is told now and then how many were sealed anew since it was told last
  /// @return how many; none says that no older key is needed here, but for what is [#left]
  long reseal(LongConsumer progress);

  /// What needs an older key and cannot be sealed anew, each in words for the operator.
  List<String> left();
}
