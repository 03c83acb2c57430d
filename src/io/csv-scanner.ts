/** Why the text of a row is not CSV. */
export type CsvFault = 'bad-quote' | 'nul-byte' | 'field-too-long';

const QUOTE = 34;
const LF = 10;
const CR = 13;

/**
 * Finds the fields of one CSV row (RFC 4180) in a byte array, without making a string.
 *
 * A row ends at LF, CR LF or a lone CR. Quotes count only at the start of a field; inside an unquoted one
 * (`5" screen`) they are ordinary. After a closing quote only a delimiter or a line end may follow.
 */
export class CsvScanner {
  /** First byte, byte after the last, and whether it holds doubled quotes, of each field kept. */
  readonly start: number[] = [];
  readonly end: number[] = [];
  readonly doubled: boolean[] = [];
  /** Fields in the row, those beyond `limit` included. */
  fields = 0;
  /** Lines the row takes up. */
  lines = 0;
  /** The row holds bytes above 127. */
  high = false;
  /** The row is an empty line. */
  blank = false;
  /** First fault of the row and the field it is in. */
  fault: CsvFault | undefined;
  faultField = 0;
  /** After -1: where the unfinished field starts, and whether a quote is open. */
  openStart = 0;
  openQuote = false;
  /** 1 for the bytes that end an unquoted field. */
  readonly #stops = new Uint8Array(256);
  readonly #delimiter: number;
  readonly #limit: number;
  readonly #longest: number;

  /** Keeps at most `limit` fields a row; a field of more than `longest` bytes is a fault. */
  constructor(delimiter: number, limit: number, longest: number) {
    this.#delimiter = delimiter;
    this.#limit = limit;
    this.#longest = longest;
    this.#stops[delimiter] = this.#stops[LF] = this.#stops[CR] = 1;
  }

  #fail(fault: CsvFault): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.faultField = this.fields;
  }

  #open(start: number, quote: boolean): number {
    this.openStart = start;
    this.openQuote = quote;
    return -1;
  }

  /**
   * Scans the row at `position`. Returns the position after it, or -1 when it does not end before `end`; with `final`
   * the end of the bytes ends the row, and -1 means a quote that is never closed.
   */
  scan(bytes: Uint8Array, position: number, end: number, final: boolean): number {
    const stops = this.#stops;
    let at = position;
    let high = 0;
    this.fields = this.lines = 0;
    this.fault = undefined;
    this.blank = false;
    for (;;) {
      let start = at;
      let stop = at;
      let doubled = false;
      if (at < end && bytes[at] === QUOTE) {
        start = ++at;
        for (;;) {
          for (; at < end && bytes[at] !== QUOTE; at++) {
            const byte = bytes[at];
            high |= byte;
            if (byte === LF) this.lines++;
            else if (byte === 0) this.#fail('nul-byte');
          }
          // A quote that is the last byte so far may be the first of a doubled one.
          if (at >= end || (at + 1 === end && !final)) return this.#open(start, true);
          if (bytes[at + 1] !== QUOTE || at + 1 === end) break;
          doubled = true;
          at += 2;
        }
        stop = at++;
        if (at < end && stops[bytes[at]] === 0) {
          this.#fail('bad-quote');
          while (at < end && stops[bytes[at]] === 0) at++;
        }
      } else {
        for (let byte: number; at < end && stops[(byte = bytes[at])] === 0; at++) {
          high |= byte;
          if (byte === 0) this.#fail('nul-byte');
        }
        stop = at;
      }
      if (at >= end && !final) return this.#open(start, false);
      if (stop - start > this.#longest) this.#fail('field-too-long');
      if (this.fields < this.#limit) {
        this.start[this.fields] = start;
        this.end[this.fields] = stop;
        this.doubled[this.fields] = doubled;
      }
      const byte = at < end ? bytes[at] : LF;
      // A CR that is the last byte so far may be the first half of CR LF.
      if (byte === CR && at + 1 === end && !final) return this.#open(start, false);
      this.fields++;
      if (byte !== this.#delimiter) {
        this.lines++;
        this.high = high > 127;
        this.blank = at === position;
        return at + (byte === CR && bytes[at + 1] === LF ? 2 : 1);
      }
      at++;
    }
  }
}

/** Passes over a row that is too long to keep, in any number of pieces. */
export class CsvSkipper {
  /** Lines passed so far. */
  lines = 0;
  /** A quote is open: at the end of the file this means that it is never closed. */
  openQuote = false;
  readonly #delimiter: number;
  #fieldStart = true;
  #afterQuote = false;
  #afterReturn = false;

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /** Returns the position after the row, or -1 when it goes on beyond `end`. */
  skip(bytes: Uint8Array, position: number, end: number): number {
    for (let at = position; at < end; at++) {
      const byte = bytes[at];
      if (this.#afterReturn) return byte === LF ? at + 1 : at;
      if (this.openQuote) {
        if (byte === QUOTE) {
          this.openQuote = false;
          this.#afterQuote = true;
        } else if (byte === LF) this.lines++;
        continue;
      }
      // A quote opens a field, or is the second of a doubled one.
      if (byte === QUOTE && (this.#fieldStart || this.#afterQuote)) this.openQuote = true;
      else if (byte === LF || byte === CR) {
        this.lines++;
        if (byte === LF) return at + 1;
        this.#afterReturn = true;
      }
      this.#fieldStart = byte === this.#delimiter;
      this.#afterQuote = false;
    }
    return -1;
  }
}
