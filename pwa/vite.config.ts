/** Builds three graphs that share no file: the learner's app, the consoles, and the service worker.
 *
 * A learner's first load is one page, one script, one style sheet, so nothing is split for the sake of the consoles.
 * The worker is built last, because it carries the list of the learner's files. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';
import { smaller } from './smaller.ts';
import settings from './package.json' with { type: 'json' };

const root = import.meta.dirname;
const dist = join(root, 'dist');

/** Chrome 94 and Safari 16 (2021, 2022): what a cheap phone was sold with and still runs when it is never updated. */
const TARGET = 'es2022';
const LEARNER_BYTES_MAX = 40 * 1024; // brotli, everything a first load fetches
const TEXT = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest']);
/** For browsers without Ed25519, once they have joined: never worth a first load's bytes. */
const LIBRARY = /^assets\/(ed25519)-/;
/** The words of one language: a phone fetches those that are read on it. */
const WORDS = /^assets\/(ar|en)-/;
/** What comes with the first course that is taken (`src/tools`), and what it says in each language. */
const TOOL = /^assets\/(video|quiz|notes|carry|take|card)-/;
const TOOL_WORDS = /^assets\/(tools_ar|tools_en)-/;
const IS_EXTRA = new RegExp([WORDS, TOOL, TOOL_WORDS, LIBRARY].map(({ source }) => source).join('|'));

const shared: InlineConfig = {
  root,
  configFile: false,
  plugins: smaller(),
  // The classic form of JSX: children are arguments, and need no name and no brackets.
  oxc: { jsx: { runtime: 'classic', pragma: '_h', pragmaFrag: '_F' } },
  define: { __APP_VERSION__: JSON.stringify(settings.version) },
};

interface Modules {
  getModuleInfo(id: string): { readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}

/** Whether the page's first script leads to a module without asking for anything on demand. */
function isFirst(id: string, modules: Modules, seen = new Set<string>()): boolean {
  const info = seen.has(id) ? null : modules.getModuleInfo(id);
  seen.add(id);
  return !!info && (info.isEntry || info.importers.some((importer) => isFirst(importer, modules, seen)));
}

/** All of it in one file: what tools need of it too would otherwise become files of their own, each asked for by itself
 * and compressed alone, which costs a first load a kilobyte. */
const ONE_FILE = { codeSplitting: { groups: [{ name: (id: string, modules: Modules) => (isFirst(id, modules) ? 'index' : null) }] } };

const output = { target: TARGET, modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false };

const consoles: InlineConfig = {
  ...shared,
  publicDir: false,
  build: { ...output, emptyOutDir: false, rolldownOptions: { input: join(root, 'console.html') } },
};

/** One classic script at the root, so that its scope is the whole app and old browsers register it. */
const worker = (files: readonly BuiltFile[]): InlineConfig => ({
  ...shared,
  publicDir: false,
  define: {
    ...shared.define,
    __PRECACHE__: JSON.stringify(files.filter(({ path }) => !IS_EXTRA.test(path)).map(({ url }) => url)),
    __EXTRAS__: JSON.stringify(Object.fromEntries(files.flatMap(({ path, url }) => IS_EXTRA.exec(path)?.slice(1).filter(Boolean).map((name) => [name, url]) ?? []))),
    __REVISION__: JSON.stringify(digest(files.map(({ path, sha256 }) => path + sha256).join())),
  },
  build: {
    ...output,
    emptyOutDir: false,
    rolldownOptions: {
      input: join(root, 'src/worker/sw.ts'),
      output: { format: 'iife', entryFileNames: 'sw.js' },
    },
  },
});

interface BuiltFile {
  readonly path: string;
  readonly url: string;
  readonly sha256: string;
}

const digest = (content: string | Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 16);

function builtFiles(): BuiltFile[] {
  const paths = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
    .sort();
  return paths.map((path) => ({
    path,
    url: path === 'index.html' ? '/' : `/${path}`,
    sha256: digest(readFileSync(join(dist, path))),
  }));
}

/** Brotli and gzip beside each text file: what the server sends is made once, at the highest quality. */
function compress(files: readonly BuiltFile[]): void {
  for (const { path } of files.filter(({ path }) => TEXT.has(extname(path)))) {
    const content = readFileSync(join(dist, path));
    writeFileSync(join(dist, `${path}.br`), brotli(content));
    writeFileSync(join(dist, `${path}.gz`), gzipSync(content, { level: 9 }));
  }
}

function brotli(content: Buffer): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return brotliCompressSync(content, { params });
}

const size = ({ path }: BuiltFile) => brotli(readFileSync(join(dist, path))).length;

/** Of several languages' files the one that weighs most. */
const heaviest = (files: readonly BuiltFile[], among: RegExp): BuiltFile | undefined =>
  files.filter(({ path }) => among.test(path)).sort((a, b) => size(b) - size(a))[0];

function list(name: string, files: readonly BuiltFile[]): void {
  writeFileSync(join(dist, name), files.map(({ path }) => path).join('\n'));
}

function reportSize(files: readonly BuiltFile[]): void {
  const sizes = files.map(({ path }) => {
    const content = readFileSync(join(dist, path));
    return { path, bytes: TEXT.has(extname(path)) ? brotli(content).length : content.length };
  });
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of sizes) console.log(`  ${String(bytes).padStart(7)} ${path}`);
  console.log(`figure learner_app_bytes ${total} B (brotli; at most ${LEARNER_BYTES_MAX})`);
  if (total > LEARNER_BYTES_MAX) console.warn('The learner\'s app is over its budget.');
}

/** After the learner's graph: the consoles, then the worker that knows the learner's files, then the compressed forms. */
const thenTheRest = (): Plugin => ({
  name: 'tiffin-three-graphs',
  apply: 'build',
  async closeBundle() {
    const learner = builtFiles();
    await build(consoles);
    await build(worker(learner));
    const files = builtFiles();
    compress(files);
    const learnerPaths = new Set(learner.map(({ path }) => path));
    const isCore = ({ path }: BuiltFile) => learnerPaths.has(path) && !IS_EXTRA.test(path);
    const fetched = files.filter((file) => file.path === 'sw.js' || file === heaviest(files, WORDS) || isCore(file));
    // For whoever measures it: what a first load fetches, with the words of the language that has most, and what comes
    // with the first course.
    list('first-load-files.txt', fetched);
    list('tool-files.txt', files.filter((file) => TOOL.test(file.path) || file === heaviest(files, TOOL_WORDS)));
    reportSize(fetched);
  },
});

/** The dev server opens the consoles at the addresses that the real one gives them. */
const consoleAddresses = (): Plugin => ({
  name: 'tiffin-console-addresses',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (/^\/(trainer|admin)(\/|\?|$)/.test(request.url ?? '')) request.url = '/console.html';
      next();
    });
  },
});

export default defineConfig({
  ...shared,
  build: { ...output, rolldownOptions: { output: ONE_FILE } },
  server: { proxy: { '/v1': 'http://localhost:8000' } },
  plugins: [...shared.plugins!, thenTheRest(), consoleAddresses()],
});
