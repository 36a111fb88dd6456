/** What a push message says (`notifications`, payload): titles alone, no scores, as a shared phone is read by others. */

const TEXT_CHARACTERS_MAX = 300; // Android shows about 65

export interface Told {
  readonly title: string;
  readonly body: string;
  /** A place inside the app. */
  readonly url: string;
  /** What takes the place of an older notification of the same kind. */
  readonly tag: string;
  readonly language: string;
}

/** Bounded; what cannot be read still shows something, as browsers revoke the right of who stays silent. */
export function readPush(text: string): Told {
  const fields = parsed(text);
  const word = (name: string) => (typeof fields[name] === 'string' ? fields[name].slice(0, TEXT_CHARACTERS_MAX) : '');
  const url = word('url');
  return {
    title: word('title') || 'Tiffin',
    body: word('body'),
    url: /^\/(?![/\\])/.test(url) ? url : '/',
    tag: word('tag') || url,
    language: word('language'),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
