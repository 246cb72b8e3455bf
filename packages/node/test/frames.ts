import { type Message, Opcode, Protocol } from '@heddle/core';
import { encodeFrame, type FrameDescription } from '@heddle/testing';

/** A client's frame. */
export function frame(
  description: Partial<FrameDescription> & Pick<FrameDescription, 'opcode'>,
): Buffer {
  return Buffer.from(encodeFrame({ maskingKey: '37 fa 21 3d', ...description }));
}

export function text(payload: string): Buffer {
  return frame({ opcode: Opcode.Text, payload });
}

export function binary(payload: Uint8Array): Buffer {
  return frame({ opcode: Opcode.Binary, payload });
}

/** A fragment (§5.4): the first has the type of the message, the last is final. */
export function first(payload: string | Uint8Array, opcode: number = Opcode.Text): Buffer {
  return frame({ opcode, payload, fin: false });
}

export function middle(payload: string | Uint8Array): Buffer {
  return frame({ opcode: Opcode.Continuation, payload, fin: false });
}

export function last(payload: string | Uint8Array): Buffer {
  return frame({ opcode: Opcode.Continuation, payload });
}

export function ping(payload = ''): Buffer {
  return frame({ opcode: Opcode.Ping, payload });
}

export function close(code: number, reason = ''): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
  return frame({ opcode: Opcode.Close, payload });
}

/** What a server has sent: messages as they are, `['ping' | 'pong' | 'close', …]` for the rest. */
export function readServer(bytes: Uint8Array): unknown[] {
  const read: unknown[] = [];
  const protocol = new Protocol(
    { role: 'client', nextMaskingKey: () => 0, limits: { maxMessageBytes: 2 ** 30 } },
    {
      message: (message: Message) =>
        read.push(typeof message === 'string' ? message : Buffer.from(message)),
      ping: (payload) => read.push(['ping', Buffer.from(payload).toString()]),
      pong: (payload) => read.push(['pong', Buffer.from(payload).toString()]),
      close: (code, reason) => read.push(['close', code, reason]),
      fail: (error) => read.push(['fail', error.code]),
      output: () => {},
      end: () => {},
    },
  );
  protocol.receive(new Uint8Array(bytes));
  return read;
}

/** The opcodes of all frames that a server has sent, in order: also of what comes after a close frame. */
export function opcodesOf(bytes: Buffer): number[] {
  const opcodes: number[] = [];
  for (let offset = 0; offset < bytes.byteLength; ) {
    opcodes.push(bytes.readUInt8(offset) & 0x0f);
    const length = bytes.readUInt8(offset + 1);
    if (length < 126) offset += 2 + length;
    else if (length === 126) offset += 4 + bytes.readUInt16BE(offset + 2);
    else offset += 10 + Number(bytes.readBigUInt64BE(offset + 2));
  }
  return opcodes;
}
