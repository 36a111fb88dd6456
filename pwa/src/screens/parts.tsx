/** What several screens are made of: headings, states that are not the usual one, lines and links. */

import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, Stack, type IconName } from '../look/icons.tsx';
import type { CourseCard, ProblemCode, Text } from '../model.ts';
import { direction, languageOf, problemWords, said, t } from '../strings/words.ts';
import { percent } from './format.ts';
import { to } from './router.ts';
import { useTiffin } from './tiffin.ts';

/** A text of a course, marked with the language that it is in. */
export function Said({ text }: { text: Text }): JSX.Element {
  const of = languageOf(text);
  return (
    <bdi lang={of} dir={direction(of)}>
      {said(text)}
    </bdi>
  );
}

/** The screen's name: what the browser shows, and where a screen reader starts to read a new screen. It has the focus
 * from the first moment: later it would take it from a field that she is in already. */
export function Heading({ children, name }: { children: ComponentChildren; name: string }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = `${name} · ${t('app.name')}`;
    heading.current?.focus({ preventScroll: true });
  }, [name]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

export const Back = ({ href, children }: { href: string; children: ComponentChildren }): JSX.Element => (
  <nav class="top" aria-label={t('nav.back')}>
    <a href={href}>
      <Icon name="back" />
      <span>{children}</span>
    </a>
  </nav>
);

export const Opening = (): JSX.Element => (
  <div class="opening" role="status">
    <span class="hidden">{t('loading')}</span>
    <i />
    <i />
    <i />
  </div>
);

interface Nothing {
  readonly title: string;
  readonly lead: string;
  readonly children?: ComponentChildren;
}

export const Empty = ({ title, lead, children }: Nothing): JSX.Element => (
  <div class="empty">
    <Stack />
    <h2>{title}</h2>
    <p class="quiet">{lead}</p>
    {children}
  </div>
);

/** What went wrong, what to do, and the button that does it. Without a network nothing is wrong, so nothing is red. */
export function Trouble({ code, again }: { code: ProblemCode; again?: (() => void) | undefined }): JSX.Element {
  const { what, todo } = problemWords(code);
  return (
    <div class={`card ${code === 'offline' || code === 'busy' ? 'note-well' : 'trouble'}`} role="alert">
      <p class="with-icon">
        <Icon name={code === 'offline' ? 'send' : 'alert'} />
        <strong>{what}</strong>
      </p>
      <p>{todo}</p>
      <WayOut code={code} again={again} />
    </div>
  );
}

function WayOut({ code, again }: { code: ProblemCode; again?: (() => void) | undefined }): JSX.Element | null {
  const tiffin = useTiffin();
  if (code === 'update_needed') return <Button act={() => tiffin.applyAppUpdate()}>{t('me.updateGo')}</Button>;
  if (code === 'not_known_here') return <Link href={to('join')}>{t('join.go')}</Link>;
  if (code === 'phone_full') return <Link href={to('tiffin')}>{t('tiffin.room')}</Link>;
  return again ? <Button act={again}>{t('again')}</Button> : null;
}

const Link = ({ href, children }: { href: string; children: ComponentChildren }): JSX.Element => (
  <a class="button" href={href}>
    {children}
  </a>
);

interface ButtonProps {
  readonly act: () => unknown;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly icon?: IconName;
  readonly name?: string | undefined;
  readonly disabled?: boolean;
}

/** A button for something to do; `name` where the words on it need their object to be understood alone. While it is
 * `disabled` it keeps the focus that it had. */
export const Button = ({ act, children, class: look = '', icon, name, disabled = false }: ButtonProps): JSX.Element => (
  <button type="button" class={`button ${look}`} aria-label={name} aria-disabled={disabled} onClick={() => disabled || void act()}>
    {icon && <Icon name={icon} />}
    {children}
  </button>
);

export const IconButton = (props: Omit<ButtonProps, 'children'> & { name: string; icon: IconName }): JSX.Element => (
  <Button {...props} class={`icon-only ${props.class ?? 'soft'}`}>
    {''}
  </Button>
);

export const WithIcon = ({ name, children }: { name: IconName; children: ComponentChildren }): JSX.Element => (
  <span class="with-icon">
    <Icon name={name} />
    <span>{children}</span>
  </span>
);

/** How far along, as a line; `name` says of what, the words beside it say how much. */
export const Line = ({ part, whole, name }: { part: number; whole: number; name: string }): JSX.Element => (
  <span
    class="line"
    role="progressbar"
    aria-label={name}
    aria-valuemin={0}
    aria-valuemax={whole}
    aria-valuenow={part}
    aria-valuetext={percent(part, whole)}
  >
    <i style={{ inlineSize: `${whole ? Math.min(100, (part / whole) * 100) : 0}%` }} />
  </span>
);

export const Progress = ({ course }: { course: CourseCard }): JSX.Element | null =>
  course.activities > 0 ? (
    <div>
      <Line part={course.completed} whole={course.activities} name={t('course.bar')} />
      <p class="quiet under">{t('course.progress', { done: course.completed, n: course.activities })}</p>
    </div>
  ) : null;

/** The tools of a screen, below the thumb. */
export const Bar = ({ children }: { children: ComponentChildren }): JSX.Element => (
  <div class="bar">
    <div>{children}</div>
  </div>
);
