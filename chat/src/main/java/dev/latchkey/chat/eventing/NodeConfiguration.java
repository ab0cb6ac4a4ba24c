// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// How a node behaves (XEP-0060 §16.4.4). Two that behave alike are equal.
///
/// @param access who may read it
/// @param groups the roster groups that may, if [AccessModel#ROSTER]
/// @param persist whether items are kept
/// @param maxItems how many are kept, at least 1; when more come, the oldest go
/// @param deliverPayloads whether events carry what was published
/// @param notifyConfiguration whether others are told of a changed configuration
/// @param notifyDelete whether they are told that the node is gone
/// @param notifyRetract whether they are told that items are gone
/// @param lastItem when the last item is sent again
/// @param maxPayload UTF-8 octets of one payload
/// @param title for people
/// @param description for people
/// @param type the namespace of its payloads; says nothing to us
public record NodeConfiguration(
    AccessModel access,
    Set<String> groups,
    boolean persist,
    int maxItems,
    boolean deliverPayloads,
    boolean notifyConfiguration,
    boolean notifyDelete,
    boolean notifyRetract,
    LastItem lastItem,
    int maxPayload,
    Optional<String> title,
    Optional<String> description,
    Optional<String> type) {
  /// Copies.
  ///
  /// @throws IllegalArgumentException if it keeps less than one item
  public NodeConfiguration {
    groups =
        groups.stream()
            .filter(group -> !group.isEmpty()) // as an empty field of a form has
            .collect(Collectors.toUnmodifiableSet());
    if (maxItems < 1) {
      throw new IllegalArgumentException("a node keeps at least one item: " + maxItems);
    }
  }

  /// What a node has whose owner said nothing (XEP-0163 §5): presence, one item, sent again when a
  /// contact comes online.
  public static NodeConfiguration usual(Bounds bounds) {
    return new NodeConfiguration(
        AccessModel.PRESENCE,
        Set.of(),
        true,
        1,
        true,
        false,
        true,
        true,
        LastItem.ON_SUBSCRIPTION_AND_PRESENCE,
        bounds.itemOctets(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  NodeConfiguration withAccess(AccessModel access) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withGroups(Set<String> groups) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withPersist(boolean persist) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withMaxItems(int maxItems) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withDeliverPayloads(boolean deliverPayloads) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withNotifyConfiguration(boolean notifyConfiguration) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withNotifyDelete(boolean notifyDelete) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withNotifyRetract(boolean notifyRetract) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withLastItem(LastItem lastItem) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withMaxPayload(int maxPayload) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withTitle(Optional<String> title) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withDescription(Optional<String> description) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }

  NodeConfiguration withType(Optional<String> type) {
    return new NodeConfiguration(
        access,
        groups,
        persist,
        maxItems,
        deliverPayloads,
        notifyConfiguration,
        notifyDelete,
        notifyRetract,
        lastItem,
        maxPayload,
        title,
        description,
        type);
  }
}
