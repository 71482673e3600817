/** A file that may be larger than memory, read from its beginning to its end, a slice at a time. */

import type { Bytes } from "./encoding.ts";

const SLICE = 1 << 20; // bytes held at a time

/** The slices of a file, in order. */
export async function* slices(file: Blob): AsyncGenerator<Bytes> {
  for (let start = 0; start < file.size; start += SLICE) yield await bytesOf(file.slice(start, start + SLICE));
}

/** All bytes of a small file. */
export async function bytesOf(file: Blob): Promise<Bytes> {
  return new Uint8Array(await file.arrayBuffer());
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
    if (end > this.#start + this.#slice.length) {
      this.#start = this.position;
      this.#slice = await bytesOf(this.#file.slice(this.position, Math.max(end, this.position + SLICE)));
    }
    const bytes = this.#slice.slice(this.position - this.#start, end - this.#start);
    this.position = end;
    return bytes;
  }
}
