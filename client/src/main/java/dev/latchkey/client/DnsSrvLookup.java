// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/// The platform's DNS client.
///
/// SECURITY: of JNDI only the DNS provider is used, by its own factory and under a name that can
/// only be a DNS name: it gives text and loads or deserializes nothing.
final class DnsSrvLookup implements SrvLookup {
  @Override
  @SuppressWarnings({"BanJNDI", "JdkObsolete"}) // see above; JNDI takes a Hashtable
  public List<SrvRecord> lookup(String name) throws IOException {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put(Context.PROVIDER_URL, "dns:");
    settings.put("com.sun.jndi.dns.timeout.initial", "1500");
    settings.put("com.sun.jndi.dns.timeout.retries", "2");
    try {
      InitialDirContext dns = new InitialDirContext(settings);
      try {
        Attribute answers = dns.getAttributes(name, new String[] {"SRV"}).get("SRV");
        List<SrvRecord> records = new ArrayList<>();
        for (int i = 0; answers != null && i < answers.size(); i++) {
          records.add(record(String.valueOf(answers.get(i))));
        }
        return records;
      } finally {
        dns.close();
      }
    } catch (NameNotFoundException none) {
      return List.of();
    } catch (NamingException | NumberFormatException broken) {
      throw new IOException("DNS did not answer for " + name, broken);
    }
  }

  private static SrvRecord record(String text) throws NamingException {
    String[] fields = text.split(" ", -1);
    if (fields.length != 4) {
      throw new NamingException("an SRV record has four fields");
    }
    String target = fields[3];
    return new SrvRecord(
        Integer.parseInt(fields[0]),
        Integer.parseInt(fields[1]),
        Integer.parseInt(fields[2]),
        target.length() > 1 && target.endsWith(".")
            ? target.substring(0, target.length() - 1)
            : target);
  }
}
