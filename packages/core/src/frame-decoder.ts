import { ProtocolError } from './errors.ts';
import type { MessageLimits } from './limits.ts';
import { octetAt } from './octet.ts';
import { isControl, isOpcode, Opcode } from './opcode.ts';

/**
 * Decodes frame headers, RFC 6455 §5.2, octet by octet:
 *
 *      0               1               2 …
 *     +-+-+-+-+-------+-+-------------+-------------------+-------------+
 *     |F|R|R|R| opcode|M| payload len |  extended length  | masking key |
 *     |I|S|S|S|  (4)  |A|     (7)     |  0, 2 or 8 bytes  | 0 or 4 bytes|
 *     |N|V|V|V|       |S|             |  if len = 126/127 |  if MASK    |
 *     +-+-+-+-+-------+-+-------------+-------------------+-------------+
 *
 * Each octet is judged as it comes, so that a broken rule is reported at the first one that proves
 * it, however the input is cut. What the order of frames forbids (§5.4) and what a message may cost
 * (§10.4) shows in headers too, and is judged here. The header is kept in fields, not handed out as
 * an object: this runs once per frame.
 */
export class FrameDecoder {
  /** Whether a whole header has been read; the fields below then describe its frame. */
  complete = false;
  fin = false;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. Extensions decide what they mean. */
  rsv = 0;
  opcode: Opcode = Opcode.Continuation;
  /** The masking key as an unsigned 32-bit number, its first octet the most significant. */
  maskingKey = 0;
  payloadLength = 0;
  /** How many frames have ended. */
  framesEnded = 0;

  readonly #masked: boolean;
  readonly #rsvAllowed: number;
  readonly #limits: MessageLimits;
  #part: HeaderPart = HeaderPart.FirstOctet;
  /** Octets that the part in progress still needs. */
  #missing = 0;
  #messageOpen = false;
  #messageBytes = 0;
  #compressed = false;
  /** The most bytes of payload in the message in progress. */
  #maxPayloadBytes = 0;
  #fragments = 0;

  /**
   * `masked` is what the role asks for: a server takes masked frames only, a client only unmasked
   * ones (§5.1). `rsvAllowed` are the reserved bits that negotiated extensions define.
   */
  constructor(masked: boolean, rsvAllowed: number, limits: MessageLimits) {
    this.#masked = masked;
    this.#rsvAllowed = rsvAllowed;
    this.#limits = limits;
  }

  /** Whether the frame in progress has begun: at least one octet of its header has come. */
  get begun(): boolean {
    return this.complete || this.#part !== HeaderPart.FirstOctet;
  }

  /**
   * Reads on in the header at `bytes[offset…end)` and returns the offset after what it consumed:
   * `end` while the header is not `complete`. Throws `ProtocolError`.
   */
  decode(bytes: Uint8Array, offset: number, end: number): number {
    let next = offset;
    while (next < end && !this.complete) {
      // Nearly always the four octets are there at once, and they are a third of all.
      if (this.#part === HeaderPart.MaskingKey && this.#missing === 4 && end - next >= 4) {
        this.maskingKey =
          ((octetAt(bytes, next) << 24) |
            (octetAt(bytes, next + 1) << 16) |
            (octetAt(bytes, next + 2) << 8) |
            octetAt(bytes, next + 3)) >>>
          0;
        this.complete = true;
        return next + 4;
      }
      this.#take(octetAt(bytes, next++));
    }
    return next;
  }

  /** Ends the frame: the next octet begins a new header. */
  nextFrame(): void {
    this.framesEnded++;
    this.complete = false;
    this.#part = HeaderPart.FirstOctet;
  }

