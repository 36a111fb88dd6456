/** Carrying by file: what waits of everybody on the phone goes into one, and the replies to it come back in another. And,
 * where there was any, what had to make room meanwhile. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { CarriedFile, FiledWork } from '../model.ts';
import { problemWords, t } from '../strings/words.ts';
import { Button, Trouble } from './parts.tsx';
import { download, share, shareable } from './sharing.ts';
import { announce, useDeed, useSnapshot, useTiffin } from './tiffin.ts';

export function ByFile(): JSX.Element {
  const tiffin = useTiffin();
  const { dropped } = useSnapshot();
  const { run, busy, problem } = useDeed();
  const [done, setDone] = useState('');
  const [made, setMade] = useState<CarriedFile>();
  const say = (text: string) => {
    setDone(text);
    announce(text);
  };
  /** What was said of the deed before does not stand beside what becomes of this one. */
  const anew = (deed: () => Promise<void>) => {
    setDone('');
    setMade(undefined);
    return run(deed);
  };
  const make = () =>
    anew(async () => {
      const carried = await tiffin.exchangeFile();
      download(carried.file, carried.name);
      setMade(carried);
      say([t('file.made', { name: carried.name }), ...restOf(carried)].join(' '));
    });
  const take = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = ''; // so that the same file may be taken again
    if (file) void anew(async () => say(t('file.taken', { n: await tiffin.takeReplies(file) })));
  };
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
      {made && <Made carried={made} say={say} />}
      <div class="row">
        <Button icon="down" disabled={busy} act={make}>
          {t('file.make')}
        </Button>
        <label class="button soft">
          {t('file.take')}
          <input class="hidden" type="file" disabled={busy} onChange={(event) => take(event.currentTarget)} />
        </label>
      </div>
    </section>
  );
}

/** What to do about what found no room in it. */
function restOf({ works, isWhole }: CarriedFile): string[] {
  if (isWhole) return [];
  return [t(works.every((work) => work.isWhole) ? 'file.more' : 'file.moreWork')];
}

/** Whose work is in it, and the way on to somebody who is near. */
function Made({ carried: { file, name, works }, say }: { carried: CarriedFile; say: (text: string) => void }): JSX.Element {
  const data = shareable(file, name);
  const [refused, setRefused] = useState(false);
  const handOn = async (what: ShareData) => {
    const isShared = await share(what);
    setRefused(isShared === false);
    if (isShared) say(t('file.shared', { name }));
  };
  return (
    <>
      <h3>{t('file.whose')}</h3>
      <ul class="plain">
        {works.map((work, at) => (
          <li key={at}>
            <bdi>
              <strong>{work.learner}</strong>
            </bdi>
            : {thingsOf(work)}
          </li>
        ))}
      </ul>
      {data && (
        <Button icon="send" act={() => handOn(data)}>
          {t('file.share')}
        </Button>
      )}
      {refused && <p role="alert">{t('file.notShared')}</p>}
    </>
  );
}

function thingsOf({ filed: { immediate, batched, eventual }, isWhole, problem }: FiledWork): string {
  if (problem) return problemWords(problem).what;
  const n = batched + eventual;
  const parts = [
    ...(immediate ? [t('tiffin.immediate', { n: immediate })] : []),
    ...(n ? [t(immediate ? 'file.others' : 'file.things', { n })] : []),
  ];
  return [...(isWhole ? [] : [t('file.part')]), ...(parts.length || !isWhole ? parts : [t('file.nothing')])].join(' · ');
}
