/** Typing a join code: the dash comes by itself, and letters that look like digits are read as the digits they are.
 *
 * Codes are Crockford's base 32, eight characters, shown in two groups of four. */

export const CODE_CHARACTERS = 8;
const GROUP = 4;
const MISREAD: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

/** The characters of a code in whatever was typed, pasted or scanned. */
export const plainCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[OIL]/g, (letter) => MISREAD[letter] ?? letter)
    .replace(/[^0-9A-HJKMNP-TV-Z]/g, '')
    .slice(0, CODE_CHARACTERS);

export const shownCode = (typed: string): string => {
  const plain = plainCode(typed);
  return plain.length > GROUP ? `${plain.slice(0, GROUP)}-${plain.slice(GROUP)}` : plain;
};

export const isWhole = (typed: string): boolean => plainCode(typed).length === CODE_CHARACTERS;

/** Where the caret stands in the shown code when it stood at `caret` in what was typed. */
export function caretAfter(typed: string, caret: number): number {
  const before = plainCode(typed.slice(0, caret)).length;
  return before > GROUP ? before + 1 : before;
}
