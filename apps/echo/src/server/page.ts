import type { Request, Response } from 'express';

/** Says how to connect, to whoever comes without a WebSocket. */
export function page(request: Request, response: Response): void {
  response.type('text').send(`This is an echo server. What you send over a WebSocket comes back.

From a terminal, in the folder of this app:

    node dist/client/main.js ${echoUrl(request)}

From the console of a browser that shows this page:

    socket = new WebSocket('${echoUrl(request)}');
    socket.onmessage = ({ data }) => console.log(data);
    socket.onopen = () => socket.send('hello');
`);
}

/** For every path that is none of ours. */
export function notFound(request: Request, response: Response): void {
  response
    .status(404)
    .type('text')
    .send(`There is nothing here. The echo: ${echoUrl(request)}\n`);
}

/** As this client has to write it, who came here by that name. */
function echoUrl({ secure, headers: { host = '127.0.0.1' } }: Request): string {
  return `${secure ? 'wss' : 'ws'}://${host}/echo`;
}
