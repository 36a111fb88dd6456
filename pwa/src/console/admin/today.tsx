/** What needs the administrator today, every phone as a small tin, and how the weeks went. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Empty, Loaded, Mark } from '../parts.tsx';
import { t, tCode } from '../words.ts';
import { Activity } from './activity.tsx';

const FLEET_DRAWN = 200; // the API's page; the list has the others

export function Today(): JSX.Element {
  const overview = useData<Shapes['Overview']>('/v1/overview');
  const fleet = useData<Shapes['DevicePage']>(`/v1/devices?limit=${FLEET_DRAWN}&order=last_exchange`);
  const activity = useData<Shapes['DailyActivity'][]>('/v1/activity/daily?days=28');
  return (
    <>
      <h1>{t('today.title')}</h1>
      <Loaded data={overview}>{(value) => <Needs overview={value} />}</Loaded>
      <section class="card">
        <h2>{t('today.fleet')}</h2>
        <Loaded data={fleet}>{(page) => <Fleet page={page} />}</Loaded>
      </section>
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
  const { learners, devices, courses } = overview;
  return (
    <>
      <p class="quiet">{t('today.people', { learners, devices, courses })}</p>
      {needs.length === 0 && (
        <p>
          <Mark kind="good">{t('today.well')}</Mark>
        </p>
      )}
      <ul class="needs">
        {needs.map((need) => (
          <li key={need.code}>
            {need.link ? <a href={need.link}>{said(need)}</a> : <strong>{said(need)}</strong>}
            <p class="quiet">{tCode('do', need.code)}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The lids tell what the colours tell: closed, ajar, open, gone. */
function Fleet({ page }: { page: Shapes['DevicePage'] }): JSX.Element {
  if (!page.items.length) return <Empty>{t('devices.none')}</Empty>;
  return (
    <>
      <p class="quiet">{t('today.fleetLead')}</p>
      <ul class="fleet">
        {page.items.map((device) => (
          <li key={device.id}>
            <a
              href={`/admin/devices/${device.id}`}
              class={device.silent_for}
              aria-label={`${device.label || device.id.slice(0, 8)}: ${t(`silence.${device.silent_for}`)}`}
              title={`${device.label || device.id.slice(0, 8)}: ${t(`silence.${device.silent_for}`)}`}
            >
              <FleetTin silence={device.silent_for} />
            </a>
          </li>
        ))}
      </ul>
      {page.total > page.items.length && (
        <p>
          <a href="/admin/devices">{t('today.fleetMore', { n: page.items.length })}</a>
        </p>
      )}
    </>
  );
}

const LIFT: Record<Shapes['Silence'], number> = { up_to_3_days: 0, over_3_days: 2, over_7_days: 5, over_14_days: 5 };

const FleetTin = ({ silence }: { silence: Shapes['Silence'] }): JSX.Element => (
  <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
    <rect x="3" y="10" width="18" height="11" rx="2" class="body" />
    <rect x="2" y={7 - LIFT[silence]} width="20" height="3" rx="1.5" class="lid" />
    {silence === 'over_14_days' && <path d="M7 13l10 5M17 13l-10 5" class="cross" />}
  </svg>
);
