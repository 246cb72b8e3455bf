import { maskedFrame } from './frame.ts';
import { Peer } from './peer.ts';

/** Socket.IO's packet 2 in Engine.IO's packet 4: an event of the name `m`. */
export function socketIoEvent(content: Buffer): Buffer {
  return Buffer.from(`42${JSON.stringify(['m', content.toString()])}`);
}

/** Opens a connection of Engine.IO 4 and joins Socket.IO's main namespace with it. */
export async function joinSocketIo(url: URL): Promise<Peer> {
  const peer = await Peer.open(url, { path: '/?EIO=4&transport=websocket' });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    peer.ended = reject;
    peer.received = (bytes) => {
      said += Buffer.from(bytes).toString('latin1');
      // The server opens with packet 0, which may come before or after this.
      if (said.includes('40{"sid"')) resolve();
    };
    peer.write(maskedFrame({ opcode: 1 }, Buffer.from('40')));
  });
  return peer;
}
