/** What a frame is, RFC 6455 §5.2 and §11.8. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const;

export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Whether `value` is one of the six opcodes; the other ten are reserved (§5.2). */
export function isOpcode(value: number): value is Opcode {
  return value <= Opcode.Binary || (value >= Opcode.Close && value <= Opcode.Pong);
}

/** §5.5: "Control frames are identified by opcodes where the most significant bit … is 1." */
export function isControl(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}
