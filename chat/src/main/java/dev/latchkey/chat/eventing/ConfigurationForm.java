// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A node's configuration as the form of XEP-0060 §16.4.4.
final class ConfigurationForm {
  private static final String PREFIX = "pubsub#";
  private static final String ACCESS = PREFIX + "access_model";
  private static final String GROUPS = PREFIX + "roster_groups_allowed";
  private static final String PERSIST = PREFIX + "persist_items";
  private static final String MAX_ITEMS = PREFIX + "max_items";
  private static final String DELIVER = PREFIX + "deliver_payloads";
  private static final String NOTIFY_CONFIGURATION = PREFIX + "notify_config";
  private static final String NOTIFY_DELETE = PREFIX + "notify_delete";
  private static final String NOTIFY_RETRACT = PREFIX + "notify_retract";
  private static final String LAST_ITEM = PREFIX + "send_last_published_item";
  private static final String MAX_PAYLOAD = PREFIX + "max_payload_size";
  private static final String TITLE = PREFIX + "title";
  private static final String DESCRIPTION = PREFIX + "description";
  private static final String TYPE = PREFIX + "type";

  /// As many as there may be (XEP-0060 §16.4.4).
  private static final String MAX = "max";

  /// What cannot be chosen here, and the only values it has.
  private static final Map<String, Set<String>> FIXED =
      Map.of(
          PREFIX + "publish_model", Set.of("publishers"),
          PREFIX + "node_type", Set.of("leaf"),
          PREFIX + "notification_type", Set.of("headline"),
          PREFIX + "item_expire", Set.of("max", ""),
          PREFIX + "deliver_notifications", Set.of("1", "true"),
          PREFIX + "presence_based_delivery", Set.of("1", "true"),
          PREFIX + "subscribe", Set.of("1", "true"),
          PREFIX + "notify_sub", Set.of("0", "false"),
          PREFIX + "purge_offline", Set.of("0", "false"));

  private ConfigurationForm() {}

  /// What a form makes of a configuration.
  sealed interface Outcome {
    /// This.
    record Configured(NodeConfiguration configuration) implements Outcome {}

    /// Nothing.
    record Refused(StanzaError error) implements Outcome {}
  }

  /// Shows a configuration, to be changed.
  static Element form(NodeConfiguration shown, Bounds bounds) {
    return build("form", shown, bounds);
  }

  /// Shows a configuration, to be known.
  static Element result(NodeConfiguration shown, Bounds bounds) {
    return build("result", shown, bounds);
  }

  private static Element build(String use, NodeConfiguration shown, Bounds bounds) {
    return DataForm.shown(use, PubSub.NODE_CONFIG)
        .child(text(TITLE, shown.title().orElse("")))
        .child(text(DESCRIPTION, shown.description().orElse("")))
        .child(text(TYPE, shown.type().orElse("")))
        .child(
            choice(
                ACCESS,
                shown.access().word(),
                Arrays.stream(AccessModel.values()).map(AccessModel::word)))
        .child(
            DataForm.field(
                GROUPS, "text-multi", shown.groups().stream().sorted().toList(), List.of()))
        .child(choice(PREFIX + "publish_model", "publishers", Stream.of("publishers")))
        .child(flag(PERSIST, shown.persist()))
        .child(
            text(
                MAX_ITEMS,
                shown.maxItems() == bounds.items() ? MAX : Integer.toString(shown.maxItems())))
        .child(text(MAX_PAYLOAD, Integer.toString(shown.maxPayload())))
        .child(flag(DELIVER, shown.deliverPayloads()))
        .child(flag(PREFIX + "deliver_notifications", true))
        .child(flag(PREFIX + "presence_based_delivery", true))
        .child(flag(NOTIFY_CONFIGURATION, shown.notifyConfiguration()))
        .child(flag(NOTIFY_DELETE, shown.notifyDelete()))
        .child(flag(NOTIFY_RETRACT, shown.notifyRetract()))
        .child(choice(PREFIX + "notification_type", "headline", Stream.of("headline")))
        .child(
            choice(
                LAST_ITEM,
                shown.lastItem().word(),
                Arrays.stream(LastItem.values()).map(LastItem::word)))
        .build();
  }

  private static Element text(String name, String value) {
    return DataForm.field(name, "text-single", List.of(value), List.of());
  }

  private static Element flag(String name, boolean value) {
    return DataForm.field(name, "boolean", List.of(value ? "1" : "0"), List.of());
  }

  private static Element choice(String name, String value, Stream<String> options) {
    return DataForm.field(name, "list-single", List.of(value), options.toList());
  }

