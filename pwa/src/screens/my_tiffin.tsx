/** My tiffin: what waits to be sent, what the phone has room for, and what it cost. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Stack } from '../look/icons.tsx';
import type { Snapshot, Waiting } from '../model.ts';
import { t } from '../strings/words.ts';
import { ago, size } from './format.ts';
import { Button, Heading, Line, Trouble } from './parts.tsx';
import { useSnapshot, useTiffin } from './tiffin.ts';
import { withTool } from './with_tool.tsx';

const MINUTE_MS = 60_000;
/** Who has taken nothing along has nothing to carry, and not the tool for it. */
const ByFile = withTool('carry');

export function MyTiffin(): JSX.Element {
  const snapshot = useSnapshot();
  return (
    <main id="main">
      <Heading name={t('tiffin.title')}>{t('tiffin.title')}</Heading>
      <Waits snapshot={snapshot} />
      <Room storage={snapshot.storage} />
      <section class="card" aria-label={t('tiffin.data')}>
        <h2>{t('tiffin.data')}</h2>
        <p class="figure">{size(snapshot.dataBytes)}</p>
      </section>
      {snapshot.courses.some(({ taken }) => taken !== 'no') && <ByFile />}
    </main>
  );
}

const TIERS: readonly (keyof Waiting)[] = ['immediate', 'batched', 'eventual'];

function Waits({ snapshot }: { snapshot: Snapshot }): JSX.Element {
  const tiffin = useTiffin();
  const { waiting, sending } = snapshot;
  const counts = TIERS.map((tier) => waiting[tier]);
  const waits = counts.some(Boolean);
  return (
    <section class="card" aria-label={t('tiffin.waits')}>
      <h2>{t(waits ? 'tiffin.waits' : 'tiffin.nothing')}</h2>
      <div class="waits">
        <Stack counts={counts} sending={sending} />
        <ol class="plain">
          {TIERS.map((tier) => (
            <Tier key={tier} tier={tier} n={waiting[tier]} />
          ))}
        </ol>
      </div>
      <LastTime snapshot={snapshot} waits={waits} />
      <Button class="main wide" icon="send" disabled={sending} act={() => tiffin.exchange()}>
        {t(sending ? 'tiffin.sending' : 'tiffin.send')}
      </Button>
    </section>
  );
}

const Tier = ({ tier, n }: { tier: keyof Waiting; n: number }): JSX.Element => (
  <li class={n ? '' : 'quiet'}>{n ? t(`tiffin.${tier}`, { n }) : t('tiffin.sent')}</li>
);

/** Where nothing waits, as after replies that came in a file, that no network was there troubles nobody. */
function LastTime({ snapshot, waits }: { snapshot: Snapshot; waits: boolean }): JSX.Element {
  const { lastExchange: last, sending } = snapshot;
  const now = useNow();
  if (!last) return <p class="quiet">{t('tiffin.never')}</p>;
  const when = ago(last.at, now);
  const cost = t('tiffin.cost', { up: size(last.bytesUp), down: size(last.bytesDown) });
  if (last.ok) {
    return (
      <p class="quiet">
        {t('tiffin.last', { when })} · {cost}
      </p>
    );
  }
  return (
    <>
      <p class="quiet">
        {t('tiffin.tried', { when })}. {waits && t('tiffin.safe')}
      </p>
      {last.problem && !sending && (waits || last.problem !== 'offline') && <Trouble code={last.problem} />}
    </>
  );
}

/** The time, once a minute while the screen is looked at. */
function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = setInterval(() => document.hidden || setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(tick);
  }, []);
  return Math.max(now, Date.now() - MINUTE_MS);
}

function Room({ storage }: { storage: Snapshot['storage'] }): JSX.Element {
  return (
    <section class="card" aria-label={t('tiffin.room')}>
      <h2>{t('tiffin.room')}</h2>
      <Line part={storage.usedBytes} whole={storage.quotaBytes} name={t('tiffin.roomBar')} />
      <p>{t('tiffin.used', { used: size(storage.usedBytes), total: size(storage.quotaBytes) })}</p>
      <p class="quiet">{t(storage.kept ? 'tiffin.kept' : 'tiffin.notKept')}</p>
    </section>
  );
}
