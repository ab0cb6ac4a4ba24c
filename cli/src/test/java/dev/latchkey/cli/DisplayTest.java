// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.ChecksumException;
import com.google.zxing.FormatException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.decoder.Decoder;
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
    assertThat(Table.printable("a\u001b[31mb\u202ec\nd")).isEqualTo("a?[31mb?c?d");
  }
}
