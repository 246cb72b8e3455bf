import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { fastPathsAllowed } from '../fast-paths.ts';
import { readMemory } from './masking.ts';
import { isTcpSocket } from './tcp-socket.ts';

/**
 * Reads TCP into one buffer for all connections of the thread, where Node would allocate 64 KiB for each
 * read: a quarter to a half of what a message costs.
 *
 * Node has that as `onread`, an option of `net.connect`; sockets that a server has accepted have no
 * documented way in. This is the only module that knows the other one: two properties of a socket and
 * a method of its handle, which are found by what `onread` does to a socket, not by their names.
 */

type Received = (byteLength: number, buffer: Uint8Array) => boolean;

interface UserBufferHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

/** What `onread` sets on a socket. */
interface ReadProperties {
  readonly buffer: symbol;
  readonly callback: symbol;
}

let properties: ReadProperties | undefined | 'unknown' = 'unknown';

/**
 * From now on `received` is called with what the socket reads; the bytes are lent for the call. `false`
 * where that cannot be had: then they come as `'data'`, as they do for any other stream.
 */
export function readShared(transport: Duplex, received: (bytes: Buffer) => void): boolean {
  if (!isTcpSocket(transport)) return false;
  // What has been read already comes first.
  if (transport.readableLength > 0) return false;
  if (properties === 'unknown') properties = findProperties();
  const handle: unknown = Reflect.get(transport, '_handle');
  if (properties === undefined || !hasUserBuffer(handle)) return false;
  const callback: Received = (byteLength) => {
    received(readMemory.subarray(0, byteLength));
    return true;
  };
  Reflect.set(transport, properties.buffer, readMemory);
  Reflect.set(transport, properties.callback, callback);
  handle.useUserBuffer(readMemory);
  return true;
}

/** The self-test: what `onread` does to a socket that is connected to nothing. `undefined`, too, where it is forbidden. */
function findProperties(): ReadProperties | undefined {
  if (fastPathsAllowed() === 'none') return undefined;
  const buffer = new Uint8Array(1);
  const callback: Received = () => true;
  const probe = new Socket({ onread: { buffer, callback } } as object);
  const holds = (value: unknown) =>
    Object.getOwnPropertySymbols(probe).find((symbol) => Reflect.get(probe, symbol) === value);
  const found = { buffer: holds(buffer), callback: holds(callback) };
  probe.destroy();
  return found.buffer && found.callback
    ? { buffer: found.buffer, callback: found.callback }
    : undefined;
}

function hasUserBuffer(handle: unknown): handle is UserBufferHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof Reflect.get(handle, 'useUserBuffer') === 'function'
  );
}