  #take(octet: number): void {
    switch (this.#part) {
      case HeaderPart.FirstOctet:
        this.#takeFirst(octet);
        break;
      case HeaderPart.SecondOctet:
        this.#takeSecond(octet);
        break;
      case HeaderPart.Length16:
      case HeaderPart.Length64:
        this.#takeLength(octet);
        break;
      case HeaderPart.MaskingKey:
        this.maskingKey = ((this.maskingKey << 8) | octet) >>> 0;
        this.complete = --this.#missing === 0;
        break;
    }
  }

  #takeFirst(octet: number): void {
    const opcode = octet & 0x0f;
    this.fin = (octet & 0x80) !== 0;
    this.rsv = (octet & 0x70) >> 4;
    if (!isOpcode(opcode))
      throw new ProtocolError('WS_RESERVED_OPCODE', `0x${opcode.toString(16)}`);
    this.opcode = opcode;
    if (isControl(opcode)) {
      // §5.5: control frames "MUST NOT be fragmented". No extension here defines bits for them.
      if (!this.fin) throw new ProtocolError('WS_CONTROL_FRAME_FRAGMENTED');
      if (this.rsv !== 0) throw new ProtocolError('WS_RESERVED_BITS');
    } else {
      this.#beginDataFrame(opcode);
    }
    this.#part = HeaderPart.SecondOctet;
  }

  #beginDataFrame(opcode: Opcode): void {
    const continues = opcode === Opcode.Continuation;
    // §5.4: fragments of one message "MUST NOT be interleaved between the fragments of another".
    if (continues && !this.#messageOpen) throw new ProtocolError('WS_CONTINUATION_WITHOUT_MESSAGE');
    if (!continues && this.#messageOpen) throw new ProtocolError('WS_MESSAGE_INTERRUPTED');
    // §5.2: a reserved bit "MUST be 0 unless an extension is negotiated that defines" it. The one
    // that this package negotiates defines its bit for a message's first frame (RFC 7692 §6).
    const allowed = continues ? 0 : this.#rsvAllowed;
    if ((this.rsv & ~allowed) !== 0) throw new ProtocolError('WS_RESERVED_BITS');
    if (!continues) {
      this.#messageBytes = 0;
      const { maxMessageBytes } = this.#limits;
      this.#compressed = this.rsv !== 0;
      this.#maxPayloadBytes = this.#compressed
        ? maxCompressedBytes(maxMessageBytes)
        : maxMessageBytes;
      this.#fragments = 0;
    }
    if (this.#compressed) this.#maxPayloadBytes += FLUSH_BYTES;
    // A million empty fragments cost a reader time and memory too.
    if (++this.#fragments > this.#limits.maxFragments) {
      throw new ProtocolError('WS_TOO_MANY_FRAGMENTS', `limit ${this.#limits.maxFragments}`);
    }
    this.#messageOpen = !this.fin;
  }

  #takeSecond(octet: number): void {
    const masked = (octet & 0x80) !== 0;
    const length = octet & 0x7f;
    // §5.1: "The server MUST close the connection upon receiving a frame that is not masked" and "A
    // client MUST close a connection if it detects a masked frame."
    if (masked !== this.#masked) {
      throw new ProtocolError(this.#masked ? 'WS_FRAME_NOT_MASKED' : 'WS_FRAME_MASKED');
    }
    // §5.5: control frames "MUST have a payload length of 125 bytes or less".
    if (isControl(this.opcode) && length > MAX_CONTROL_PAYLOAD_BYTES) {
      throw new ProtocolError('WS_CONTROL_FRAME_TOO_BIG');
    }
    // §5.5.1: a close frame's payload, if there is one, starts with a status code of two bytes.
    if (this.opcode === Opcode.Close && length === 1) {
      throw new ProtocolError('WS_CLOSE_PAYLOAD_TRUNCATED');
    }
    if (length === LENGTH_IN_NEXT_2_BYTES) {
      this.#beginPart(HeaderPart.Length16, 2);
      this.payloadLength = 0;
    } else if (length === LENGTH_IN_NEXT_8_BYTES) {
      this.#beginPart(HeaderPart.Length64, 8);
      this.payloadLength = 0;
    } else {
      this.payloadLength = length;
      this.#assertWithinLimit(length);
      this.#endLength();
    }
  }

  #takeLength(octet: number): void {
    const wide = this.#part === HeaderPart.Length64;
    // §5.2: of the 64-bit length "the most significant bit MUST be 0".
    if (wide && this.#missing === 8 && octet > 0x7f) throw new ProtocolError('WS_LENGTH_OVERFLOW');
    this.payloadLength = this.payloadLength * 256 + octet;
    this.#missing--;
    // §5.2: "the minimal number of bytes MUST be used to encode the length".
    const leastUpper = wide ? 0x1_0000 : LENGTH_IN_NEXT_2_BYTES;
    const unit = POWERS_OF_256[this.#missing] as number;
    const greatest = (this.payloadLength + 1) * unit - 1;
    if (greatest < leastUpper) throw new ProtocolError('WS_LENGTH_NOT_MINIMAL');
    // Above 2^53 this is not exact, which is harmless: no limit is that large.
    this.#assertWithinLimit(this.payloadLength * unit);
    if (this.#missing === 0) this.#endLength();
  }

  /** §10.4: the length is judged before anything is set aside for it, by what it is at least. */
  #assertWithinLimit(leastLength: number): void {
    if (isControl(this.opcode)) return;
    if (this.#messageBytes + leastLength > this.#maxPayloadBytes) {
      const how = this.#compressed ? `, ${this.#maxPayloadBytes} compressed` : '';
      throw new ProtocolError(
        'WS_MESSAGE_TOO_BIG',
        `limit ${this.#limits.maxMessageBytes} bytes${how}`,
      );
    }
  }

  #endLength(): void {
    if (!isControl(this.opcode)) this.#messageBytes += this.payloadLength;
    this.maskingKey = 0;
    if (this.#masked) this.#beginPart(HeaderPart.MaskingKey, 4);
    else this.complete = true;
  }

  #beginPart(part: HeaderPart, octets: number): void {
    this.#part = part;
    this.#missing = octets;
  }
}

/**
 * What a message of the limit's size may take compressed, beside its flushes. DEFLATE can make it
 * larger, by 5 bytes for each stored block, and a compressor with little memory makes short ones: zlib
 * promises less than a sixth. How large the message is shows when it is inflated.
 */
function maxCompressedBytes(maxMessageBytes: number): number {
  return maxMessageBytes + Math.ceil(maxMessageBytes / 4) + 1024;
}

/** What a fragment may have beside the data, which its sender has flushed: an empty block, and half octets. */
const FLUSH_BYTES = 16;

/** §5.5. */
export const MAX_CONTROL_PAYLOAD_BYTES = 125;

/** What a length is counted in while so many of its octets are missing: `**` costs more than all else here. */
const POWERS_OF_256 = Array.from({ length: 8 }, (_, missing) => 256 ** missing);

const LENGTH_IN_NEXT_2_BYTES = 126;
const LENGTH_IN_NEXT_8_BYTES = 127;

const HeaderPart = {
  FirstOctet: 0,
  SecondOctet: 1,
  Length16: 2,
  Length64: 3,
  MaskingKey: 4,
} as const;

type HeaderPart = (typeof HeaderPart)[keyof typeof HeaderPart];
