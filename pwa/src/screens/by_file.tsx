/** Carrying by file: what waits goes into one, and the replies to it come back in another. And, where there was any, what
 * had to make room meanwhile. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import { t } from '../strings/words.ts';
import { Button, Trouble } from './parts.tsx';
import { announce, useDeed, useSnapshot, useTiffin } from './tiffin.ts';

const MINUTE_MS = 60_000;

export function ByFile(): JSX.Element {
  const tiffin = useTiffin();
  const { dropped } = useSnapshot();
  const { run, busy, problem } = useDeed();
  const [done, setDone] = useState('');
  const say = (text: string) => {
    setDone(text);
    announce(text);
  };
  /** What was said of the deed before does not stand beside what becomes of this one. */
  const anew = (deed: () => Promise<void>) => {
    setDone('');
    return run(deed);
  };
  const make = () =>
    anew(async () => {
      const name = `tiffin-${new Date().toISOString().slice(0, 10)}.tiffin`;
      const { file, isWhole } = await tiffin.exchangeFile();
      save(file, name);
      say([t('file.made', { name }), ...(isWhole ? [] : [t('file.more')])].join(' '));
    });
  const take = (file: File | undefined) => file && void anew(async () => say(t('file.taken', { n: await tiffin.takeReplies(file) })));
  return (
    <section class="card" aria-label={t('file.title')}>
      <h2>{t('file.title')}</h2>
      <p>{t('file.lead')}</p>
      {dropped > 0 && <p class="quiet">{t('file.dropped', { n: dropped })}</p>}
      {problem && <Trouble code={problem} />}
      {done && (
        <p class="with-icon good">
          <Icon name="check" />
          {done}
        </p>
      )}
      <div class="row">
        <Button icon="down" disabled={busy} act={make}>
          {t('file.make')}
        </Button>
        <label class="button soft">
          {t('file.take')}
          <input class="hidden" type="file" disabled={busy} onChange={(event) => take(event.currentTarget.files?.[0])} />
        </label>
      </div>
    </section>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE_MS); // the browser may still be reading it
}
