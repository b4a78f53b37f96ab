const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Told of a member of an object, or of an element of a list (whose name is empty): where its value begins. Says where the
 * value ends, as `valueEnd` does, or as walking over the value itself has found: so no byte is looked at twice.
 */
export type OnValue = (name: string, from: number) => number;

/**
 * Walks over the members of the object that begins at `from` in a JSON text's UTF-8 bytes, without reading their values:
 * to find parts costs a fraction of parsing. Names are told as they are written, escapes and all, each byte as one
 * character. Gives where the object ends.
 *
 * Only brackets, quotes and separators are looked at; throws a SyntaxError where they do not fit together.
 */
export function eachMember(text: Buffer, from: number, onValue: OnValue): number {
  return eachIn(text, from, OPEN_OBJECT, CLOSE_OBJECT, onValue);
}

/** The same for the elements of a list. */
export function eachElement(text: Buffer, from: number, onValue: OnValue): number {
  return eachIn(text, from, OPEN_LIST, CLOSE_LIST, onValue);
}

function eachIn(text: Buffer, from: number, open: number, close: number, onValue: OnValue): number {
  if (text[from] !== open) throw malformed(text, from);
  let at = withoutSpace(text, from + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    let name = '';
    if (open === OPEN_OBJECT) {
      if (text[at] !== QUOTE) throw malformed(text, at);
      const end = stringEnd(text, at);
      name = text.toString('latin1', at + 1, end - 1);
      at = withoutSpace(text, end);
      if (text[at] !== COLON) throw malformed(text, at);
      at = withoutSpace(text, at + 1);
    }
    at = withoutSpace(text, onValue(name, at));
    const separator = text[at];
    if (separator === close) return at + 1;
    if (separator !== COMMA) throw malformed(text, at);
    at = withoutSpace(text, at + 1);
  }
}

/** Where the first character at or after `from` is that is no white space. */
export function withoutSpace(text: Buffer, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

const isSpace = (code: number | undefined): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Where the value that begins at `from` ends. */
export function valueEnd(text: Buffer, from: number): number {
  const first = text[from];
  if (first === QUOTE) return stringEnd(text, from);
  return first === OPEN_OBJECT || first === OPEN_LIST ? nestedEnd(text, from) : plainEnd(text, from);
}

function nestedEnd(text: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const code = text[at];
    if (code === QUOTE) at = stringEnd(text, at);
    else {
      at++;
      if (code === OPEN_OBJECT || code === OPEN_LIST) depth++;
      else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && --depth === 0) return at;
    }
  }
  throw malformed(text, text.length);
}

function stringEnd(text: Buffer, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text[at];
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  throw malformed(text, text.length);
}

/** The end of a number, a truth value or null. */
function plainEnd(text: Buffer, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text[at];
    if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_LIST || isSpace(code)) break;
  }
  if (at === from) throw malformed(text, at);
  return at;
}

const malformed = (text: Buffer, at: number): SyntaxError =>
  new SyntaxError(`a JSON text must go on at ${at}, got ${JSON.stringify(text.toString('utf8', at, at + 20))}`);
