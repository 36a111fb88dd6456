/** What had the focus may go: a button whose deed is done, an editor that closes. Who goes by keyboard or by ear must not
 * be sent back to the top of the screen for it. */

import { useEffect } from 'preact/hooks';

/** Moves the focus of what was taken away to the nearest heading above it. */
export function useFocusKept(): void {
  useEffect(() => {
    let path: Element[] = []; // from what has the focus, outwards
    addEventListener('focusin', (event) => (path = event.composedPath() as Element[]));
    new MutationObserver(() => {
      if (document.activeElement !== document.body || path[0]?.isConnected !== false) return;
      const heading = path.find((part) => part.isConnected)?.querySelector<HTMLElement>('h1,h2');
      if (!heading) return; // of a screen that is on its way
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }).observe(document.body, { childList: true, subtree: true });
  }, []);
}
