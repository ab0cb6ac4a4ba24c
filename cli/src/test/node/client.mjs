// SPDX-License-Identifier: Apache-2.0
// A stock client, xmpp.js: signs in, says so, keeps its FAST token in a file, and leaves when told.
//
// node client.mjs SERVICE USER-NAME USER-AGENT-ID TOKEN-FILE; the password is the first line of
// standard input, any further line ends it. Prints a line for each thing that happens.
import { readFile, writeFile, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // node before 20
const { client, xml } = await import("@xmpp/client");

const [service, username, agent, file] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const password = (await lines.next()).value;

function say(...words) {
  console.log(words.join(" "));
}

const xmpp = client({
  service,
  username,
  password,
  userAgent: xml("user-agent", { id: agent }),
});
xmpp.reconnect.stop();
xmpp.fast.fetchToken = async () => {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
};
let saving = Promise.resolve();
xmpp.fast.saveToken = (token) => {
  saving = writeFile(file, JSON.stringify(token), { mode: 0o600 }).then(() =>
    say("token", token.mechanism),
  );
  return saving;
};
xmpp.fast.deleteToken = () => rm(file, { force: true });
xmpp.on("error", (error) => say("error", error.message));
xmpp.on("online", (jid) => say("online", jid.toString()));
xmpp.on("offline", () => say("offline"));

try {
  await xmpp.start();
  const pong = await xmpp.iqCaller.request(
    xml("iq", { type: "get", to: xmpp.options.domain }, xml("ping", "urn:xmpp:ping")),
  );
  say("ping", pong.attrs.type);
  await lines.next();
  await saving;
  await xmpp.stop();
} catch (refused) {
  say("refused", refused.condition ?? refused.message);
}
process.exit();
