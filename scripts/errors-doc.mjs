/**
 * `node scripts/errors-doc.mjs` writes docs/errors.md from core's tables of errors. What to do about each is here: the
 * tables are for programs, and this for people. A code without a sentence, or a sentence without a code, is an error.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  answerRefusals,
  capacityRefusals,
  requestRefusals,
} from '../packages/core/src/handshake/refusal.ts';
import { misuses } from '../packages/core/src/misuse.ts';
import { connectionViolations, frameViolations } from '../packages/core/src/violation.ts';

const REPAIR_PEER = 'Repair the peer: it breaks the protocol.';
const REPAIR_SERVER = 'Repair the server, or what stands before it.';

/** What a reader can do who finds this code in a log. */
export const remedies = {
  WS_RESERVED_BITS:
    'Repair the peer: most often it compresses although permessage-deflate was not agreed on.',
  WS_RESERVED_OPCODE: 'Repair the peer, or look for bytes of another protocol on the connection.',
  WS_FRAME_NOT_MASKED: 'Repair the client: all of its frames must be masked.',
  WS_FRAME_MASKED: 'Repair the server: none of its frames may be masked.',
  WS_LENGTH_NOT_MINIMAL: REPAIR_PEER,
  WS_LENGTH_OVERFLOW: REPAIR_PEER,
  WS_CONTROL_FRAME_FRAGMENTED: REPAIR_PEER,
  WS_CONTROL_FRAME_TOO_BIG: 'Let the peer send less in its pings, pongs and close reasons.',
  WS_CONTINUATION_WITHOUT_MESSAGE: REPAIR_PEER,
  WS_MESSAGE_INTERRUPTED:
    'Repair the peer: most often two of its tasks send at once, one of them in fragments.',
  WS_CLOSE_PAYLOAD_TRUNCATED: REPAIR_PEER,
  WS_CLOSE_CODE_INVALID:
    'Let the peer close with 1000 or a code of 3000–4999; 1005, 1006 and 1015 never travel.',
  WS_CLOSE_REASON_NOT_UTF8:
    'Repair the peer: most often it cuts a long reason in the middle of a character.',
  WS_TEXT_NOT_UTF8: 'Let the peer send bytes that are not text as a binary message.',
  WS_DEFLATE_INVALID:
    'Repair the peer; where a proxy stands between, let it pass frames as they are.',
  WS_MESSAGE_TOO_BIG:
    'Raise `limits.maxMessageBytes`, or let the peer send its data in several messages.',
  WS_TOO_MANY_FRAGMENTS: 'Raise `limits.maxFragments`, or let the peer send larger fragments.',
  WS_CLOSED_WITHOUT_HANDSHAKE:
    'Expect it: a network failed, or a process ended. Connect again if you are the client.',
  WS_HEARTBEAT_TIMEOUT:
    'Connect again if you are the client; raise `heartbeat.timeoutMs` if the network is that slow.',
  WS_FRAME_STALLED:
    'Raise `progressTimeoutMs` for peers that are this slow; else it was an attack or a broken network.',
  WS_CLOSING_TIMEOUT: 'Raise `closingTimeoutMs`, or repair the peer: it must answer a close frame.',
  WS_SLOW_CONSUMER:
    'Send less, wait for `drained()`, choose another `slowConsumer`, or raise `limits.maxBufferedBytes`.',
  WS_RETAINED_TOO_MUCH: 'Consume messages sooner, or raise `limits.maxRetainedBytes`.',
  WS_SERVER_RETAINED_TOO_MUCH:
    'Give the process more memory, raise `limits.maxServerRetainedBytes`, or let each connection hold less.',
  WS_MESSAGE_RATE: 'Let the peer send less often, or raise `limits.messagesPerSecond`.',
  WS_BYTE_RATE: 'Let the peer send less, or raise `limits.bytesPerSecond`.',
  WS_INVALID_MESSAGE:
    'Let the peer send what the schema of the route asks for; the error names where.',
  WS_UNSUPPORTED_DATA: 'Let the peer send JSON as a text message.',

  WS_HANDSHAKE_METHOD: 'Let the client open the WebSocket with GET.',
  WS_HANDSHAKE_HTTP_VERSION:
    'Let the proxy in front of the server speak HTTP/1.1 to it (nginx: `proxy_http_version 1.1`).',
  WS_HANDSHAKE_HOST: 'Repair the client or the proxy: it must send one `Host`.',
  WS_HANDSHAKE_UPGRADE:
    'Let the proxy pass `Upgrade` on; or do not open a WebSocket address as a page.',
  WS_HANDSHAKE_CONNECTION: 'Let the proxy pass `Connection: Upgrade` on.',
  WS_HANDSHAKE_BODY: 'Let the client send no body: it could be taken for frames.',
  WS_HANDSHAKE_VERSION_MISSING: 'Repair the client: it must send `Sec-WebSocket-Version: 13`.',
  WS_HANDSHAKE_VERSION: 'Update the client: it speaks a draft of the protocol.',
  WS_HANDSHAKE_KEY: 'Repair the client: 16 random bytes, in base64, in one header field.',
  WS_HANDSHAKE_SUBPROTOCOLS: 'Repair the client: names separated by commas, none of them twice.',
  WS_HANDSHAKE_EXTENSIONS: REPAIR_PEER,
  WS_HANDSHAKE_ADDRESS:
    'Raise `limits.maxConnectionsPerAddress`; behind a proxy, have the framework trust it.',
  WS_HANDSHAKE_ORIGIN: 'Add the page’s origin to `origins`, if it is one of yours.',

  WS_HANDSHAKE_REFUSED: 'Look at `status`, `headers` and the body: the server says why.',
  WS_ANSWER_UPGRADE: REPAIR_SERVER,
  WS_ANSWER_CONNECTION: REPAIR_SERVER,
  WS_ANSWER_ACCEPT: 'Look for a cache or a proxy that answered in place of the server.',
  WS_ANSWER_HEADER_REPEATED: REPAIR_SERVER,
  WS_ANSWER_EXTENSIONS: REPAIR_SERVER,
  WS_ANSWER_EXTENSION_NOT_OFFERED: REPAIR_SERVER,
  WS_ANSWER_EXTENSION_UNUSABLE: REPAIR_SERVER,
  WS_ANSWER_SUBPROTOCOL: 'Offer what the server speaks in `subprotocols`, or repair the server.',

  WS_INVALID_OPTION: 'Give the option that the error names a value from the range that it names.',
  WS_SEND_AFTER_CLOSE: 'Send first and close then; look at `state` where you cannot know.',
  WS_UNSUPPORTED_MESSAGE: 'Turn it into a string, with `JSON.stringify`, or into a `Uint8Array`.',
  WS_INVALID_CLOSE_CODE: 'Choose 1000, or one of 3000–4999 for a reason of your own.',
  WS_CLOSE_REASON_TOO_LONG: 'Shorten the reason, or send it as a message before.',
  WS_CONTROL_PAYLOAD_TOO_BIG: 'Send it as a message.',
  WS_FRAGMENT_OUT_OF_ORDER: 'Wait until the message that is being streamed has been sent.',
  WS_INVALID_REPLY: 'Let the handler send what the route’s `schema.reply` promises.',
  WS_ALREADY_CONSUMED: 'Take the messages in one place, and pass them on from there.',
  WS_NOT_AN_UPGRADE:
    'Ask whether the request is an upgrade before you accept it, and accept it once.',
  WS_INVALID_REGISTRATION: 'Register the adapter once for a server, before any route is declared.',
  WS_INVALID_ROUTE: 'Declare the route as the adapter’s README shows: for GET, with a handler.',
};

