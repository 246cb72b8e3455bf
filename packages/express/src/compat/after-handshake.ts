import type { WsSocket } from '@heddle/node';
import type { Response } from 'express';

/**
 * Has an answer that somebody gives once the WebSocket is open close it, as there is nothing that
 * could carry it: with 1011, or 1008 where the status is the client's fault. So an error handler for
 * plain requests does what it should. Nothing happens where `isNobody` says that this is only what
 * Express does when no handler is left.
 */
export function answerByClosing(
  response: Response,
  socket: WsSocket,
  isNobody: () => boolean,
): void {
  const ignored = (): Response => response;
  response.statusCode = 200;
  // Else Express would not let anybody answer, and destroy the connection.
  Object.defineProperty(response, 'headersSent', { value: false, configurable: true });
  Object.assign(response, {
    setHeader: ignored,
    appendHeader: ignored,
    removeHeader: ignored,
    write: () => true,
    writeHead(status: number): Response {
      response.statusCode = status;
      return response;
    },
    end(): Response {
      const { statusCode } = response;
      if (statusCode > 200 && !isNobody()) socket.close(statusCode < 500 ? 1008 : 1011);
      return response;
    },
  });
}
