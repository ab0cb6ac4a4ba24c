// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.ChecksumException;
import com.google.zxing.FormatException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.decoder.Decoder;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DisplayTest {
  private static final String URI =
      "xmpp:nina@localhost?login;token=sky1hsfnvpppe933e9n6exk3wwq;pin=sha-256:df2762dc0510e6bf207967ed71521144024ad3b072c7da658eb4d3a48a09a269;host=127.0.0.1;port=44165";

  @Test
  void qrCodeReadsBackFromWhatIsDrawn() throws ChecksumException, FormatException {
    String[] lines = new QrCode(URI).draw().replaceAll("\u001b\\[[0-9;]*m", "").split("\n");
    int quiet = 4;
    int size = lines[0].length() - 2 * quiet;
    BitMatrix read = new BitMatrix(size);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        char drawn = lines[(y + quiet) / 2].charAt(x + quiet);
        boolean light = drawn == '█' || drawn == ((y + quiet) % 2 == 0 ? '▀' : '▄');
        if (!light) {
          read.set(x, y);
        }
      }
    }
    assertThat(new Decoder().decode(read).getText()).isEqualTo(URI);
  }

  @Test
  void foreignTextCannotSteerTheTerminal() {
    assertThat(Console.printable("a\u001b[31mb\u202ec\nd")).isEqualTo("a?[31mb?c?d");
    assertThat(Console.printable("a\u009b31mb\u0085c\u2028d\u2066e")).isEqualTo("a?31mb?c?d?e");
  }

  @Test
  void nothingForeignIsSaidAsItCame() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            true);
    String foreign = "\u009b2J";
    Table table = new Table("NAME");
    table.row(foreign);
    table.print(console);
    Devices.showRevoked(console, new JsonLine().withTexts("revoked", List.of(foreign)).toNode());
    console.note(foreign);
    console.progress(foreign);
    console.complain(foreign);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("NAME", "?2J", "revoked ?2J");
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("?2J", "?2J", "latchkey: ?2J");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "an unbound device is marked in the list")
  void theStateOfAnUnboundDeviceSaysSo() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console =
        new Console(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            true);
    Devices.show(
        console,
        List.of(
            new JsonLine().with("id", "dev-1").with("status", "active").toNode(),
            new JsonLine()
                .with("id", "dev-2")
                .with("status", "active")
                .with("unbound", true)
                .toNode()));
    assertThat(out.toString(StandardCharsets.UTF_8).lines().skip(1).map(line -> line.split("  +")))
        .extracting(cells -> cells[2])
        .containsExactly("active", "active, unbound");
  }
}