/** docs/errors.md as it must be. */
export function errorsDoc() {
  return [
    `# Errors

<!-- Written by scripts/errors-doc.mjs from the tables in packages/core/src. Do not edit. -->

Every error of Heddle's own is a \`WebSocketError\` with a \`code\` that is stable: it changes in a major version only, and it
stands in the source as it stands in your log. Errors of the network and of your own code pass through untouched, or as
the \`cause\` of one of these.

| class | who is at fault | where you meet it |
|---|---|---|
| \`ProtocolError\` | the peer, on an open connection | as the \`error\` of the close information |
| \`HandshakeError\` | the peer, during the handshake | as an HTTP response (server), as the rejection of \`connect()\` (client) |
| \`UsageError\` | the caller | thrown at the call |
| \`ClosedError\` | nobody | as the rejection of what was waiting when the connection ended |`,
    section(
      'ProtocolError: the bytes of the peer',
      'The connection fails (§7.1.7) with the close code, which the peer is told, with the message as the reason. 1006 is never sent.',
      ['code', 'close code', 'source', 'message', 'what to do'],
      protocolRows(frameViolations),
    ),
    section(
      'ProtocolError: time, memory and meaning',
      'The same, found by whoever owns the connection.',
      ['code', 'close code', 'source', 'message', 'what to do'],
      protocolRows(connectionViolations),
    ),
    section(
      'HandshakeError: the request of a client',
      'A server answers with the status and these header fields.',
      ['code', 'status', 'source', 'message', 'what to do'],
      handshakeRows(requestRefusals),
    ),
    section(
      'HandshakeError: want of room',
      'The request is right, and the server answers so all the same.',
      ['code', 'status', 'source', 'message', 'what to do'],
      handshakeRows(capacityRefusals),
    ),
    section(
      'HandshakeError: the answer of a server',
      '`connect()` rejects. The status is the one that came.',
      ['code', 'status', 'source', 'message', 'what to do'],
      handshakeRows(answerRefusals),
    ),
    section(
      'UsageError',
      'Thrown at once, by the call that is wrong.',
      ['code', 'message', 'what to do'],
      Object.entries(misuses).map(([code, { message }]) => [
        `\`${code}\``,
        message,
        remedies[code],
      ]),
    ),
    `## ClosedError

\`WS_CLOSED\`: the connection ended before what was waited for could happen: \`drained()\` and \`ping()\` reject with it. A peer
and a network may end a connection at any moment, so nobody is at fault; the \`cause\` says what ended it, if that was an
error.
`,
  ].join('\n\n');
}

function protocolRows(violations) {
  return Object.entries(violations).map(([code, { closeCode, source, message }]) => [
    `\`${code}\``,
    closeCode,
    source,
    message,
    remedies[code],
  ]);
}

function handshakeRows(refusals) {
  return Object.entries(refusals).map(([code, { status, headers, source, message }]) => {
    const fields = Object.entries(headers).map(([name, value]) => `\`${name}: ${value}\``);
    const known = status === 0 ? 'any but 101' : status;
    return [`\`${code}\``, [known, ...fields].join(', '), source, message, remedies[code]];
  });
}

function section(title, introduction, heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    `## ${title}\n\n${introduction}\n`,
    line(heads),
    `|${'---|'.repeat(heads.length)}`,
    ...rows.map(line),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), errorsDoc());
}
