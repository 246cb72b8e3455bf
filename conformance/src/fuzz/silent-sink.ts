import type { ProtocolSink } from '@heddle/core';

const ignore = () => undefined;

/** Of an end that only sends. */
export const silentSink: ProtocolSink = {
  message: ignore,
  ping: ignore,
  pong: ignore,
  close: ignore,
  fail: ignore,
  output: ignore,
  end: ignore,
};
