/** New revisions of the app: the worker fetches them, the learner says when. */

/** Registers the worker; says when a new revision waits, and loads the page again when it took over. */
export function watchForUpdates(onUpdate: () => void): void {
  if (!('serviceWorker' in navigator)) return;
  const had = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener('controllerchange', () => had && location.reload());
  void navigator.serviceWorker.register('/sw.js').then((registration) => {
    const look = () => registration.waiting && navigator.serviceWorker.controller && onUpdate();
    look();
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
  }, () => undefined);
}

/** The worker keeps these too, for when there is no network: a language's words, a tool. */
export function keepFiles(...names: readonly string[]): void {
  void navigator.serviceWorker?.ready.then(({ active }) => names.forEach((name) => active?.postMessage(name)));
}

/** A browser without Ed25519 needs a library to read a card, where no network is. */
export function keepSignatures(): void {
  crypto.subtle.generateKey('Ed25519', false, ['sign']).catch(() => keepFiles('ed25519'));
}

export async function applyUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  registration?.waiting?.postMessage('take-over');
}
