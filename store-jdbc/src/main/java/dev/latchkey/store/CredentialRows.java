// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Verifier;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Credentials as rows, the keys of SCRAM sealed (rule 7).
final class CredentialRows {
  private static final Words<CredentialStatus> STATUS =
      Words.of(CredentialStatus.class, CredentialStatus::word);
  private static final Words<CredentialKind> KIND =
      Words.of(CredentialKind.class, CredentialKind::word);
  private static final Words<ScramHash> HASH = Words.of(ScramHash.class, ScramHash::word);

  private final Sealer sealer;

  CredentialRows(Sealer sealer) {
    this.sealer = sealer;
  }

  List<Credential> of(Sql sql, AccountId account) throws SQLException {
    Map<String, List<ScramVerifier>> keys = keys(sql, account);
    return sql.list(
        """
        SELECT c.id, c.account, c.device, c.kind, c.status, c.generation, c.created, c.expires,
          x.certificate, x.issuer, x.public_key, x.request, x.proven, x.used,
          o.name, o.allow, o.resource, o.certificate AS wanted_certificate, o.issuer_device,
          o.issuer_generation, o.redeemed_device, o.redeemed_public_key, o.redeemed_at,
          o.failed_tasks,
          f.mechanism, f.token, f.user_agent, f.used AS token_used,
          k.client_id, k.name AS key_name, k.encrypted_secret, k.validator, k.counter, k.accepted,
          k.restored,
          t.hash, t.client, t.description
        FROM credential c
          LEFT JOIN certificate x ON x.credential = c.id
          LEFT JOIN one_time o ON o.credential = c.id
          LEFT JOIN fast f ON f.credential = c.id
          LEFT JOIN client_key k ON k.credential = c.id
          LEFT JOIN auth_token t ON t.credential = c.id
        WHERE c.account = ?
        ORDER BY c.position
        """,
        row -> credential(row, keys),
        account.value());
  }

  private Credential credential(Row row, Map<String, List<ScramVerifier>> keys)
      throws SQLException {
    String id = row.text("id");
    List<ScramVerifier> own = keys.getOrDefault(id, List.of());
    return new Credential(
        new CredentialId(id),
        new AccountId(row.text("account")),
        row.optionalText("device").map(DeviceId::new),
        STATUS.value(row.text("status")),
        row.number("generation"),
        row.time("created"),
        row.optionalTime("expires"),
        switch (KIND.value(row.text("kind"))) {
          case CERTIFICATE ->
              new Verifier.Certificate(
                  row.octets("certificate"),
                  row.optionalOctets("issuer"),
                  row.octets("public_key"),
                  row.optionalOctets("request"),
                  row.flag("proven"),
                  row.flag("used"));
          case PASSWORD -> new Verifier.Password(own);
          case ONE_TIME ->
              new Verifier.OneTime(
                  own, grant(row), redemption(row), Math.toIntExact(row.number("failed_tasks")));
          case FAST ->
              new Verifier.Fast(
                  row.text("mechanism"),
                  SealedColumn.FAST_TOKEN.secret(sealer, row, id),
                  row.octets("user_agent"),
                  row.flag("token_used"));
          case CLIENT_KEY ->
              new Verifier.ClientKey(
                  row.text("client_id"),
                  row.text("key_name"),
                  SealedColumn.ENCRYPTED_SECRET.secret(sealer, row, id),
                  SealedColumn.VALIDATOR.secret(sealer, row, id),
                  row.number("counter"),
                  row.number("accepted"),
                  row.flag("restored"));
          case AUTH_TOKEN ->
              new Verifier.AuthToken(
                  row.octets("hash"), row.text("client"), row.text("description"));
        });
  }

  private static Verifier.Grant grant(Row row) throws SQLException {
    Optional<String> issuer = row.optionalText("issuer_device");
    return new Verifier.Grant(
        row.optionalText("name"),
        AccountRows.permissions(row.text("allow")),
        row.optionalText("resource").map(Resource::new),
        row.optionalOctets("wanted_certificate"),
        issuer.isPresent()
            ? Optional.of(
                new Verifier.Issuer(new DeviceId(issuer.get()), row.number("issuer_generation")))
            : Optional.empty());
  }

