/*
 * Masking in WebAssembly, 16 bytes at a time, for a tenth of the time that JavaScript needs. Put together by hand,
 * because there is so little of it:
 *
 *     (module
 *       (memory (export "memory") 5 5)
 *       (func (export "mask") (param $at i32) (param $end i32) (param $key i32) (local $keys v128)
 *         (local.set $keys (i32x4.splat (local.get $key)))
 *         (block (loop                                        ;; 64 bytes at a time
 *           (br_if 1 (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
 *           (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $keys)))
 *           …                                                 ;; and at the offsets 16, 32 and 48
 *           (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *           (br 0)))
 *         (block (loop                                        ;; 4 bytes at a time
 *           (br_if 1 (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end)))
 *           (i32.store (local.get $at) (i32.xor (i32.load (local.get $at)) (local.get $key)))
 *           (local.set $at (i32.add (local.get $at) (i32.const 4)))
 *           (br 0)))
 *         (block (loop                                        ;; the rest
 *           (br_if 1 (i32.ge_u (local.get $at) (local.get $end)))
 *           (i32.store8 (local.get $at) (i32.xor (i32.load8_u (local.get $at)) (local.get $key)))
 *           (local.set $key (i32.shr_u (local.get $key) (i32.const 8)))
 *           (local.set $at (i32.add (local.get $at) (i32.const 1)))
 *           (br 0)))))
 */

/** What memory is counted in, and how much of it there is. */
const PAGE_BYTES = 2 ** 16;
const PAGES = 5;
export const MASK_MEMORY_BYTES = PAGES * PAGE_BYTES;

const I32 = 0x7f;
const V128 = 0x7b;
const [AT, END, KEY, KEYS] = [0, 1, 2, 3];

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
/** One byte is enough below 64; 64 itself takes two. */
const i32Const = (value: number) => (value < 64 ? [0x41, value] : [0x41, value | 0x80, 0]);
const ADD = 0x6a;
const XOR = 0x73;
const SHR_U = 0x76;
const GT_U = 0x4b;
const GE_U = 0x4f;
const END_OF_BLOCK = 0x0b;
/** `load` and `store`: how they are aligned, 2^0, and where from the address on. */
const memory = (opcode: number, offset = 0) => [opcode, 0, offset];
const simd = (opcode: number, ...immediate: number[]) => [0xfd, opcode, ...immediate];
const xorAt = (offset: number) => [
  ...get(AT),
  ...get(AT),
  ...simd(0x00, 0, offset),
  ...get(KEYS),
  ...simd(0x51),
  ...simd(0x0b, 0, offset),
];
const advance = (byteLength: number) => [...get(AT), ...i32Const(byteLength), ADD, ...set(AT)];
/** Repeats `body` until `done` leaves something other than 0. */
const repeatUntil = (done: number[], body: number[]) => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...done,
  ...[0x0d, 1],
  ...body,
  ...[0x0c, 0, END_OF_BLOCK, END_OF_BLOCK],
];
const fewerLeftThan = (byteLength: number) => [
  ...[...get(AT), ...i32Const(byteLength), ADD],
  ...[...get(END), GT_U],
];

const mask = [
  ...[1, 1, V128],
  ...[...get(KEY), ...simd(0x11), ...set(KEYS)],
  ...repeatUntil(fewerLeftThan(64), [...[0, 16, 32, 48].flatMap(xorAt), ...advance(64)]),
  ...repeatUntil(fewerLeftThan(4), [
    ...[...get(AT), ...get(AT), ...memory(0x28), ...get(KEY), XOR, ...memory(0x36)],
    ...advance(4),
  ]),
  ...repeatUntil(
    [...get(AT), ...get(END), GE_U],
    [
      ...[...get(AT), ...get(AT), ...memory(0x2d), ...get(KEY), XOR, ...memory(0x3a)],
      ...[...get(KEY), ...i32Const(8), SHR_U, ...set(KEY)],
      ...advance(1),
    ],
  ),
  END_OF_BLOCK,
];

/** A number as WebAssembly writes lengths: seven bits in a byte. */
const length = (value: number) => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const section = (id: number, content: number[]) => [id, ...length(content.length), ...content];
const name = (text: string) => [text.length, ...Buffer.from(text)];

const MODULE = Uint8Array.from([
  ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
  ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
  ...section(3, [1, 0]),
  ...section(5, [1, 1, PAGES, PAGES]),
  ...section(7, [2, ...name('memory'), 2, 0, ...name('mask'), 0, 0]),
  ...section(10, [1, ...length(mask.length), ...mask]),
]);

/** What we need of it: neither ECMAScript's types nor Node's have it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

export interface MaskModule {
  /** `MASK_MEMORY_BYTES`, whose `ArrayBuffer` is always the same: it cannot grow. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Masks the memory from `start` to `end` with the four octets of `key`, the first of which is its lowest
   * byte.
   */
  mask(start: number, end: number, key: number): void;
}

/** `undefined` where WebAssembly is off, or there is no address space for it. */
export function instantiateMaskModule(): MaskModule | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
    return exports as MaskModule;
  } catch {
    return undefined;
  }
}
