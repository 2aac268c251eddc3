import { extname } from 'node:path';
import { requestFault } from './errors.ts';
import type { PlanPath, RequestData } from './plan-file.ts';
import type { PlanFiles } from './plan-files.ts';
import { FLAG_LABEL } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { RequestSpec } from './plan.ts';

/** What a request carries; `type` is its media type where the way it was given tells. */
export interface RequestContent {
  readonly body: RequestSpec['body'];
  readonly type: string | null;
}

/** The content of a request in a plan file; at most one of its three forms may be given. */
export async function contentOf(
  { at }: PlanInput,
  path: PlanPath,
  request: RequestData,
  files: PlanFiles,
): Promise<RequestContent> {
  const given = (['body', 'json', 'bodyFile'] as const).filter((key) => request[key] !== undefined);
  if (given.length > 1) {
    at([...path, given[1]], (label) => {
      throw requestFault(
        'Body given twice',
        `there is ${given.join(' and ')}`,
        label,
        'Keep one of them.',
      );
    });
  }
  if (request.body !== undefined) return { body: request.body, type: null };
  if (request.json !== undefined) {
    return { body: JSON.stringify(escapedSlots(request.json)), type: 'application/json' };
  }
  if (request.bodyFile === undefined) return { body: null, type: null };
  const { bodyFile } = request;
  return at([...path, 'bodyFile'], async (label) =>
    fileContent(bodyFile, await files.read(bodyFile, label)),
  );
}

/** The content given with `--body`: text, or `@file`. */
export async function flagBody(body: string, files: PlanFiles): Promise<RequestContent> {
  if (!body.startsWith('@')) return { body, type: null };
  return fileContent(body, await files.readFromCwd(body.slice(1), FLAG_LABEL.body));
}

function fileContent(file: string, body: Uint8Array): RequestContent {
  return { body, type: extname(file).toLowerCase() === '.json' ? 'application/json' : null };
}

/** Makes `{{slot}}` in the texts of a JSON value `{{slot|json}}`, so that no value of a feed can break out of its text. */
function escapedSlots(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/\{\{([^{}|]*)\}\}/g, (_, name: string) => `{{${name.trim()}|json}}`);
  }
  if (Array.isArray(value)) return value.map(escapedSlots);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, escapedSlots(member)]),
  );
}