  private static Optional<Verifier.Redemption> redemption(Row row) throws SQLException {
    Optional<String> device = row.optionalText("redeemed_device");
    return device.isPresent()
        ? Optional.of(
            new Verifier.Redemption(
                new DeviceId(device.get()),
                row.octets("redeemed_public_key"),
                row.time("redeemed_at")))
        : Optional.empty();
  }

  private Map<String, List<ScramVerifier>> keys(Sql sql, AccountId account) throws SQLException {
    Map<String, List<ScramVerifier>> keys = new HashMap<>();
    sql.list(
        """
        SELECT s.credential, s.form, s.hash, s.sealed
        FROM credential c JOIN scram_verifier s ON s.credential = c.id
        WHERE c.account = ?
        ORDER BY s.credential, s.form
        """,
        row ->
            keys.computeIfAbsent(row.text("credential"), _ -> new ArrayList<>()).add(verifier(row)),
        account.value());
    return keys;
  }

  private ScramVerifier verifier(Row row) throws SQLException {
    ScramHash hash = HASH.value(row.text("hash"));
    return ScramVerifier.ofKeys(
        hash,
        SealedColumn.SCRAM_KEYS.secret(
            sealer, row, row.text("credential"), hash.word(), row.text("form")));
  }

  private Bytes sealed(String credential, int form, ScramVerifier key) {
    return SealedColumn.SCRAM_KEYS.seal(
        sealer, key.keys(), credential, key.hash().word(), Integer.toString(form));
  }

  /// The accounts that list a certificate.
  List<Listing> listings(Sql sql, Bytes fingerprint) throws SQLException {
    return sql.list(
        """
        SELECT c.id, c.account
        FROM certificate x JOIN credential c ON c.id = x.credential
        WHERE x.fingerprint = ?
        ORDER BY c.position
        """,
        row -> new Listing(new AccountId(row.text("account")), new CredentialId(row.text("id"))),
        fingerprint);
  }

  /// Where a credential is.
  record Listing(AccountId account, CredentialId credential) {}

  /// @throws IllegalArgumentException if the credential is in another account or of another kind
  void put(Sql sql, Credential credential) throws SQLException {
    int rows =
        sql.update(
            """
            INSERT INTO credential (id, account, device, kind, status, generation, created, expires)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
              device = excluded.device,
              status = excluded.status,
              generation = excluded.generation,
              created = excluded.created,
              expires = excluded.expires
            WHERE credential.account = excluded.account AND credential.kind = excluded.kind
            """,
            credential.id().value(),
            credential.account().value(),
            credential.device().map(DeviceId::value),
            credential.kind().word(),
            credential.status().word(),
            credential.generation(),
            credential.created(),
            credential.expires());
    if (rows != 1) {
      throw new IllegalArgumentException(
          "credential " + credential.id() + " is in another account or of another kind");
    }
    switch (credential.verifier()) {
      case Verifier.Certificate certificate -> put(sql, credential.id(), certificate);
      case Verifier.Password(List<ScramVerifier> keys) -> put(sql, credential.id(), keys);
      case Verifier.OneTime code -> {
        put(sql, credential.id(), code);
        put(sql, credential.id(), code.keys());
      }
      case Verifier.Fast token -> put(sql, credential.id(), token);
      case Verifier.ClientKey key -> put(sql, credential.id(), key);
      case Verifier.AuthToken token -> put(sql, credential.id(), token);
    }
  }

