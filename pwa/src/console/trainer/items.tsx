/** How each question of a quiz went, over everyone; a question that was wrong itself is taken out of the reckoning here. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData, useWhile } from '../data.ts';
import { Empty, Loaded, Mark, Progress, Said, Table } from '../parts.tsx';
import { Reason, Saying, text } from '../saying.tsx';
import { number, say, t } from '../words.ts';
import { Dialog } from './new_learner.tsx';
import { GradedAgain } from './regrading.tsx';

type Item = Shapes['ItemResult'];

export function Items({ course, quiz }: { course: string; quiz: string }): JSX.Element {
  const path = `/v1/courses/${encodeURIComponent(course)}/assessments/${encodeURIComponent(quiz)}`;
  const items = useData<Shapes['AssessmentItems']>(`${path}/items`);
  useWhile((items.value?.regrading ?? 0) > 0, items);
  return (
    <>
      <p>
        <a href={`/trainer/courses/${encodeURIComponent(course)}/results`}>{t('courses.results')}</a>
      </p>
      <Loaded data={items}>
        {(value) => (
          <>
            <h1>{say(value.title)}</h1>
            <GradedAgain left={value.regrading} title={say(value.title)} />
            {value.items.length ? <Questions value={value} path={path} again={items.again} /> : <Empty>{t('results.none')}</Empty>}
          </>
        )}
      </Loaded>
    </>
  );
}

function Questions({ value, path, again }: { value: Shapes['AssessmentItems']; path: string; again: () => void }): JSX.Element {
  const columns = [t('items.question'), t('items.right'), t('items.answered'), t('items.waiting'), t('items.chosen'), t('items.void')];
  return (
    <Table label={say(value.title)} columns={columns.map((title) => ({ title }))}>
      {value.items.map((item) => (
        <tr key={`${item.release}/${item.question}`}>
          <th scope="row">
            <Said text={item.prompt} /> <span class="quiet">{t('learner.release', { number: item.release })}</span>{' '}
            {item.voided && <Mark kind="wait">{t('items.voided')}</Mark>}
          </th>
          <td>
            <Progress part={item.right} whole={item.attempts} label={t('items.right')} />
          </td>
          <td>{number(item.answered)}</td>
          <td>{number(item.waiting)}</td>
          <td>
            <ul class="values">
              {item.chosen.map((choice) => (
                <li key={choice.id}>
                  <Said text={choice.text} /> <b>{number(choice.count)}</b> {choice.correct && <Mark kind="good">{t('attempt.right')}</Mark>}
                </li>
              ))}
            </ul>
          </td>
          <td>
            <Voiding item={item} path={path} again={again} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Voiding({ item, path, again }: { item: Item; path: string; again: () => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const words = t(item.voided ? 'items.unvoid' : 'items.void');
  const said = () => {
    setOpen(false);
    again();
  };
  return (
    <>
      <button onClick={() => setOpen(true)}>{words}</button>
      {open && (
        <Dialog title={`${words}: ${say(item.prompt)}`} onClose={() => setOpen(false)}>
          <p>{t('items.voidLead')}</p>
          <Saying
            label={words}
            path={`${path}/voided`}
            body={(fields) => ({ question: item.question, release: item.release, voided: !item.voided, reason: text(fields, 'reason') })}
            onSaid={said}
          >
            <Reason />
            <button class="main">{words}</button>
          </Saying>
        </Dialog>
      )}
    </>
  );
}
