import type { Duplex } from 'node:stream';

/** `NGHTTP2_CANCEL`: written out, so that nobody loads `node:http2` for a number. */
const CANCEL = 0x8;

/** Whether a transport is a stream of HTTP/2, whose ends differ from those of a socket. */
export function isHttp2Stream(
  transport: Duplex,
): transport is Duplex & { close(code: number): void } {
  return 'rstCode' in transport && 'close' in transport;
}

/** Drops a transport at once, whatever carries it. */
export function dropTransport(transport: Duplex): void {
  // RFC 8441 §5: TCP's reset is a RST_STREAM "with the CANCEL error code". Destroyed alone, a stream of
  // Node's says NO_ERROR, which is no exception at all.
  if (isHttp2Stream(transport)) transport.close(CANCEL);
  transport.destroy();
}
