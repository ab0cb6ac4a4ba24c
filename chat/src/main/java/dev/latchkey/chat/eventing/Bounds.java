// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

/// How much an account may keep in its nodes.
///
/// @param nodes nodes of one account
/// @param items items of one node; this is what `max` means for `pubsub#max_items`
/// @param itemOctets UTF-8 octets of one item's payload
/// @param accountOctets UTF-8 octets of all payloads of one account
/// @param batch items in one request to publish or to retract
/// @param subscriptions subscriptions of one node, beside its owner's own
/// @param personSubscriptions of these, one person's: their bare JID, and each of their resources
/// @param affiliations members and outcasts of one node
/// @param nameOctets UTF-8 octets of the name of a node or of the id of an item
/// @param groups roster groups of one node
/// @param textOctets UTF-8 octets of one text of a configuration: title, description, group
/// @param answerOctets UTF-8 octets of payloads in one answer; of more, the newest are given
/// @param answerItems items in one answer; of more, the newest are given
public record Bounds(
    int nodes,
    int items,
    int itemOctets,
    long accountOctets,
    int batch,
    int subscriptions,
    int personSubscriptions,
    int affiliations,
    int nameOctets,
    int groups,
    int textOctets,
    int answerOctets,
    int answerItems) {
  /// What people need, several times over. An item that fills a stanza fits, an avatar too.
  public static final Bounds USUAL =
      new Bounds(
          512, 10_000, 196_608, 32L << 20, 256, 256, 8, 256, 1023, 32, 1023, 1 << 20, 10_000);
}
