import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AuthFlow } from './auth-flow.ts';
import { basicCredentials } from './basic.ts';
import { netrcError, parseNetrc, type NetrcFile } from './netrc-file.ts';

const NOBODY: NetrcFile = { machines: new Map(), fallback: null };

/**
 * User names and passwords by host from a .netrc file, sent as `basic` does: `file`, else what NETRC names, else `.netrc`
 * or `_netrc` in the home directory. Read once, at the first request; a file that was named must exist. Hosts match
 * exactly, without port. Its permissions are not looked at. Rejects with AuthError.
 */
export function netrc(file?: string): AuthFlow {
  let loading: Promise<NetrcFile> | null = null;
  return {
    async *flow(request) {
      loading ??= load(file);
      let entries: NetrcFile;
      try {
        entries = await loading;
      } catch (error) {
        // The next request looks again, for the file may be mended.
        loading = null;
        throw error;
      }
      const entry = entries.machines.get(request.url.hostname.toLowerCase()) ?? entries.fallback;
      if (entry !== null) {
        request.headers.set('Authorization', basicCredentials(entry.login, entry.password));
      }
      yield request;
    },
  };
}

async function load(file: string | undefined): Promise<NetrcFile> {
  const named = file ?? process.env['NETRC'];
  if (named !== undefined && named !== '') {
    const text = await textOf(named);
    if (text === null) throw netrcError(named, 'there is no such file, so nothing is');
    return parseNetrc(text, named);
  }
  for (const name of ['.netrc', '_netrc']) {
    const path = join(homedir(), name);
    const text = await textOf(path);
    if (text !== null) return parseNetrc(text, path);
  }
  return NOBODY;
}

/** Null where there is no such file. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw netrcError(path, 'nothing can be read', error);
  }
}
