// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.Latchkey;
import dev.latchkey.testkit.Spec;
import java.io.BufferedReader;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./latchkey serve` as a process: what it says, and how it ends.
class ServeIT {
  private static final Pattern READY =
      Pattern.compile(
          "ready domain=localhost c2s=127\\.0\\.0\\.1:([0-9]+) tls=\\S+:([0-9]+) data=\\S+\n");

  private static final byte[] HEADER =
      ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='localhost' version='1.0'"
              + " xmlns:stream='http://etherx.jabber.org/streams'>")
          .getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private Program serve(String... more) throws Exception {
    List<String> command = new ArrayList<>(arguments());
    command.addAll(List.of(more));
    return Program.latchkey(folder, command);
  }

  private List<String> arguments() {
    return List.of(
        "serve",
        "--data",
        folder.resolve("data").toString(),
        "--listen",
        "127.0.0.1:0",
        "--listen-tls",
        "127.0.0.1:0");
  }

  private static int port(Program server) throws InterruptedException {
    server.await("ready ");
    server.await("\n");
    Matcher ready = READY.matcher(server.said());
    assertThat(ready.find()).as(server.said()).isTrue();
    return Integer.parseInt(ready.group(1));
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "4.9.3.20",
      rule = "a server that ends in order says so to its clients")
  void sigtermTellsTheClientsAndEndsInOrder() throws Exception {
    try (Program server = serve();
        Socket client = connect(port(server))) {
      client.getOutputStream().write(HEADER);
      InputStream in = client.getInputStream();
      StringBuilder heard = new StringBuilder();
      read(in, heard, "</stream:features>");
      server.terminate();
      read(in, heard, "</stream:stream>");
      assertThat(heard).contains("<system-shutdown");
      assertThat(server.awaitEnd()).as("SIGTERM, as the shell tells it").isEqualTo(143);
    }
    // What it held is free: the next one starts on the same folder.
    try (Program again = serve()) {
      assertThat(port(again)).isPositive();
    }
  }

  private static void read(InputStream in, StringBuilder heard, String end) throws Exception {
    byte[] some = new byte[4096];
    while (heard.indexOf(end) < 0) {
      int count = in.read(some);
      assertThat(count).as(heard.toString()).isPositive();
      heard.append(new String(some, 0, count, StandardCharsets.UTF_8));
    }
  }

  @Test
  void aLogThatNobodyReadsHoldsUpNobody() throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(JavaCommand.of(Latchkey.class.getName(), arguments()));
    command.environment().put("LATCHKEY_LOG", "DEBUG");
    Process server = command.start(); // what it logs stays in a pipe of 64 KiB
    try (BufferedReader answers = server.inputReader(StandardCharsets.UTF_8)) {
      Matcher ready = READY.matcher(answers.readLine() + "\n");
      assertThat(ready.find()).isTrue();
      int tlsPort = Integer.parseInt(ready.group(2));
      InputStream log = server.getErrorStream();
      int full = 65_000;
      for (int stranger = 0; stranger < 3000 && log.available() < full; stranger++) {
        speakNoTls(tlsPort);
      }
      assertThat(log.available()).as("octets in the pipe").isGreaterThanOrEqualTo(full);
      for (int stranger = 0; stranger < 20; stranger++) {
        speakNoTls(tlsPort);
      }
      try (Socket client = connect(Integer.parseInt(ready.group(1)))) {
        client.getOutputStream().write(HEADER);
        read(client.getInputStream(), new StringBuilder(), "</stream:features>");
      }
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).as("it ends, too").isTrue();
    } finally {
      server.destroyForcibly();
    }
  }

  private static Socket connect(int port) throws Exception {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(20_000);
    return client;
  }

  /// Says something that is no TLS, and waits until the server is done with it.
  private static void speakNoTls(int port) throws Exception {
    try (Socket stranger = connect(port)) {
      stranger.getOutputStream().write(HEADER);
      stranger.getInputStream().readAllBytes();
    }
  }

  @Test
  void aConfigurationThatCannotBeUsedIsNamedAndNothingIsMade() throws Exception {
    Path file = Files.writeString(folder.resolve("latchkey.toml"), "lissten = \"off\"\n");
    try (Program server = serve("--config", file.toString())) {
      assertThat(server.awaitEnd()).isNotZero();
      assertThat(server.said()).contains("latchkey.toml:1", "lissten", "listen");
      assertThat(folder.resolve("data")).doesNotExist();
    }
  }

  @Test
  void aDatabaseThatOthersCanReadIsNotServed() throws Exception {
    try (Program server = serve()) {
      port(server);
    }
    Path database = folder.resolve("data/latchkey.db");
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
    try (Program server = serve()) {
      assertThat(server.awaitEnd()).isEqualTo(1);
      assertThat(server.said()).contains("latchkey.db", "chmod 600");
    }
  }
}
