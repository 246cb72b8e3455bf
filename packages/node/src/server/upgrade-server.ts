import type { Server as HttpServer } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';

/**
 * A server whose WebSockets can be taken. Over HTTP/1.1 a handshake is an upgrade, over HTTP/2 an
 * extended CONNECT (RFC 8441); a server with `allowHTTP1` takes both.
 */
export type UpgradeServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** (Node exports no classes of these servers to compare with.) */
export function speaksHttp2(server: UpgradeServer): server is Http2Server | Http2SecureServer {
  return 'updateSettings' in server;
}
