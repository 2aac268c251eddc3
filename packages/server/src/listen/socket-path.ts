import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { LinkError } from '@needletail/wire';

/**
 * Makes room for a unix socket: removes the file of a server that is no more. Rejects with a `LinkError` when one still listens
 * there, or when the file is something else.
 */
export async function clearSocketPath(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) {
    throw new LinkError('FAILED', 'listen', path, {
      reason: 'there is a file that is no socket',
      remedy: 'Remove it, or choose another path.',
    });
  }
  if (await isServed(path)) {
    throw new LinkError('ADDRESS_IN_USE', 'listen', path, {
      reason: 'another server listens there',
      remedy: 'Stop it, or choose another path.',
    });
  }
  await unlink(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}
