/** Where each part of a JSON text stands, by its JSON pointer; up to the first place where the text is no JSON. */

export type Stretch = { start: number; end: number };
export type Places = {
  /** A setting's value, from its first to behind its last character. */
  values: ReadonlyMap<string, Stretch>;
  /** A setting's name, for what is said about the name itself. */
  names: ReadonlyMap<string, Stretch>;
  /** Where it stops being JSON, or a name comes twice; null when all of it is read. */
  trouble: number | null;
};

/** Deeper than any document; what is nested deeper is not read. */
const MAX_DEPTH = 40;
const SPACE = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\n]|\\[^\n])*"/y;
const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;

/** `placesOf('{"a": [1]}').values` has "", "/a" and "/a/0". */
export function placesOf(text: string): Places {
  const reader = new Reader(text);
  const whole = reader.value("", 0) && reader.atEnd();
  return { values: reader.values, names: reader.names, trouble: whole ? null : reader.at };
}

class Reader {
  readonly values = new Map<string, Stretch>();
  readonly names = new Map<string, Stretch>();
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads a value; false where it is none, and `at` stays there. */
  value(pointer: string, depth: number): boolean {
    this.#take(SPACE);
    const start = this.at;
    if (depth > MAX_DEPTH || !this.#body(pointer, depth)) return false;
    this.values.set(pointer, { start, end: this.at });
    return true;
  }

  atEnd(): boolean {
    this.#take(SPACE);
    return this.at === this.#text.length;
  }

  #body(pointer: string, depth: number): boolean {
    if (this.#sign("{")) return this.#list("}", () => this.#member(pointer, depth));
    if (this.#sign("[")) return this.#list("]", (index) => this.value(`${pointer}/${index}`, depth + 1));
    return this.#take(TEXT) !== null || this.#take(PLAIN) !== null;
  }

  #list(end: string, item: (index: number) => boolean): boolean {
    if (this.#sign(end)) return true;
    for (let index = 0; ; index += 1) {
      if (!item(index)) return false;
      if (this.#sign(end)) return true;
      if (!this.#sign(",")) return false;
    }
  }

  #member(pointer: string, depth: number): boolean {
    this.#take(SPACE);
    const start = this.at;
    const name = this.#take(TEXT);
    if (name === null) return false;
    const place = `${pointer}/${escaped(name)}`;
    if (this.names.has(place)) {
      this.at = start;
      return false;
    }
    this.names.set(place, { start, end: this.at });
    return this.#sign(":") && this.value(place, depth + 1);
  }

  #sign(sign: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  #take(form: RegExp): string | null {
    form.lastIndex = this.at;
    const found = form.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }
}

function escaped(quoted: string): string {
  return plain(quoted).replaceAll("~", "~0").replaceAll("/", "~1");
}

function plain(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
