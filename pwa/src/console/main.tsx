/** The consoles of trainers and administrators: one page, signed in with a cookie, each address a place in it. */

import '../look/tokens.css';
import './console.css';
import './lists.css';
import './admin/today.css';
import './trainer/trainer.css';
import './trainer/class_list.css';
import { render, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ConflictList } from './admin/conflict_list.tsx';
import { DevicePage } from './admin/device.tsx';
import { Devices } from './admin/devices.tsx';
import { Hubs } from './admin/hubs.tsx';
import { Quarantine } from './admin/quarantine.tsx';
import { Today } from './admin/today.tsx';
import { read, send, type Refused, type Shapes } from './api.ts';
import { IsHub } from './here.ts';
import { isLanguage, Trouble } from './parts.tsx';
import { followLinks, usePlace, type Place } from './place.ts';
import { SignIn } from './sign_in.tsx';
import type { Key } from './strings/en.ts';
import { CarriedFiles } from './trainer/carried.tsx';
import { ClassList } from './trainer/class_list.tsx';
import { Courses } from './trainer/courses.tsx';
import { ThisHub } from './trainer/hub.tsx';
import { Items } from './trainer/items.tsx';
import { LearnerPage } from './trainer/learner.tsx';
import { Learners } from './trainer/learners.tsx';
import { Results } from './trainer/results.tsx';
import { Reviews } from './trainer/reviews.tsx';
import { currentLanguage, LANGUAGES, setLanguage, showLanguage, t } from './words.ts';

type Me = Shapes['Me'];

const TRAINER: readonly [string, Key][] = [
  ['/trainer', 'nav.learners'],
  ['/trainer/reviews', 'nav.reviews'],
  ['/trainer/courses', 'nav.courses'],
  ['/trainer/carried', 'nav.carried'],
];
const HUB: readonly [string, Key][] = [['/trainer/hub', 'nav.hub']];
const ADMINISTRATOR: readonly [string, Key][] = [
  ['/admin', 'nav.today'],
  ['/admin/devices', 'nav.devices'],
  ['/admin/hubs', 'nav.hubs'],
  ['/admin/conflicts', 'nav.conflicts'],
  ['/admin/quarantine', 'nav.quarantine'],
];

function page({ path }: Place): JSX.Element {
  const [console, section, id, part, quiz] = path;
  if (console === 'admin') {
    if (section === 'devices') return id ? <DevicePage id={id} /> : <Devices />;
    if (section === 'hubs') return <Hubs />;
    if (section === 'conflicts') return <ConflictList />;
    return section === 'quarantine' ? <Quarantine /> : <Today />;
  }
  if (section === 'reviews') return <Reviews />;
  if (section === 'carried') return <CarriedFiles />;
  if (section === 'class') return <ClassList />;
  if (section === 'hub') return <ThisHub />;
  if (section === 'courses' && id && part === 'results') return quiz ? <Items course={id} quiz={quiz} /> : <Results course={id} />;
  if (section === 'courses') return <Courses />;
  return section === 'learners' && id ? <LearnerPage id={id} /> : <Learners />;
}

function Console(): JSX.Element | null {
  const [me, setMe] = useState<Me | null>();
  const [problem, setProblem] = useState<Refused>();
  const [language, setShown] = useState(currentLanguage());
  const place = usePlace();

  const ask = () =>
    read<Me>('/v1/me').then(setMe, (refused: Refused) => (refused.status === 401 ? setMe(null) : setProblem(refused)));
  useEffect(() => void ask(), []);

  function choose(wanted: string) {
    if (!isLanguage(wanted)) return;
    setLanguage(wanted);
    setShown(wanted);
  }

  useArrival(place);
  if (me === null) return <SignIn onSignedIn={setMe} />;
  if (!me) return problem ? <Trouble problem={problem} again={() => void ask()} /> : null;
  return (
    <div key={language} onClick={followLinks}>
      <a class="skip" href="#content">
        {t('nav.skip')}
      </a>
      <Header me={me} path={place.path} language={language} onLanguage={choose} onSignedOut={() => setMe(null)} />
      <main id="content" tabIndex={-1}>
        <IsHub.Provider value={me.is_hub}>{page(place)}</IsHub.Provider>
      </main>
    </div>
  );
}

/** Elsewhere in the console: whoever reads by ear or goes by keyboard begins at the new page, not at what was left. */
function useArrival({ path }: Place): void {
  const address = path.join('/');
  const before = useRef(address);
  useLayoutEffect(() => {
    if (before.current !== address) document.getElementById('content')?.focus({ preventScroll: true });
    before.current = address;
  }, [address]);
}

/** On a phone the places are one row that is pushed along: the one we are at is seen. */
function bringIntoView(place: Element | null): void {
  const row = place?.parentElement;
  if (!place || !row) return;
  const [inner, outer] = [place.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
}

interface HeaderProps {
  me: Me;
  path: readonly string[];
  language: string;
  onLanguage: (language: string) => void;
  onSignedOut: () => void;
}

function Header({ me, path, language, onLanguage, onSignedOut }: HeaderProps): JSX.Element {
  const places = [...(me.role === 'administrator' ? ADMINISTRATOR : []), ...TRAINER, ...(me.is_hub ? HUB : [])];
  const here = `/${path.slice(0, 2).join('/')}`;
  const isHere = (address: string) => address === here || (address === '/trainer' && ['/trainer/learners', '/trainer/class'].includes(here));
  const shown = places.find(([address]) => isHere(address))?.[1];
  useLayoutEffect(() => {
    document.title = [...(shown ? [t(shown)] : []), me.organisation.name].join(' · ');
    bringIntoView(document.querySelector('header nav [aria-current]'));
  }, [shown, language]);
  return (
    <header>
      <a class="brand" href={me.role === 'administrator' ? '/admin' : '/trainer'}>
        <img src="/icon.svg" alt="" width="32" height="32" /> {me.organisation.name}
      </a>
      <nav aria-label={t('nav.label')}>
        {places.map(([address, key]) => (
          <a key={address} href={address} aria-current={isHere(address) ? 'page' : undefined}>
            {t(key)}
          </a>
        ))}
      </nav>
      <label class="language">
        <span class="hidden">{t('nav.language')}</span>
        <select value={language} onChange={(event) => onLanguage(event.currentTarget.value)}>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span class="quiet">{me.display_name}</span>
      <button onClick={() => void send('/v1/sign-out').then(onSignedOut)}>{t('nav.signOut')}</button>
    </header>
  );
}

showLanguage();
const root = document.getElementById('console');
if (root) render(<Console />, root);
