// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// A column of sealed values: all that there are.
enum SealedColumn {
  /// StoredKey and ServerKey together; the same secret has several hashes and forms (rule 19).
  SCRAM_KEYS("scram_verifier", "sealed", "credential", "hash", "form"),
  FAST_TOKEN("fast", "token", "credential"),
  ENCRYPTED_SECRET("client_key", "encrypted_secret", "credential"),
  VALIDATOR("client_key", "validator", "credential"),
  SERVER_SECRET("server_secret", "sealed", "name");

  private final String table;
  private final String column;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> key;

  SealedColumn(String table, String column, String... key) {
    this.table = table;
    this.column = column;
    this.key = List.of(key);
  }

  String table() {
    return table;
  }

  String column() {
    return column;
  }

  /// Seals for a row.
  ///
  /// @param key the texts that name it
  Bytes seal(Sealer sealer, Secret secret, String... key) {
    return sealer.seal(secret, context(List.of(key)));
  }

  /// The value in this column of a row; it is opened only if somebody needs it.
  ///
  /// @param key the texts that name the row, which may be one of several tables
  Secret secret(Sealer sealer, Row row, String... key) throws SQLException {
    return Secret.sealed(sealer, row.octets(column), context(List.of(key)));
  }

  /// The place of a value in a row of this table alone.
  Bytes context(Row row) throws SQLException {
    List<String> texts = new ArrayList<>();
    for (String part : key) {
      texts.add(row.text(part));
    }
    return context(texts);
  }

  /// The place: a value that is moved to another row or column does not open there.
  private Bytes context(List<String> texts) {
    Bytes[] parts = new Bytes[1 + texts.size()];
    parts[0] = Bytes.utf8(table + "." + column);
    for (int i = 0; i < texts.size(); i++) {
      parts[i + 1] = Bytes.utf8(texts.get(i));
    }
    return Bytes.lengthPrefixed(parts);
  }
}
