/** @file What was used lately, by key: as many entries as one generation takes are kept for sure, at most twice as many at all. A hit costs one look into a map. */
export class Recent<Value extends object> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(
    readonly generation: number,
    /** Hears of each value that is no longer kept. */
    readonly drop: (value: Value) => void = () => undefined,
  ) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Value | undefined {
    const found = this.#young.get(key);
    if (found) return found;
    const old = this.#old.get(key);
    if (!old) return undefined;
    this.#old.delete(key);
    this.set(key, old);
    return old;
  }

  /** What was neither made nor read since the generation before last goes. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.generation) {
      const gone = this.#old;
      this.#old = this.#young;
      this.#young = new Map();
      for (const each of gone.values()) this.drop(each);
    }
    this.#young.set(key, value);
  }

  clear(): void {
    const all = [...this.#young.values(), ...this.#old.values()];
    this.#young.clear();
    this.#old.clear();
    for (const each of all) this.drop(each);
  }
}
