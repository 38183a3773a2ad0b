/** What one tenant holds in memory, in the order of its last reads. */
export class MemoryShare {
  #bytes = 0;
  /** By key; a Map keeps the order in which it was written, so the first is the one least recently read. */
  readonly #sizes = new Map<string, number>();
  #latest: string | undefined;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#sizes.size === 0;
  }

  get oldest(): string | undefined {
    return this.#sizes.keys().next().value;
  }

  touch(keyHash: string): void {
    if (this.#latest === keyHash) return;
    const sizeBytes = this.#sizes.get(keyHash);
    if (sizeBytes === undefined) return;
    this.#sizes.delete(keyHash);
    this.#sizes.set(keyHash, sizeBytes);
    this.#latest = keyHash;
  }

  /** What the key held before is given up. */
  put(keyHash: string, sizeBytes: number): void {
    this.remove(keyHash);
    this.#sizes.set(keyHash, sizeBytes);
    this.#bytes += sizeBytes;
    this.#latest = keyHash;
  }

  remove(keyHash: string): void {
    this.#bytes -= this.#sizes.get(keyHash) ?? 0;
    this.#sizes.delete(keyHash);
    if (this.#latest === keyHash) this.#latest = undefined;
  }
}
