/** The learner's app: what is below the screens is opened first, then the screens draw whatever it says. */

import './look/tokens.css';
import './look/app.css';
import './look/tins.css';
import './look/screens.css';
import { render } from 'preact';
import { createTiffin } from './core/index.ts';
import { App } from './screens/app.tsx';
import { CannotOpen } from './screens/cannot_open.tsx';
import { codeOf } from './screens/tiffin.ts';
import { speak } from './strings/words.ts';

const place = document.getElementById('app');
if (!place) throw new Error('the page has no place for the app');

const speaking = speak(navigator.language); // fetched beside what opens: it is the learner's own choice, mostly
createTiffin().then(
  async (tiffin) => {
    await speaking;
    await speak(tiffin.snapshot().language);
    render(<App tiffin={tiffin} />, place);
  },
  async (error: unknown) => {
    await speaking;
    render(<CannotOpen code={codeOf(error)} />, place);
  },
);
