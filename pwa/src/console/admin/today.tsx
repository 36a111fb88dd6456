/** What needs the administrator today, every phone as a small tin, and how the weeks went. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Empty, Loaded, Mark } from '../parts.tsx';
import { number, percent, t, tCode } from '../words.ts';
import { Activity } from './activity.tsx';

const DRAWN_ONE_BY_ONE = 120; // more would be a wall; then a tin stands for several phones, and the list has each
const UNITS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000];

export function Today(): JSX.Element {
  const overview = useData<Shapes['Overview']>('/v1/overview');
  const activity = useData<Shapes['DailyActivity'][]>('/v1/activity/daily?days=28');
  return (
    <>
      <h1>{t('today.title')}</h1>
      <Loaded data={overview}>
        {(value) => (
          <>
            <Needs overview={value} />
            <section class="card">
              <h2>{t('today.fleet')}</h2>
              {value.devices ? <Fleet overview={value} /> : <Empty>{t('devices.none')}</Empty>}
            </section>
          </>
        )}
      </Loaded>
      <section class="card">
        <h2>{t('today.activity')}</h2>
        <Loaded data={activity}>{(days) => <Activity days={days} />}</Loaded>
      </section>
    </>
  );
}

const said = (need: Shapes['Need']): string => tCode('need', need.code, { n: need.count });

function Needs({ overview }: { overview: Shapes['Overview'] }): JSX.Element {
  const needs = overview.needs.filter((need) => need.count > 0);
  const urgent = needs.filter((need) => need.urgent);
  const later = needs.filter((need) => !need.urgent);
  const { learners, devices, courses } = overview;
  return (
    <>
      <p class="quiet">{t('today.people', { learners, devices, courses })}</p>
      {urgent.length === 0 && (
        <p>
          <Mark kind="good">{t('today.well')}</Mark>
        </p>
      )}
      <List needs={urgent} kind="urgent" />
      {later.length > 0 && (
        <>
          <h2>{t('today.later')}</h2>
          <List needs={later} kind="later" />
        </>
      )}
    </>
  );
}

const List = ({ needs, kind }: { needs: readonly Shapes['Need'][]; kind: string }): JSX.Element => (
  <ul class={`needs ${kind}`}>
    {needs.map((need) => (
      <li key={need.code}>
        {need.link ? <a href={need.link}>{said(need)}</a> : <strong>{said(need)}</strong>}
        <p class="quiet">{tCode('do', need.code)}</p>
      </li>
    ))}
  </ul>
);

/** By how long each has been silent, the longest first. The lids tell what the colours tell: closed, ajar, open, gone. */
function Fleet({ overview }: { overview: Shapes['Overview'] }): JSX.Element {
  const all = overview.silence.reduce((sum, one) => sum + one.count, 0);
  const unit = UNITS.find((each) => all / each <= DRAWN_ONE_BY_ONE) ?? Math.ceil(all / DRAWN_ONE_BY_ONE);
  return (
    <>
      <p class="quiet">{t('today.fleetLead', { n: unit })}</p>
      <ul class="fleet">
        {overview.silence.map((one) => (
          <li key={one.silent_for} class={one.silent_for}>
            <a href={one.link}>
              <b>{number(one.count)}</b> {t(`silence.${one.silent_for}`)} <span class="quiet">{percent(one.count, all)}</span>
            </a>
            <div aria-hidden="true">
              {Array.from({ length: Math.ceil(one.count / unit) }, (_, place) => (
                <FleetTin key={place} silence={one.silent_for} />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

const LIFT: Record<Shapes['Silence'], number> = { up_to_3_days: 0, over_3_days: 2, over_7_days: 5, over_14_days: 5 };

const FleetTin = ({ silence }: { silence: Shapes['Silence'] }): JSX.Element => (
  <svg viewBox="0 0 24 24" width="24" height="24">
    <rect x="3" y="10" width="18" height="11" rx="2" class="body" />
    <rect x="2" y={7 - LIFT[silence]} width="20" height="3" rx="1.5" class="lid" />
    {silence === 'over_14_days' && <path d="M7 13l10 5M17 13l-10 5" class="cross" />}
  </svg>
);
