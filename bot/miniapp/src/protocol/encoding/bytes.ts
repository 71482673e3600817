/** A file that may be larger than memory, read from its beginning to its end, a slice at a time. */

import type { Bytes } from "./encoding.ts";
import { malformed } from "./errors.ts";

const SLICE = 1 << 20; // bytes held at a time
const LF = 0x0a;

/** The slices of a file, in order. */
export async function* slices(file: Blob): AsyncGenerator<Bytes> {
  for (let start = 0; start < file.size; start += SLICE) yield await bytesOf(file.slice(start, start + SLICE));
}

/** All bytes of a file that is small. Throws malformed: larger than `limit`. */
export async function bytesOf(file: Blob, path = "file", limit = Number.POSITIVE_INFINITY): Promise<Bytes> {
  if (file.size > limit) throw malformed(`${path}: ${file.size} bytes, at most ${limit} are allowed`);
  return new Uint8Array(await file.arrayBuffer());
}

/** How many lines a file has. Throws malformed: the last one has no end. */
export async function lineCount(file: Blob, path: string): Promise<number> {
  let [count, last] = [0, LF];
  for await (const slice of slices(file)) {
    for (const byte of slice) if (byte === LF) count += 1;
    last = slice.at(-1) ?? LF;
  }
  if (last !== LF) throw malformed(`${path}: the last line has no end`);
  return count;
}

/** The lines of a file without their ends. Throws malformed: one of more than `limit` bytes. */
export async function* lines(file: Blob, path: string, limit: number): AsyncGenerator<Bytes> {
  const reader = new Forward(file);
  for (let number = 1; reader.left > 0; number++) {
    const ahead = await reader.next(limit + 1);
    const end = ahead.indexOf(LF);
    if (end < 0) throw malformed(`${path}, line ${number}: more than ${limit} bytes, or no end`);
    reader.position -= ahead.length - end - 1;
    yield ahead.slice(0, end);
  }
}

/** Reads a file forward, any number of bytes at a time. */
export class Forward {
  readonly #file: Blob;
  #slice: Bytes = new Uint8Array();
  #start = 0; // of the slice in the file
  /** Where the next byte stands. */
  position = 0;

  constructor(file: Blob) {
    this.#file = file;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#file.size - this.position;
  }

  /** The next bytes; fewer where the file ends. */
  async next(size: number): Promise<Bytes> {
    const end = Math.min(this.position + size, this.#file.size);
    if (this.position < this.#start || end > this.#start + this.#slice.length) {
      this.#start = this.position;
      this.#slice = await bytesOf(this.#file.slice(this.position, Math.max(end, this.position + SLICE)));
    }
    const bytes = this.#slice.slice(this.position - this.#start, end - this.#start);
    this.position = end;
    return bytes;
  }
}
