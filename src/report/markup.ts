/**
 * Markup that may stand in a page. Only `html` makes it, and `html` escapes every text put into it, so an id such as
 * `</script><img onerror=...>` is shown and does nothing.
 */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

/** A template whose values are escaped, also within quoted attributes; lists are joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(strings.reduce((text, part, i) => text + markupOf(values[i - 1]) + part));
}

function markupOf(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return escaped(String(value));
  return value.map(markupOf).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, those that turn the direction of the text around them, and halves of surrogate pairs. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text as it may stand between tags and within quotes. */
export const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign]);

/** Text without what cannot be seen. */
export const plain = (text: string): string => text.replace(UNSEEN, '\ufffd');

/** At most `most` characters, the rest as dots. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of a character.
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}\u2026`;
}
