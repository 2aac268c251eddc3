import * as zlib from 'node:zlib';
import { socketAccess } from '@needletail/wire';
import { maskKernel } from '@needletail/wire/websocket';
import type { BackendName } from './backend.ts';
import { BACKENDS, SERVER_VARIABLE } from './listen-on.ts';

/** One thing that can be done in several ways: how it is done in this process, why, and how to have it otherwise. */
export interface BackendChoice<Name extends string = string> {
  readonly active: Name;
  readonly reason: string;
  /** The option or the environment variable that decides. */
  readonly force: string;
  readonly others: readonly {
    readonly name: Name;
    readonly available: boolean;
    readonly reason: string;
  }[];
}

/** How this process serves; plain data. */
export interface BackendReport {
  readonly server: BackendChoice<BackendName>;
  /** What makes JSON of answers. */
  readonly json: BackendChoice;
  /** What masks and unmasks WebSocket payloads. */
  readonly mask: BackendChoice;
  /** How bytes go in and out of plain sockets. */
  readonly sockets: BackendChoice;
  /** What reads bodies that come compressed. */
  readonly compression: BackendChoice;
}

/** Which of several ways this process takes, for each thing that has several; looks at the runtime, and opens nothing. */
export function backends(): BackendReport {
  return {
    server: serverChoice(),
    json: {
      active: 'JSON.stringify',
      reason: 'the one of the runtime; text, bytes and streams are sent as they are',
      force: 'answer with text that was made otherwise, and a Content-Type',
      others: [],
    },
    mask: maskChoice(),
    sockets: socketChoice(),
    compression: compressionChoice(),
  };
}

function serverChoice(): BackendChoice<BackendName> {
  const named = process.env[SERVER_VARIABLE];
  const forced = BACKENDS.find(
    ({ name, isAvailable }) => name === named && isAvailable().available,
  );
  const active = (forced ?? BACKENDS[0]!).name;
  return {
    active,
    reason: forced === undefined ? 'the default' : `${SERVER_VARIABLE} says so`,
    force: `the option server of listen, or ${SERVER_VARIABLE}=${BACKENDS.map(({ name }) => name).join('|')}`,
    others: BACKENDS.filter(({ name }) => name !== active).map(({ name, isAvailable }) => ({
      name,
      ...isAvailable(),
    })),
  };
}

function maskChoice(): BackendChoice {
  const { kernel, reason } = maskKernel();
  return {
    active: kernel,
    reason,
    force: 'NEEDLETAIL_MASK=words64|words32|bytes',
    others: ['words64', 'words32', 'bytes']
      .filter((name) => name !== kernel)
      .map((name) => ({ name, available: true, reason: 'correct everywhere, slower here' })),
  };
}

function socketChoice(): BackendChoice {
  const { kind, reason } = socketAccess();
  const other =
    kind === 'direct'
      ? { name: 'plain', available: true, reason: 'the documented streams only; costs more' }
      : { name: 'direct', available: false, reason };
  return { active: kind, reason, force: 'NEEDLETAIL_SOCKETS=plain', others: [other] };
}

function compressionChoice(): BackendChoice {
  const hasZstd = 'zstdDecompress' in zlib;
  return {
    active: 'node:zlib',
    reason: 'gzip, deflate and br, in the threads of the runtime',
    force: 'nothing to choose from',
    others: [
      {
        name: 'zstd',
        available: hasZstd,
        reason: hasZstd
          ? 'this runtime has it; bodies in it are refused with 415'
          : 'in Node from 22.15',
      },
    ],
  };
}
