/**
 * The cases of HTTP/1.1 that HTTP/2 cannot have, by theme or by name, each with the reason. Where HTTP/2
 * has a form of its own for the same rule, that is a case of the theme 'HTTP/2'.
 */
export const notOverHttp2: Readonly<Record<string, string>> = {
  'handshakes that are none':
    'An extended CONNECT has no key, Upgrade, Connection, Host or version of HTTP (RFC 8441 §4, §5); what else can be wrong with it has cases of its own',
  'other upgrade listeners':
    "There is no Upgrade in HTTP/2 (RFC 9113 §8.6); other listeners of 'connect' have cases of their own",
  'accepts the tokens of Upgrade and Connection among others, in any case':
    'RFC 9113 §8.2.2: HTTP/2 has no connection-specific header fields',
  'upgrades a connection that has served plain requests before':
    'RFC 9113 §5: streams are independent of each other; that they go side by side has a case of its own',
  'answers a request first that a handshake is sent behind at once':
    'RFC 9113 §5: streams are independent of each other, and so are their answers',
  'serves a request with Upgrade: h2c as the plain request that it also is':
    'RFC 9113 §8.6: HTTP/2 has removed Upgrade',
};

/** The cases of theme 'HTTP/2' that need plain requests on the connection that carries the WebSockets. */
export const needsPlainHttp2: readonly string[] = [
  'carries WebSockets and ordinary requests side by side on one connection',
];
