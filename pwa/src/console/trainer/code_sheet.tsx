/** The codes of a class on paper: a card for each learner with her name, her code and its picture, to be cut apart. */

import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useIsHub } from '../here.ts';
import { csv } from '../csv.ts';
import { calendarDay, t } from '../words.ts';

type Card = Shapes['CodeCard'];

export function CodeSheet({ sheet, onAgain }: { sheet: Shapes['CodeSheet']; onAgain: () => void }): JSX.Element {
  const isHub = useIsHub();
  const kept = useKept(sheet.cards.length > 0);
  const leave = () => (kept.current || confirm(t('sheet.leave'))) && onAgain();
  return (
    <section class="codes">
      <div class="not-printed">
        <h1>{t('sheet.title', { n: sheet.cards.length })}</h1>
        <p>{t('sheet.lead')}</p>
        {isHub && <p class="quiet">{t('new.atHub')}</p>}
        {sheet.left_out.length > 0 && <p class="trouble">{t('sheet.left', { names: sheet.left_out.join(', ') })}</p>}
        <p class="actions">
          <button class="main" onClick={() => ((kept.current = true), print())}>
            {t('sheet.print')}
          </button>
          <a class="button" href={fileOf(sheet.cards)} download="codes.csv" onClick={() => (kept.current = true)}>
            {t('sheet.save')}
          </a>
          <button onClick={leave}>{t('sheet.again')}</button>
        </p>
      </div>
      <ol class="cards">
        {sheet.cards.map((card) => (
          <CardToCut key={card.learner.id} card={card} />
        ))}
      </ol>
    </section>
  );
}

/** Asks before the codes are left that nobody has kept: they are shown only once. */
function useKept(isWorth: boolean): { current: boolean } {
  const kept = useRef(!isWorth);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => kept.current || event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, []);
  return kept;
}

function CardToCut({ card: { learner, invitation } }: { card: Card }): JSX.Element {
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(invitation.qr_svg)}`;
  return (
    <li class="code-card">
      <img src={picture} alt={invitation.join_url} width="128" height="128" />
      <div>
        <strong>
          <bdi>{learner.name}</bdi>
        </strong>
        <output dir="ltr">{invitation.code}</output>
        <p>{t('sheet.scan')}</p>
        <p dir="ltr">{addressOf(invitation)}</p>
        <p class="quiet">{t('sheet.until', { when: calendarDay(invitation.expires_ms) })}</p>
      </div>
    </li>
  );
}

/** Without the code, which she types there. */
const addressOf = ({ join_url }: Card['invitation']): string => join_url.split('/#')[0] ?? join_url;

function fileOf(cards: readonly Card[]): string {
  const head = [t('sheet.name'), t('sheet.code'), t('sheet.address'), t('sheet.good')];
  const rows = cards.map(({ learner, invitation }) => [
    learner.name,
    invitation.code,
    invitation.join_url,
    new Date(invitation.expires_ms).toISOString().slice(0, 10),
  ]);
  return `data:text/csv;charset=utf-8,${encodeURIComponent(csv([head, ...rows]))}`;
}
