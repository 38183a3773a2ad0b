/**
 * A Map of what hardly ever stays. A table that a Map has outgrown goes on to refer to what it held then and to the table after it, so once
 * one of them is in the old generation of the heap, all that was ever held grows old, one after another: a full collection every half a
 * second, where 64 readers ask Redis. Here tables refer to places, and what is taken away leaves its place empty.
 */
export class FleetingMap<Value extends object> {
  readonly #places = new Map<string, { value: Value | undefined }>();

  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  get(key: string): Value | undefined {
    return this.#places.get(key)?.value;
  }

  set(key: string, value: Value): void {
    const place = this.#places.get(key);
    if (place) place.value = value;
    else this.#places.set(key, { value });
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    if (!place) return;
    place.value = undefined;
    this.#places.delete(key);
  }
}
