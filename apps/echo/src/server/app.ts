import { websocket, ws } from '@heddle/express';
import express from 'express';
import { MAX_MESSAGE_BYTES } from '../message-limit.ts';
import { echo } from './echo.ts';
import { notFound, page } from './page.ts';

/** The echo server as an Express application, ready to listen, and its WebSockets. */
export function buildApp() {
  const app = express().disable('x-powered-by');
  const sockets = websocket(app, { limits: { maxMessageBytes: MAX_MESSAGE_BYTES } });
  app.get('/', page);
  // One path for both: a handshake is taken by the first, and a plain GET goes on to the second.
  app.get('/echo', ws(echo), page);
  app.use(notFound);
  return { app, sockets };
}
