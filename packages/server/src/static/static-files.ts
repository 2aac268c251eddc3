import type { AnyContext } from '../app/middleware.ts';
import { problem } from '../app/http-error.ts';
import type { Plugin } from '../app/route-scope.ts';
import { OptionError } from '../errors.ts';
import { checkNames, type Names } from '../listen/check-names.ts';
import { shown } from '../listen/check-options.ts';
import { redirect, type Reply } from '../reply/reply.ts';
import { FILE_OPTIONS, FileSource, type FileOptions } from './file-source.ts';
import type { FindRules, FoundFile } from './found-file.ts';
import { hasTrickyEscape, safeSegments } from './safe-segments.ts';

export interface StaticFilesOptions extends FileOptions {
  readonly folder: string;
  /** Of the paths; `/`, the whole scope, unless given. */
  readonly prefix?: string;
  /** Of a folder, in the order they are looked for; `index.html` unless given, and an empty list for none. */
  readonly index?: readonly string[];
  /** Answers where there is no file, with 200: for applications that have their routes in the browser. None unless given. */
  readonly fallback?: string;
  /** Names that begin with a dot are sent as well. False unless given. */
  readonly dotfiles?: boolean;
  /** Symbolic links may lead out of the folder. False unless given. */
  readonly followSymlinks?: boolean;
}

const STATIC_OPTIONS: Names<StaticFilesOptions> = {
  ...FILE_OPTIONS,
  folder: true,
  prefix: true,
  index: true,
  fallback: true,
  dotfiles: true,
  followSymlinks: true,
};

/**
 * Sends the files of a folder, to GET and HEAD: with validators, conditions, ranges and types; never a list of them, a file
 * outside of the folder, or one whose name begins with a dot. `app.register(staticFiles({ prefix: '/assets', folder }))`.
 * The application does not start without the folder.
 */
export function staticFiles(options: StaticFilesOptions): Plugin {
  const where = 'staticFiles';
  if (typeof options?.folder !== 'string') {
    const reason = `folder is ${shown(options?.folder)}`;
    throw new OptionError(where, reason, "Write staticFiles({ folder: 'public' })");
  }
  checkNames(where, options, STATIC_OPTIONS);
  return {
    name: 'static-files',
    async setup(scope) {
      const { prefix = '/' } = options;
      const root = await FileSource.rootOf(options.folder);
      const folder = new Folder(root, options);
      const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
      scope.get(`${base}*path`, { isHidden: true }, (c) =>
        folder.answer(
          c as unknown as AnyContext,
          String((c.params as { path?: string }).path ?? ''),
        ),
      );
    },
  };
}

/** One folder as it is sent. */
class Folder {
  readonly #source: FileSource;
  readonly #rules: FindRules;
  readonly #index: readonly string[];
  readonly #fallback: readonly string[] | null;

  constructor(root: string, options: StaticFilesOptions) {
    const { dotfiles = false, followSymlinks = false, index = ['index.html'], fallback } = options;
    this.#source = new FileSource(options);
    this.#rules = { root, dotfiles, followSymlinks };
    this.#index = index;
    this.#fallback = fallback === undefined ? null : fallback.split('/');
  }

  async answer(c: AnyContext, path: string): Promise<Reply> {
    const rules = { dotfiles: this.#rules.dotfiles, platform: process.platform };
    const segments = hasTrickyEscape(c.path) ? null : safeSegments(path, rules);
    if (segments === null) return problem(404);
    const found = await this.#source.find(segments, this.#rules);
    if (found === null) return this.#answerMissing(c);
    if (found === 'folder') return this.#answerFolder(c, segments);
    // `/file/` would change what relative links in it mean.
    if (path.endsWith('/')) return this.#answerMissing(c);
    return this.#send(c, found, segments);
  }

  async #answerFolder(c: AnyContext, segments: readonly string[]): Promise<Reply> {
    for (const name of this.#index) {
      const file = await this.#source.find([...segments, name], this.#rules);
      if (file === null || file === 'folder') continue;
      if (c.path.endsWith('/')) return this.#send(c, file, [name]);
      return redirect(withSlash(c), { status: 308 });
    }
    return this.#answerMissing(c);
  }

  async #answerMissing(c: AnyContext): Promise<Reply> {
    if (this.#fallback === null) return problem(404);
    const file = await this.#source.find(this.#fallback, this.#rules);
    if (file === null || file === 'folder') return problem(404);
    return this.#send(c, file, this.#fallback);
  }

  #send(c: AnyContext, file: FoundFile, segments: readonly string[]): Promise<Reply> {
    return this.#source.reply(c, file, segments.at(-1) ?? '');
  }
}

/** Relative to the last segment, so that no path becomes the name of a host. */
function withSlash(c: AnyContext): string {
  const last = c.path.slice(c.path.lastIndexOf('/') + 1);
  return `./${last}/${c.search === '' ? '' : `?${c.search}`}`;
}
