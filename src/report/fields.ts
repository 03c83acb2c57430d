import { DataError } from '../check.ts';

/** A JSON object read field by field: a DataError `bad-json` names the file, the field and the rule. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    /** Names down to this object, for messages. */
    readonly path: readonly string[],
    readonly file: string | undefined,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw refused(path, `must be an object, got ${kindOf(value)}`, file);
    }
    this.#object = value as Record<string, unknown>;
  }

  /** The object that a text is. */
  static parse(text: string, file: string | undefined): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new DataError('this is not one JSON document', { code: 'bad-json', file }, cause);
    }
    return new Fields(value, [], file);
  }

  get names(): string[] {
    return Object.keys(this.#object);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name) && this.#object[name] !== null;
  }

  /** A number in [min, max]. */
  number(name: string, min: number, max: number): number {
    const value = this.#get(name);
    if (!(typeof value === 'number' && value >= min && value <= max)) {
      const got = typeof value === 'number' ? value : kindOf(value);
      return this.#fail(name, `must be a number from ${min} to ${max}, got ${got}`);
    }
    return value;
  }

  /** The same, or undefined where it is absent. */
  numberIf(name: string, min: number, max: number): number | undefined {
    return this.has(name) ? this.number(name, min, max) : undefined;
  }

  /** Absent texts are empty. */
  text(name: string): string {
    const value = this.#get(name) ?? '';
    return typeof value === 'string' ? value : this.#fail(name, `must be text, got ${kindOf(value)}`);
  }

  /** Texts of a list; an absent one is empty. */
  texts(name: string): string[] {
    return this.#list(name).map((value, i) =>
      typeof value === 'string' ? value : this.#fail(`${name}[${i}]`, `must be text, got ${kindOf(value)}`),
    );
  }

  object(name: string): Fields {
    return new Fields(this.#get(name), [...this.path, name], this.file);
  }

  objectIf(name: string): Fields | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** Objects of a list; an absent one is empty. */
  objects(name: string): Fields[] {
    return this.#list(name).map((value, i) => new Fields(value, [...this.path, `${name}[${i}]`], this.file));
  }

  #list(name: string): unknown[] {
    const value = this.#get(name) ?? [];
    return Array.isArray(value) ? value : this.#fail(name, `must be a list, got ${kindOf(value)}`);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  #fail(name: string, rule: string): never {
    throw refused([...this.path, name], rule, this.file);
  }
}

function refused(path: readonly string[], rule: string, file: string | undefined): DataError {
  const field = path.map((name) => (name.length > 60 ? `${name.slice(0, 60)}...` : name)).join('.');
  return new DataError(`${field || 'the document'} ${rule}`, { code: 'bad-json', file });
}

const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value;
};
