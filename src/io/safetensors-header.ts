/** Deepest nesting and most values of a header: it is an object of objects with two short lists each. */
const DEEPEST = 3;
const MOST_COMMAS = 1_000_000;
const COLON = /[ \t\r\n]*:/y;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Looks over the text of a header before it is parsed: nesting and number of values are bounded (100 MB of `[[[[`
 * would become gigabytes of arrays), and no object has a key twice, where JSON.parse would silently keep the last.
 * Only for text that JSON.parse then accepts; anything else may pass here.
 */
export function checkHeaderText(text: string, fail: (rule: string) => never): void {
  const keys: Set<string>[] = [];
  let commas = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === '{' || mark === '[') {
      if (keys.push(new Set()) > DEEPEST) fail('the header is nested too deeply');
    } else if (mark === '}' || mark === ']') {
      keys.pop();
    } else if (mark === ',') {
      if (++commas > MOST_COMMAS) fail('the header has too many entries');
    } else if (mark === '"') {
      const start = at++;
      for (; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
      COLON.lastIndex = at + 1;
      if (!COLON.test(text)) continue;
      const key = unquoted(text.slice(start, at + 1));
      const seen = keys.at(-1);
      if (seen?.has(key)) fail(`the name ${key.slice(0, 80)} stands twice`);
      seen?.add(key);
    }
  }
}

/** The text a JSON string stands for, so that "a" and "\u0061" are the same key. */
function unquoted(json: string): string {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
