/** How far a course's packing is, rung by rung, and the buttons that stop it and start it again. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { useData, useWhile, type Data } from '../data.ts';
import { Ago, Mark, Progress, Table, Trouble } from '../parts.tsx';
import { number, percent, t } from '../words.ts';

type Pack = Shapes['PackDetail'];
type Step = Shapes['PackStepRow'];
const KINDS = { waiting: 'wait', working: 'wait', done: 'good', failed: 'bad', stopped: 'none' } as const;

const isUnfinished = ({ state }: Pack | Step): boolean => state === 'waiting' || state === 'working';

/** The newest pack of each course, read again by itself; `onReleased` when one of them made a release. */
export function usePacks(onReleased: () => void): Data<Pack[]> {
  const packs = useData<Pack[]>('/v1/packs');
  const isBusy = packs.value?.some(isUnfinished) ?? false;
  const released = packs.value?.map((pack) => `${pack.course} ${pack.releases.join()}`).join(';');
  const before = useRef(released);
  useWhile(isBusy, packs);
  useEffect(() => {
    if (before.current !== undefined && before.current !== released) onReleased();
    before.current = released;
  }, [released]);
  return packs;
}

export function Packing({ title, pack, again }: { title: string; pack: Pack; again: () => void }): JSX.Element {
  const said = useRef<HTMLParagraphElement>(null);
  const [problem, setProblem] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const isRunning = isUnfinished(pack);
  const act = (path: string, body?: object) => () => {
    said.current?.focus(); // the button gives way to another: whoever pressed it by keyboard hears what came of it
    setProblem(undefined);
    setBusy(true);
    send(`/v1/courses/${pack.course}/packs${path}`, body)
      .then(again, setProblem)
      .finally(() => setBusy(false));
  };
  return (
    <section class="packing" aria-label={t('packs.of', { course: title })}>
      <h3>{t('packs.title')}</h3>
      <p role="status" tabIndex={-1} ref={said}>
        <Mark kind={KINDS[pack.state]}>{t(`packs.${pack.state}`)}</Mark>
        <Now pack={pack} />
      </p>
      {!isRunning && pack.ended_ms != null && <p class="quiet"><Ago ms={pack.ended_ms} /></p>}
      {pack.problem && <p class="why" dir="auto">{pack.problem}</p>}
      {isRunning && pack.looking && <Looked title={title} looking={pack.looking} />}
      {isRunning && pack.steps.length > 0 && <Progress part={made(pack)} whole={100 * pack.steps.length} label={t('packs.progress', { course: title })} />}
      {pack.steps.length > 0 && <Steps title={title} pack={pack} />}
      {problem && <Trouble problem={problem} />}
      <div class="actions">
        {isRunning ? (
          <button disabled={busy} onClick={act(`/${pack.id}/stop`)}>{t('packs.stop')}</button>
        ) : (
          <>
            <button disabled={busy} onClick={act('', { publish: false })}>{t('packs.again')}</button>
            <button disabled={busy} onClick={act('', { publish: true })}>{t('packs.againPublish')}</button>
          </>
        )}
      </div>
    </section>
  );
}

/** How far looking is: first how many videos are opened, then how much of all of them was looked at. */
function Looked({ title, looking: { opened, videos, percent } }: { title: string; looking: Shapes['LookRow'] }): JSX.Element {
  return opened < videos ? (
    <Progress part={opened} whole={videos} label={t('packs.opened', { course: title })} />
  ) : (
    <Progress part={percent} whole={100} label={t('packs.looked', { course: title })} />
  );
}

/** In hundredths of a file: what the line that fills is filled by. */
const made = ({ steps }: Pack): number => steps.reduce((sum, step) => sum + (isUnfinished(step) ? step.percent : 100), 0);

/** What happens now, in a sentence that changes from step to step and not with each percent: it is read out. */
function Now({ pack }: { pack: Pack }): JSX.Element {
  const ended = pack.steps.filter((step) => !isUnfinished(step)).length;
  const failed = pack.steps.filter((step) => step.state === 'failed').length;
  const newest = pack.releases.at(-1);
  const said = {
    waiting: [pack.ahead ? t('packs.ahead', { n: pack.ahead }) : t('packs.next')],
    working: [doing(pack, ended), newest != null && t('packs.base', { number: newest }), failed > 0 && t('packs.leftOut', { n: failed })],
    done: [newest != null && t('packs.made', { number: newest }), failed > 0 && t('packs.leftOut', { n: failed })],
    stopped: [t('packs.kept')],
    failed: [],
  }[pack.state];
  const words = said.filter(Boolean).join(' ');
  return <>{words && ` · ${words}`}</>;
}

function doing(pack: Pack, ended: number): string {
  if (!pack.steps.length) return t(pack.looking && pack.looking.opened < pack.looking.videos ? 'packs.opening' : 'packs.looking');
  return ended < pack.steps.length ? t('packs.step', { ended, all: pack.steps.length }) : t('packs.writing');
}

function Steps({ title, pack }: { title: string; pack: Pack }): JSX.Element {
  const needsLook = pack.steps.some((step) => step.state !== 'done');
  const columns = [t('packs.video'), t('packs.rung'), t('packs.state')].map((name) => ({ title: name }));
  return (
    <details open={needsLook}>
      <summary>{t('packs.files', { n: pack.steps.length })}</summary>
      <Table label={t('packs.filesOf', { course: title })} columns={columns}>
        {pack.steps.map((step, at) => (
          <tr key={at}>
            <th scope="row">{step.video}</th>
            <td>
              <bdi>{step.rung}</bdi> {step.first && <span class="quiet">{t('packs.first')}</span>}
            </td>
            <td>
              <StepState step={step} at={at} />
            </td>
          </tr>
        ))}
      </Table>
    </details>
  );
}

function StepState({ step, at }: { step: Step; at: number }): JSX.Element {
  if (step.state === 'working') {
    return <Progress part={step.percent} whole={100} label={t('packs.oneFile', { number: number(at + 1), percent: percent(step.percent, 100) })} />;
  }
  return (
    <>
      <Mark kind={KINDS[step.state]}>{t(`packs.file.${step.state}`)}</Mark>
      {step.problem && <p class="why" dir="auto">{step.problem}</p>}
    </>
  );
}
