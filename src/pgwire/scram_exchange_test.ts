import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AppError } from "../errors/app_error.ts";
import { clientFinal } from "./front/front_testing_client.ts";
import { mockScramVerifier, parseScramVerifier } from "./scram.ts";
import { offeredMechanisms, ScramExchange, type ScramMechanism } from "./scram_exchange.ts";

const verifier = parseScramVerifier(
  "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
);
const clientNonce = "rOprNGfwEbeRWgbNEkqO";
const serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const nonce = clientNonce + serverNonce;
const bare = `n=user,r=${clientNonce}`;
const serverFirst = `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const binding = new Uint8Array(32).fill(9);
const bytes = (text: string) => Buffer.from(text, "latin1");

function exchange(mechanism: ScramMechanism, channelBinding: Uint8Array | null, doomed = false): ScramExchange {
  return new ScramExchange({ mechanism, channelBinding, verifier, doomed, serverNonce });
}

function final(gs2Header: string, password = "pencil", channel: Uint8Array = new Uint8Array(0)): string {
  return clientFinal(gs2Header, bare, serverFirst, nonce, "W22ZaJ0SNY7soEsUEjb6gQ==", 4096, password, channel);
}

function fails(work: () => unknown, sqlstate: string, message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.sqlstate, sqlstate);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("the exchange gives RFC 7677's messages", () => {
  const scram = exchange("SCRAM-SHA-256", null);
  assert.equal(Buffer.from(scram.start(bytes(`n,,${bare}`))).toString(), serverFirst);
  const proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  const answer = scram.finish(bytes(`c=biws,r=${nonce},p=${proof}`));
  assert.equal(Buffer.from(answer ?? []).toString(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

Deno.test("a wrong proof and a doomed exchange get the same answer: null", () => {
  const wrong = exchange("SCRAM-SHA-256", null);
  wrong.start(bytes(`n,,${bare}`));
  assert.equal(wrong.finish(bytes(final("n,,", "pencil2"))), null);
  const doomed = exchange("SCRAM-SHA-256", null, true);
  doomed.start(bytes(`n,,${bare}`));
  assert.equal(doomed.finish(bytes(final("n,,"))), null);
});

Deno.test("no proof fits the mock verifier of an unknown user, whose messages look like any other's", () => {
  const mock = mockScramVerifier("nobody", new Uint8Array(32));
  const scram = new ScramExchange({
    mechanism: "SCRAM-SHA-256",
    channelBinding: null,
    verifier: mock,
    doomed: true,
    serverNonce,
  });
  assert.match(Buffer.from(scram.start(bytes(`n,,${bare}`))).toString(), /^r=[^,]+,s=[A-Za-z0-9+/]{22}==,i=4096$/);
  assert.equal(scram.finish(bytes(final("n,,"))), null);
});

Deno.test("-PLUS is offered only with a channel to bind to, and first", () => {
  assert.deepEqual(offeredMechanisms(null), ["SCRAM-SHA-256"]);
  assert.deepEqual(offeredMechanisms(binding), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
});

Deno.test("-PLUS accepts the right binding and refuses another one with 28000", () => {
  const header = "p=tls-server-end-point,,";
  const right = exchange("SCRAM-SHA-256-PLUS", binding);
  right.start(bytes(`${header}${bare}`));
  assert.notEqual(right.finish(bytes(final(header, "pencil", binding))), null);
  const wrong = exchange("SCRAM-SHA-256-PLUS", binding);
  wrong.start(bytes(`${header}${bare}`));
  fails(
    () => wrong.finish(bytes(final(header, "pencil", new Uint8Array(32)))),
    "28000",
    /channel binding check failed/,
  );
});

Deno.test("'y' is a downgrade where -PLUS was offered, and fine where it was not", () => {
  fails(() => exchange("SCRAM-SHA-256", binding).start(bytes(`y,,${bare}`)), "28000", /negotiation error/);
  const plain = exchange("SCRAM-SHA-256", null);
  plain.start(bytes(`y,,${bare}`));
  assert.notEqual(plain.finish(bytes(final("y,,"))), null);
});

Deno.test("a client that can not bind may use the plain mechanism over TLS", () => {
  const scram = exchange("SCRAM-SHA-256", binding);
  scram.start(bytes(`n,,${bare}`));
  assert.notEqual(scram.finish(bytes(final("n,,"))), null);
});

Deno.test("start refuses malformed and unsupported first messages", () => {
  const plain = () => exchange("SCRAM-SHA-256", null);
  const plus = () => exchange("SCRAM-SHA-256-PLUS", binding);
  const cases: [() => ScramExchange, string, string, RegExp][] = [
    [plain, "", "08P01", /malformed/],
    [plain, "n", "08P01", /malformed/],
    [plain, `x,,${bare}`, "08P01", /malformed/],
    [plain, `n,${bare}`, "08P01", /malformed/],
    [plain, "n,,n=user", "08P01", /malformed/],
    [plain, "n,,n=user,r=", "08P01", /malformed/],
    [plain, "n,,n=user,r=a\x01b", "08P01", /malformed/],
    [plain, "n,,r=abc,n=user", "08P01", /malformed/],
    [plain, `n,a=other,${bare}`, "0A000", /authorization identity/],
    [plain, `n,,m=x,${bare}`, "0A000", /extension/],
    [plain, `p=tls-server-end-point,,${bare}`, "08P01", /without channel binding/],
    [plus, `n,,${bare}`, "08P01", /no channel binding/],
    [plus, `y,,${bare}`, "08P01", /no channel binding/],
    [plus, `p=tls-unique,,${bare}`, "08P01", /unsupported SCRAM channel-binding type: "tls-unique"/],
  ];
  for (const [make, text, sqlstate, message] of cases) fails(() => make().start(bytes(text)), sqlstate, message);
});

Deno.test("finish refuses malformed final messages, a foreign nonce and a changed binding header", () => {
  const good = final("n,,");
  const cases: [string, string, RegExp][] = [
    ["", "08P01", /malformed/],
    [good.replace("c=biws,", ""), "08P01", /malformed/],
    [good.slice(0, good.indexOf(",p=")), "08P01", /malformed/],
    [`${good},x=1`, "08P01", /malformed/],
    [good.replace(/p=.*/, "p=AAAA"), "08P01", /32 bytes/],
    [good.replace(nonce, clientNonce), "08P01", /nonce/],
    [good.replace(nonce, `${nonce}x`), "08P01", /nonce/],
    [good.replace("c=biws", "c=eSws"), "08P01", /unexpected SCRAM channel-binding/],
  ];
  for (const [text, sqlstate, message] of cases) {
    const scram = exchange("SCRAM-SHA-256", null);
    scram.start(bytes(`n,,${bare}`));
    fails(() => scram.finish(bytes(text)), sqlstate, message);
  }
});

Deno.test("every truncation and every changed byte of the final message is refused", () => {
  const good = bytes(final("n,,"));
  const accepted = (message: Buffer): boolean => {
    const scram = exchange("SCRAM-SHA-256", null);
    scram.start(bytes(`n,,${bare}`));
    try {
      return scram.finish(message) !== null;
    } catch (error) {
      assert.ok(error instanceof AppError, String(error));
      return false;
    }
  };
  assert.equal(accepted(good), true);
  for (let i = 0; i < good.length; i += 1) {
    assert.equal(accepted(good.subarray(0, i)), false, `truncated at ${i}`);
    const changed = Buffer.from(good);
    changed[i] = (changed[i] ?? 0) ^ 0x04;
    assert.equal(accepted(changed), false, `changed at ${i}`);
  }
});
