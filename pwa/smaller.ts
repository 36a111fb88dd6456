/** What makes the built app smaller than its source, and changes nothing that anybody sees.
 *
 * Each of these is a few lines that save some hundred bytes of every first load; together two kilobytes. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minify } from 'terser';
import type { Plugin } from 'vite';

const source = join(import.meta.dirname, 'src');

/** What Vite minified, once more: Terser sees what its own minifier leaves. */
const minifiedTwice = (): Plugin => ({
  name: 'tiffin-minified-twice',
  apply: 'build',
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const options = { module: true, ecma: 2020, compress: { passes: 3 } } as const;
      chunk.code = (await minify(chunk.code, options)).code ?? chunk.code;
    }
  },
});

/** Vite wraps each dynamic import in code that loads its style sheets first; ours have none. */
const plainImports = (): Plugin => ({
  name: 'tiffin-plain-imports',
  enforce: 'pre',
  load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load();' : null),
});

/** Messages by number: `t('nav.me')` and the tables' `'nav.me':` alike. Families that the source puts together from
 * parts, such as `kind.${kind}`, keep their names. */
function numberedMessages(): Plugin {
  const files = ['screens', 'strings'].flatMap((room) => readdirSync(join(source, room)).map((name) => join(source, room, name)));
  const code = files.map((file) => readFileSync(file, 'utf8')).join();
  const composed = new Set([...code.matchAll(/`(\w+)\.\$\{/g)].map(([, family]) => family));
  const table = ['en', 'tools_en'].map((name) => readFileSync(join(source, `strings/${name}.ts`), 'utf8')).join('\n');
  const keys = [...table.matchAll(/^ {2}'((\w+)\.\w+)':/gm)].filter(([, , family]) => !composed.has(family));
  const numbers = new Map(keys.map(([, key], at) => [key, String(at)]));
  return {
    name: 'tiffin-numbered-messages',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/(screens|strings)\//.test(id)) return null;
      return code.replace(/'(\w+\.\w+)'/g, (quoted, key: string) => numbers.get(key) ?? quoted);
    },
  };
}

/** What an error says to a developer stays in the source; its class, its code and its place are shipped. */
const WITH_REASONS = /\b((?:new (?:CodecError|Problem)\('\w+')|new (?:WireError|MalformedValue)\(|malformed\(|needs\(.*?),? ?(['`])[^'`]*\2\)/g;
const withoutReasons = (): Plugin => ({
  name: 'tiffin-without-reasons',
  apply: 'build',
  enforce: 'pre',
  transform: (code, id) => (/\/src\/(?!console)/.test(id) ? code.replace(WITH_REASONS, '$1)') : null),
});

/** What classic JSX is compiled to. Only where there is some: elsewhere it would pull the library into other files. */
const jsxImported = (): Plugin => ({
  name: 'tiffin-jsx-imported',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.tsx') ? `import { h as _h, Fragment as _F } from 'preact';${code}` : null),
});

export const smaller = (): Plugin[] => [jsxImported(), minifiedTwice(), plainImports(), numberedMessages(), withoutReasons()];
