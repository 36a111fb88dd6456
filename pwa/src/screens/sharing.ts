/** A file leaves the phone: by its system's sheet of what it can be handed on to (Bluetooth, a messenger), where the
 * browser has that, and by its downloads everywhere. */

const MINUTE_MS = 60_000;
/** Chromium hands on what is called a text, a picture, a sound or a film, and refuses every other name, whatever is in
 * it. Messengers make pictures smaller; a text they leave as it is, and who reads the file goes by its bytes alone. */
const SHARED_AS = { suffix: '.txt', type: 'text/plain' };

/** As it can be handed on; undefined where this browser hands no files on. */
export function shareable(file: Blob, name: string): ShareData | undefined {
  const data = { files: [new File([file], name + SHARED_AS.suffix, { type: SHARED_AS.type })] };
  return navigator.canShare?.(data) ? data : undefined;
}

/** Only at a tap. Whether it was handed on; undefined where she changed her mind. */
export async function share(data: ShareData): Promise<boolean | undefined> {
  try {
    await navigator.share(data);
    return true;
  } catch (error) {
    return (error as DOMException).name === 'AbortError' ? undefined : false;
  }
}

export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE_MS); // the browser may still be reading it
}
