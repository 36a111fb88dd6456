/** When two short texts are the same: spelling counts, typing does not. The same as `offline_bundles/quiz/texts.py`. */

/** What Python calls white space: `\s` would differ in six characters. */
const SPACES = /[\p{White_Space}\x1c-\x1f]+/u;
/** What nobody sees, the vowel signs of Hebrew and Arabic, tatweel. */
const SIGNS = /[\p{Cf}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]/gu;
const LETTERS: Readonly<Record<string, string>> = { أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ی: 'ي', ک: 'ك', ς: 'σ' };

/** Lower, upper, lower: the folding of case that Python and JavaScript share; it brings ẞ, ß and ss together. */
export function normalised(text: string): string {
  const level = plainDigits(text.normalize('NFKC').replace(SIGNS, '')).toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  return spaced(level.replace(SIGNS, '').replace(/[أإآٱىیکς]/g, (letter) => LETTERS[letter]!));
}

export const spaced = (text: string): string => text.split(SPACES).filter(Boolean).join(' ');

export const plainDigits = (text: string): string => text.replace(/\p{Nd}/gu, plainDigit);

/** The digits of each script stand together, from zero to nine: the zero is ten places at most before. Styled digits
 * (bold, full width) stand side by side in several tens; NFKC makes them plain. */
function plainDigit(digit: string): string {
  const code = digit.normalize('NFKC').codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}
