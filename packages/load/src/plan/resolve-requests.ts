import { PlanError, quoted, requestFault } from './errors.ts';
import type { PlanFiles } from './plan-files.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { PlanPath, RequestData } from './plan-file.ts';
import type { RequestSpec } from './plan.ts';
import {
  overrideHeaders,
  parseHeaderLine,
  readHeaders,
  type HeaderList,
} from './request-headers.ts';
import { contentOf, flagBody, type RequestContent } from './request-content.ts';
import { readNumber } from './setting.ts';
import { parseAddress, type TargetAddress } from './target-address.ts';

/** The requests of a plan, all to one origin, and how they are chosen from. */
export interface ResolvedRequests {
  /** Address for headings. */
  readonly target: string;
  readonly requests: readonly RequestSpec[];
  readonly order: 'sequence' | 'weighted';
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ALONE = ['method', 'path', 'url', 'body', 'json', 'bodyFile'] as const;

/** Builds the requests of a plan: addresses joined, headers merged, bodies read, names made unique. */
export async function resolveRequests(
  input: PlanInput,
  flags: PlanFlags,
  files: PlanFiles,
): Promise<ResolvedRequests> {
  const { data } = input;
  refuseTwoForms(input);
  const list = data.requests ?? [{ ...data, name: undefined, headers: undefined }];
  refuseForSeveral(list.length, flags);
  const base =
    data.target === undefined
      ? null
      : input.at(['target'], (label) => parseAddress(data.target!, label));
  const defaults = input.at(['headers'], (label) => readHeaders(data.headers, label));
  const override = (flags.headers ?? []).map((line) =>
    parseHeaderLine(input.fill(line, FLAG_LABEL.headers), FLAG_LABEL.headers),
  );
  const flagContent =
    flags.body === undefined
      ? null
      : await flagBody(input.fill(flags.body, FLAG_LABEL.body), files);
  const drafts: { spec: RequestSpec; origin: string; isNamed: boolean; path: PlanPath }[] = [];
  for (const [index, request] of list.entries()) {
    const path: PlanPath = data.requests === undefined ? [] : ['requests', index];
    const address = addressOf(input, path, request, base);
    const content = flagContent ?? (await contentOf(input, path, request, files));
    const own = input.at([...path, 'headers'], (label) => readHeaders(request.headers, label));
    const headers = overrideHeaders(overrideHeaders(defaults, own), override);
    const method = methodOf(input, path, request, flags, content);
    const spec = {
      name: request.name ?? `${method} ${address.target.replace(/\?.*$/s, '')}`,
      method,
      url: address.origin + address.target,
      headers: withImplied(
        headers,
        address.authorization ?? base?.authorization ?? null,
        content.type,
      ),
      body: content.body,
      weight: weightOf(input, path, request),
    };
    drafts.push({ spec, origin: address.origin, isNamed: request.name !== undefined, path });
  }
  refuseSeveralOrigins(input, drafts);
  return {
    target:
      base === null
        ? drafts[0].origin + (drafts.length === 1 ? pathOf(drafts[0].spec) : '/')
        : base.origin + base.target,
    requests: uniquelyNamed(input, drafts),
    order: list.some((request) => request.weight !== undefined) ? 'weighted' : 'sequence',
  };
}

function refuseTwoForms({ data, at }: PlanInput): void {
  const top = ALONE.find((key) => data[key] !== undefined);
  if (data.requests === undefined || top === undefined) return;
  at([top], (label) => {
    throw requestFault(
      'Requests given twice',
      `there is a list of requests and ${label} besides`,
      label,
      'Move it into the list, or drop the list.',
    );
  });
}

function refuseForSeveral(count: number, flags: PlanFlags): void {
  const flag = (['method', 'body'] as const).find((key) => flags[key] !== undefined);
  if (count === 1 || flag === undefined) return;
  throw new PlanError({
    code: 'PLAN_CONFLICT',
    problem: 'Flag for one request only',
    cause: `it would change all ${count} requests of the plan`,
    where: FLAG_LABEL[flag],
    remedy: 'Change the plan instead.',
  });
}

function addressOf(
  input: PlanInput,
  path: PlanPath,
  request: RequestData,
  base: TargetAddress | null,
): TargetAddress {
  if (request.url !== undefined) {
    return input.at([...path, 'url'], (label) => {
      if (request.path === undefined) return parseAddress(request.url!, label);
      throw requestFault(
        'Address given twice',
        'there is a url and a path',
        label,
        'Keep one of them.',
      );
    });
  }
  return input.at([...path, 'path'], (label) => {
    if (base === null) {
      const where = path.length === 0 ? 'target' : label;
      throw requestFault(
        'Nothing to test',
        'there is no target and no url',
        where,
        'Give target: http://localhost:3000.',
      );
    }
    return request.path === undefined ? base : joinPath(base, request.path, label);
  });
}

function joinPath(base: TargetAddress, path: string, label: string): TargetAddress {
  if (/^https?:\/\//i.test(path)) {
    throw requestFault('Not a path', `${quoted(path)} is a whole address`, label, 'Call it url.');
  }
  if (base.target.includes('?')) {
    throw requestFault(
      'Paths cannot be joined',
      'the target has a query',
      label,
      'Move the query to the paths.',
    );
  }
  const prefix = base.target.replace(/\/$/, '');
  const { target } = parseAddress(`http://base${/^[/?#]/.test(path) ? '' : '/'}${path}`, label);
  return {
    ...base,
    target: path.startsWith('?') ? base.target + target.slice(1) : prefix + target,
  };
}

function methodOf(
  { at }: PlanInput,
  path: PlanPath,
  request: RequestData,
  flags: PlanFlags,
  content: RequestContent,
): string {
  const check = (method: string, label: string): string => {
    const cause = !TOKEN.test(method)
      ? `${quoted(method)} is no method name`
      : method.toUpperCase() === 'CONNECT'
        ? 'CONNECT opens a tunnel and has no answer to measure'
        : null;
    if (cause === null) return method;
    throw new PlanError({
      code: 'PLAN_METHOD',
      problem: 'Method not usable',
      cause,
      where: label,
      remedy: 'Use one such as GET or POST.',
    });
  };
  if (flags.method !== undefined) return check(flags.method, FLAG_LABEL.method);
  const { method } = request;
  if (method !== undefined) return at([...path, 'method'], (label) => check(method, label));
  return content.body === null ? 'GET' : 'POST';
}

function withImplied(
  headers: HeaderList,
  authorization: string | null,
  contentType: string | null,
): HeaderList {
  const implied: [string, string][] = [];
  if (authorization !== null) implied.push(['Authorization', authorization]);
  if (contentType !== null) implied.push(['Content-Type', contentType]);
  return overrideHeaders(implied, headers);
}

function weightOf({ at }: PlanInput, path: PlanPath, { weight }: RequestData): number {
  if (weight === undefined) return 1;
  return at([...path, 'weight'], (label) => {
    const value = readNumber(weight, label);
    if (value > 0 && value <= 1e9) return value;
    throw requestFault(
      'Weight not usable',
      `${value} is not above 0 and up to 10^9`,
      label,
      'Leave the request out to send none of it.',
    );
  });
}

function refuseSeveralOrigins(
  { at }: PlanInput,
  drafts: readonly { readonly origin: string; readonly path: PlanPath }[],
): void {
  const other = drafts.find(({ origin }) => origin !== drafts[0].origin);
  if (other === undefined) return;
  at([...other.path, 'url'], (label) => {
    throw requestFault(
      'More than one target',
      `${other.origin} is not ${drafts[0].origin}`,
      label,
      'A run measures one target: make a plan for each.',
    );
  });
}

function uniquelyNamed(
  { at }: PlanInput,
  drafts: readonly {
    readonly spec: RequestSpec;
    readonly isNamed: boolean;
    readonly path: PlanPath;
  }[],
): RequestSpec[] {
  const taken = new Set(drafts.filter(({ isNamed }) => isNamed).map(({ spec }) => spec.name));
  const seen = new Set<string>();
  return drafts.map(({ spec, isNamed, path }) => {
    if (isNamed) {
      if (spec.name.trim() === '' || seen.has(spec.name)) {
        at([...path, 'name'], (label) => {
          throw requestFault(
            'Name not usable',
            `${quoted(spec.name)} is empty or taken`,
            label,
            'Give each request a name of its own.',
          );
        });
      }
      seen.add(spec.name);
      return spec;
    }
    let name = spec.name;
    for (let number = 2; taken.has(name); number += 1) name = `${spec.name} #${number}`;
    taken.add(name);
    return { ...spec, name };
  });
}

function pathOf(spec: RequestSpec): string {
  return spec.url.replace(/^https?:\/\/[^/]*/, '');
}
