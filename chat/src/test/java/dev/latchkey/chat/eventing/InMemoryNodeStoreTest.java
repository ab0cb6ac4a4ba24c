// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

final class InMemoryNodeStoreTest extends NodeStoreContract {
  private final NodeStore store = new InMemoryNodeStore();

  @Override
  protected NodeStore store() {
    return store;
  }
}