  private static void put(Sql sql, CredentialId id, Verifier.Certificate certificate)
      throws SQLException {
    sql.update(
        """
        INSERT OR REPLACE INTO certificate
          (credential, fingerprint, certificate, issuer, public_key, request, proven, used)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        id.value(),
        certificate.fingerprint(),
        certificate.certificate(),
        certificate.issuer(),
        certificate.publicKey(),
        certificate.request(),
        certificate.proven(),
        certificate.used());
  }

  private static void put(Sql sql, CredentialId id, Verifier.OneTime code) throws SQLException {
    Verifier.Grant grant = code.grant();
    Optional<Verifier.Redemption> redemption = code.redemption();
    sql.update(
        """
        INSERT OR REPLACE INTO one_time
          (credential, name, allow, resource, certificate, issuer_device, issuer_generation,
           redeemed_device, redeemed_public_key, redeemed_at, failed_tasks)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        id.value(),
        grant.name(),
        AccountRows.words(grant.allow()),
        grant.resource().map(Resource::name),
        grant.certificate(),
        grant.issuer().map(issuer -> issuer.device().value()),
        grant.issuer().map(Verifier.Issuer::generation),
        redemption.map(given -> given.device().value()),
        redemption.map(Verifier.Redemption::thumbprint),
        redemption.map(Verifier.Redemption::at),
        code.failedTasks());
  }

  private void put(Sql sql, CredentialId id, List<ScramVerifier> keys) throws SQLException {
    sql.update("DELETE FROM scram_verifier WHERE credential = ?", id.value());
    for (int form = 0; form < keys.size(); form++) {
      ScramVerifier key = keys.get(form);
      sql.update(
          "INSERT INTO scram_verifier (credential, form, hash, sealed) VALUES (?, ?, ?, ?)",
          id.value(),
          form,
          key.hash().word(),
          sealed(id.value(), form, key));
    }
  }

  private void put(Sql sql, CredentialId id, Verifier.Fast token) throws SQLException {
    sql.update(
        """
        INSERT OR REPLACE INTO fast (credential, mechanism, token, user_agent, used)
        VALUES (?, ?, ?, ?, ?)
        """,
        id.value(),
        token.mechanism(),
        SealedColumn.FAST_TOKEN.seal(sealer, token.token(), id.value()),
        token.userAgent(),
        token.used());
  }

  private void put(Sql sql, CredentialId id, Verifier.ClientKey key) throws SQLException {
    sql.update(
        """
        INSERT OR REPLACE INTO client_key
          (credential, client_id, name, encrypted_secret, validator, counter, accepted, restored)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        id.value(),
        key.clientId(),
        key.name(),
        SealedColumn.ENCRYPTED_SECRET.seal(sealer, key.encryptedSecret(), id.value()),
        SealedColumn.VALIDATOR.seal(sealer, key.validator(), id.value()),
        key.counter(),
        key.accepted(),
        key.restored());
  }

  private static void put(Sql sql, CredentialId id, Verifier.AuthToken token) throws SQLException {
    sql.update(
        """
        INSERT OR REPLACE INTO auth_token (credential, hash, client, description)
        VALUES (?, ?, ?, ?)
        """,
        id.value(),
        token.hash(),
        token.client(),
        token.description());
  }

  /// Removes what [CredentialKind#lapses]; anything else is held by the rows that belong to it.
  static void remove(Sql sql, AccountId account, CredentialId id) throws SQLException {
    for (String table : List.of("fast", "client_key", "auth_token")) {
      sql.update(
          "DELETE FROM %s WHERE credential = (SELECT id FROM credential WHERE id = ? AND account = ?)"
              .formatted(table),
          id.value(),
          account.value());
    }
    sql.update("DELETE FROM credential WHERE id = ? AND account = ?", id.value(), account.value());
  }

  /// What [CredentialKind#lapses] and expired before a time, the longest dead first.
  static List<Listing> expired(Sql sql, Instant before, int limit) throws SQLException {
    return sql.list(
        """
        SELECT id, account FROM credential
        WHERE kind IN ('fast', 'client-key', 'auth-token') AND expires < ?
        ORDER BY expires LIMIT ?
        """,
        row -> new Listing(new AccountId(row.text("account")), new CredentialId(row.text("id"))),
        before,
        limit);
  }
}
