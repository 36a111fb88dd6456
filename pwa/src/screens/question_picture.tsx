/** A question that is answered with a photograph: taken or picked, looked at, taken away again. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { Answer, Pictures, ProblemCode } from '../model.ts';
import { t } from '../strings/words.ts';
import { Button, Said, Trouble } from './parts.tsx';
import type { QuestionProps } from './props.ts';
import { announce, codeOf } from './tiffin.ts';

export function PictureQuestion({ question, answer, onAnswer, pictures }: QuestionProps & { pictures: Pictures }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemCode>();
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setProblem(undefined);
    announce(t('picture.making'));
    try {
      onAnswer(await pictures.keep(file));
      announce(t('picture.kept'));
    } catch (error) {
      setProblem(codeOf(error));
    }
    setBusy(false);
  };
  return (
    <div class="stacked">
      <p class="prompt">
        <Said text={question.prompt} />
      </p>
      {answer && <Photograph name={answer} pictures={pictures} height="32vh" />}
      {problem && (problem === 'unknown' ? <Unreadable /> : <Trouble code={problem} />)}
      <div class="row">
        <label class={answer ? 'button soft' : 'button'}>
          {t(busy ? 'picture.making' : answer ? 'picture.another' : 'picture.take')}
          <input class="hidden" type="file" accept="image/*" capture="environment" disabled={busy} onChange={taken(take)} />
        </label>
        <label class={answer ? 'button soft' : 'button'}>
          {t('picture.pick')}
          <input class="hidden" type="file" accept="image/*" disabled={busy} onChange={taken(take)} />
        </label>
        {answer && (
          <Button icon="bin" class="soft" act={() => onAnswer('')}>
            {t('picture.remove')}
          </Button>
        )}
      </div>
      <p class="quiet">{t('picture.lead')}</p>
    </div>
  );
}

/** The same file may be chosen twice in a row. */
const taken = (take: (file: File | undefined) => Promise<void>) => (event: { currentTarget: HTMLInputElement }) => {
  const [file] = event.currentTarget.files ?? [];
  void take(file);
  event.currentTarget.value = '';
};

const Unreadable = (): JSX.Element => (
  <p class="with-icon bad" role="alert">
    <Icon name="alert" />
    {t('picture.unreadable')}
  </p>
);

/** Where it is on this phone; a draft knows it on her other phone by its name alone. */
export function Photograph({ name, pictures, height }: { name: Answer; pictures: Pictures; height?: string }): JSX.Element | null {
  const [url, setUrl] = useState<string | null>();
  useEffect(() => {
    let made: string | undefined;
    let wanted = true;
    void pictures.read(String(name)).then((blob) => {
      if (!wanted) return;
      made = blob && URL.createObjectURL(blob);
      setUrl(made ?? null);
    });
    return () => {
      wanted = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [name]);
  if (url === undefined) return null;
  return url ? <img class="question-picture" src={url} alt={t('picture.yours')} style={height && `max-block-size: ${height}`} /> : <p class="note-well card">{t('picture.elsewhere')}</p>;
}
