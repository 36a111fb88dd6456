/** Me: who uses this phone, in which language, what it may tell her, and how it all works. */

import type { JSX } from 'preact';
import type { Profile, Snapshot } from '../model.ts';
import { t } from '../strings/words.ts';
import { LanguageChoice } from './language.tsx';
import { Button, Heading, Trouble, WithIcon } from './parts.tsx';
import { to } from './router.ts';
import { useDeed, useSnapshot, useTiffin } from './tiffin.ts';

declare const __APP_VERSION__: string;

export function Me(): JSX.Element {
  const { push, appUpdate } = useSnapshot();
  return (
    <main id="main">
      <Heading name={t('me.title')}>{t('me.title')}</Heading>
      {appUpdate && <Update />}
      <Learners />
      <section class="card" aria-label={t('me.language')}>
        <h2>{t('me.language')}</h2>
        <LanguageChoice />
      </section>
      <Notifications push={push} />
      <section class="card" aria-label={t('me.help')}>
        <h2>{t('me.help')}</h2>
        <ol class="steps stacked">
          <li>{t('me.help1')}</li>
          <li>{t('me.help2')}</li>
          <li>{t('me.help3')}</li>
        </ol>
      </section>
      <p class="quiet">
        {t('app.name')} · {t('me.version', { version: __APP_VERSION__ })}
      </p>
    </main>
  );
}

function Learners(): JSX.Element {
  const { profile, profiles } = useSnapshot();
  const { run, problem } = useDeed();
  const tiffin = useTiffin();
  return (
    <section class="card" aria-label={t('me.who')}>
      <h2>{t('me.who')}</h2>
      {problem && <Trouble code={problem} />}
      <ul class="plain activities">
        {profiles.map((one) => (
          <li key={one.number} class="item">
            <Named profile={one} />
            {one.number === profile?.number ? (
              <WithIcon name="check">{t('me.now')}</WithIcon>
            ) : (
              <Button act={() => run(() => tiffin.switchProfile(one.number))}>
                {t('me.switch', { name: one.learner })}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <a class="button" href={to('join')}>
        {t('me.add')}
      </a>
    </section>
  );
}

const Named = ({ profile }: { profile: Profile }): JSX.Element => (
  <span>
    <strong>
      <bdi>{profile.learner}</bdi>
    </strong>
    <br />
    <bdi class="quiet">{profile.organisation}</bdi>
  </span>
);

const PUSH_WORDS = { unsupported: 'me.pushNone', denied: 'me.pushDenied', on: 'me.pushOn', off: 'me.pushOff' } as const;

function Notifications({ push }: { push: Snapshot['push'] }): JSX.Element {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  return (
    <section class="card" aria-label={t('me.push')}>
      <h2>{t('me.push')}</h2>
      <p>{t(PUSH_WORDS[push])}</p>
      {problem && <Trouble code={problem} />}
      {push === 'off' && (
        <Button disabled={busy} act={() => run(() => tiffin.enablePush())}>
          {t('me.pushGo')}
        </Button>
      )}
    </section>
  );
}

function Update(): JSX.Element {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  return (
    <section class="card safe" aria-label={t('me.app')}>
      <h2>{t('me.app')}</h2>
      <p>{t('me.update')}</p>
      {problem && <Trouble code={problem} />}
      <Button class="main" disabled={busy} act={() => run(() => tiffin.applyAppUpdate())}>
        {t('me.updateGo')}
      </Button>
    </section>
  );
}