  /// Configures by a form that was filled in. Fields that we do not have are passed over: clients
  /// send what other services have too.
  static Outcome apply(NodeConfiguration base, DataForm form, Bounds bounds) {
    NodeConfiguration next = base;
    for (Map.Entry<String, List<String>> field : form.values().entrySet()) {
      if (!isKnown(field.getKey())) {
        continue;
      }
      switch (apply(next, field.getKey(), field.getValue(), bounds)) {
        case Outcome.Configured(NodeConfiguration configured) -> next = configured;
        case Outcome.Refused refused -> {
          return refused;
        }
      }
    }
    return new Outcome.Configured(next);
  }

  /// Whether all fields of a form mean something to us.
  static boolean knows(DataForm form) {
    return form.values().keySet().stream().allMatch(ConfigurationForm::isKnown);
  }

  private static boolean isKnown(String field) {
    return FIXED.containsKey(field)
        || switch (field) {
          case ACCESS,
              GROUPS,
              PERSIST,
              MAX_ITEMS,
              DELIVER,
              NOTIFY_CONFIGURATION,
              NOTIFY_DELETE,
              NOTIFY_RETRACT,
              LAST_ITEM,
              MAX_PAYLOAD,
              TITLE,
              DESCRIPTION,
              TYPE ->
              true;
          default -> false;
        };
  }

  private static Outcome apply(
      NodeConfiguration base, String field, List<String> values, Bounds bounds) {
    if (field.equals(GROUPS)) {
      boolean fits =
          values.size() <= bounds.groups() && values.stream().allMatch(text -> fits(text, bounds));
      return fits ? configured(base.withGroups(Set.copyOf(values))) : unacceptable();
    }
    if (values.size() > 1) {
      return new Outcome.Refused(StanzaError.BAD_REQUEST);
    }
    String value = values.isEmpty() ? "" : values.getFirst();
    Set<String> only = FIXED.get(field);
    if (only != null) {
      return only.contains(value) ? configured(base) : unacceptable();
    }
    return switch (field) {
      case ACCESS ->
          AccessModel.of(value)
              .map(model -> configured(base.withAccess(model)))
              .orElse(new Outcome.Refused(Refusals.UNSUPPORTED_ACCESS_MODEL));
      case LAST_ITEM -> made(LastItem.of(value).map(base::withLastItem));
      case MAX_ITEMS ->
          made(
              (value.equals(MAX) ? Optional.of(bounds.items()) : number(value, bounds.items()))
                  .map(base::withMaxItems));
      case MAX_PAYLOAD -> made(number(value, bounds.itemOctets()).map(base::withMaxPayload));
      case PERSIST -> made(flag(value).map(base::withPersist));
      case DELIVER -> made(flag(value).map(base::withDeliverPayloads));
      case NOTIFY_CONFIGURATION -> made(flag(value).map(base::withNotifyConfiguration));
      case NOTIFY_DELETE -> made(flag(value).map(base::withNotifyDelete));
      case NOTIFY_RETRACT -> made(flag(value).map(base::withNotifyRetract));
      case TITLE -> made(text(value, bounds).map(base::withTitle));
      case DESCRIPTION -> made(text(value, bounds).map(base::withDescription));
      case TYPE -> made(text(value, bounds).map(base::withType));
      default -> throw new IllegalArgumentException("not a field of the form: " + field);
    };
  }

  private static Outcome made(Optional<NodeConfiguration> configuration) {
    return configuration
        .map(ConfigurationForm::configured)
        .orElseGet(ConfigurationForm::unacceptable);
  }

  private static Outcome configured(NodeConfiguration configuration) {
    return new Outcome.Configured(configuration);
  }

  private static Outcome unacceptable() {
    return new Outcome.Refused(StanzaError.NOT_ACCEPTABLE);
  }

  /// XEP-0004 §3.3, which takes the lexical forms of XML Schema.
  private static Optional<Boolean> flag(String value) {
    return switch (value) {
      case "1", "true" -> Optional.of(true);
      case "0", "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<Integer> number(String value, int most) {
    boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || value.length() > 9) {
      return Optional.empty();
    }
    int number = Integer.parseInt(value);
    return number >= 1 && number <= most ? Optional.of(number) : Optional.empty();
  }

  private static Optional<Optional<String>> text(String value, Bounds bounds) {
    return fits(value, bounds)
        ? Optional.of(Optional.of(value).filter(text -> !text.isEmpty()))
        : Optional.empty();
  }

  private static boolean fits(String text, Bounds bounds) {
    return text.getBytes(StandardCharsets.UTF_8).length <= bounds.textOctets();
  }
}
