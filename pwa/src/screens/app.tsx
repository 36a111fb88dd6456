/** The frame around every screen: which one is shown, the bar of three, and the voice that says what happened. */

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Icon, type IconName } from '../look/icons.tsx';
import type { Tiffin, Waiting } from '../model.ts';
import { direction, problemWords, speak, t, wordsLanguage, type Key } from '../strings/words.ts';
import { Activity } from './activity.tsx';
import { CourseScreen } from './course.tsx';
import { useFocusKept } from './focus.ts';
import { number } from './format.ts';
import { Join } from './join.tsx';
import { Me } from './me.tsx';
import { MyTiffin } from './my_tiffin.tsx';
import { Opening } from './parts.tsx';
import { to, usePlace, type Place } from './router.ts';
import { Shelf } from './shelf.tsx';
import { announce, TiffinContext, useAnnounced, useSnapshot } from './tiffin.ts';

export const App = ({ tiffin }: { tiffin: Tiffin }): JSX.Element => (
  <TiffinContext.Provider value={tiffin}>
    <Frame />
  </TiffinContext.Provider>
);

function Frame(): JSX.Element {
  const { ready, profile, language, waiting } = useSnapshot();
  const place = usePlace();
  const said = useAnnounced();
  useSpoken(language);
  useLayoutEffect(() => scrollTo(0, 0), [location.hash]);
  useSendingAnnounced();
  useFocusKept();
  const shown: Place = profile || place.screen === 'join' ? place : { screen: 'join', code: '' };
  return (
    <>
      <a class="skip hidden" href="#main" onClick={skip}>
        {t('nav.skip')}
      </a>
      {ready ? (
        <Screen key={shown.screen === 'join' ? 0 : profile?.number} place={shown} />
      ) : (
        <main id="main">
          <Opening />
        </main>
      )}
      {ready && profile && shown.screen !== 'activity' && shown.screen !== 'join' && (
        <Tabs place={shown} waiting={waiting} />
      )}
      <div class="hidden" role="status">
        {said}
      </div>
    </>
  );
}

/** The address after `#` is taken by the screens, so the link moves the focus itself. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('h1')?.focus();
}

function Screen({ place }: { place: Place }): JSX.Element {
  switch (place.screen) {
    case 'join':
      return <Join key={place.code} code={place.code} />;
    case 'shelf':
      return <Shelf />;
    case 'course':
      return <CourseScreen id={place.course} />;
    case 'activity':
      return <Activity key={place.activity} course={place.course} id={place.activity} />;
    case 'tiffin':
      return <MyTiffin />;
    case 'me':
      return <Me />;
  }
}

const TABS: readonly [Place['screen'], string, Key, IconName][] = [
  ['shelf', to(), 'nav.shelf', 'shelf'],
  ['tiffin', to('tiffin'), 'nav.tiffin', 'tiffin'],
  ['me', to('me'), 'nav.me', 'me'],
];

function Tabs({ place, waiting }: { place: Place; waiting: Waiting }): JSX.Element {
  const count = waiting.immediate + waiting.batched; // what she did; what was merely opened is not worth a number
  return (
    <nav class="tabs" aria-label={t('nav.label')}>
      {TABS.map(([screen, href, name, icon]) => (
        <a key={screen} href={href} aria-current={isIn(place, screen) ? 'page' : undefined}>
          <Icon name={icon} />
          {t(name)}
          {screen === 'tiffin' && count > 0 && (
            <>
              <span class="count" aria-hidden="true">
                {number(count)}
              </span>
              <span class="hidden">. {t('shelf.waits', { n: count })}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}

const isIn = (place: Place, tab: Place['screen']): boolean =>
  place.screen === tab || (tab === 'shelf' && place.screen === 'course');

/** Draws everything anew once the words of another language are here. */
function useSpoken(language: string): void {
  const [, setSpoken] = useState(language);
  useEffect(() => {
    void speak(language).then(() => {
      showLanguage();
      setSpoken(language);
    });
  }, [language]);
}

function showLanguage(): void {
  document.documentElement.lang = wordsLanguage();
  document.documentElement.dir = direction(wordsLanguage());
}

/** Sending goes on behind every screen; whoever listens hears when it begins and how it ended. */
function useSendingAnnounced(): void {
  const { sending, lastExchange } = useSnapshot();
  useEffect(() => {
    if (sending) announce(t('tiffin.sending'));
    else if (lastExchange) announce(lastExchange.problem ? problemWords(lastExchange.problem).what : t('tiffin.sent'));
  }, [sending, lastExchange?.at]);
}
