/** Where in the app we are: the part of the address behind `#`, which needs no server and works without a network. */

import { useLayoutEffect, useState } from 'preact/hooks';

export type Place =
  | { readonly screen: 'join'; readonly code: string }
  | { readonly screen: 'shelf' | 'tiffin' | 'me' }
  | { readonly screen: 'course'; readonly course: string }
  | { readonly screen: 'activity'; readonly course: string; readonly activity: string };

/** An address that says nothing leads to the shelf, where everything else is found. */
export function placeOf(hash: string): Place {
  const [first, second = '', third = ''] = hash.replace(/^#?\/?/, '').split('/').map(decoded);
  if (first === 'join') return { screen: 'join', code: second };
  if (first === 'course' && second) return activityOrCourse(second, third);
  return { screen: first === 'tiffin' || first === 'me' ? first : 'shelf' };
}

const activityOrCourse = (course: string, activity: string): Place =>
  activity ? { screen: 'activity', course, activity } : { screen: 'course', course };

/** A mistyped address is no reason to fail: what cannot be decoded is kept as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place, for links: `to('course', id)`. */
export const to = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;

export const go = (address: string): void => location.assign(address);

/** Listens from the moment of drawing: a link that is tapped before the next frame would lead nowhere. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useLayoutEffect(() => {
    const moved = () => setHash(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return placeOf(hash);
}
