import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunSummary } from '@needletail/load/summary';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { needletail, type Ended } from './process/needletail.fixture.ts';

/** A busy machine may make a run invalid, so exit codes are compared with the verdict. */
export const exitCodeOf: Readonly<Record<RunSummary['verdict']['status'], number>> = {
  pass: 0,
  fail: 1,
  invalid: 3,
};

/** What the shop saw of one request. */
export interface Seen {
  readonly line: string;
  readonly cookie: string;
  readonly port: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A shop that keeps books of all that it was asked. */
export class Shop {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  #carts = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  linesOf(start: string): readonly string[] {
    return this.seen.map(({ line }) => line).filter((line) => line.startsWith(start));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    this.seen.push({
      line: `${request.method} ${path}`,
      cookie: request.headers.cookie ?? '',
      port: request.socket.remotePort ?? 0,
      headers: request.headers,
      body,
    });
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (path === '/login') {
      response.setHeader('Set-Cookie', `session=${request.socket.remotePort}; Path=/`);
      json(200, { ok: true });
    } else if (path.startsWith('/greet/')) {
      response.setHeader('Set-Cookie', `user=${path.slice(7)}; Path=/`);
      json(200, {});
    } else if (path === '/figures') response.end(`carts_open ${this.#carts}\n`);
    else if (path === '/cart') json(201, { id: (this.#carts += 1) });
    else if (path.startsWith('/cart/')) json(200, { id: Number(path.slice(6)) });
    else if (path === '/moved') response.writeHead(302, { Location: '/json' }).end();
    else if (path === '/fails') json(500, { error: 'broken' });
    else if (path === '/slow') setTimeout(() => json(200, {}), 300);
    else json(200, { path });
  }
}

export interface ScenarioRun extends Ended {
  readonly summary: RunSummary;
}

/** A folder of scenario files against one target, whose address stands for TARGET in them. */
export class ScenarioFolder {
  readonly path: string;
  readonly #target: string;

  private constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  static async create(target: string): Promise<ScenarioFolder> {
    return new ScenarioFolder(await mkdtemp(join(tmpdir(), 'needletail-scenario-')), target);
  }

  async write(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.replaceAll('TARGET', this.#target));
  }

  /** Writes a scenario and runs it; fails with the output when there is no summary. */
  async run(
    text: string,
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ScenarioRun> {
    await this.write('load.ts', text);
    const ended = await needletail(['run', 'load.ts', '--json', '-', ...flags], {
      cwd: this.path,
      env,
    });
    if (!ended.stdout.startsWith('{')) {
      throw new Error(`no summary:\n${ended.stdout}${ended.stderr}`);
    }
    return { ...ended, summary: JSON.parse(ended.stdout) as RunSummary };
  }

  /** Runs what must be refused before it begins; gives what was said. */
  async refused(text: string, flags: readonly string[] = []): Promise<Ended> {
    await this.write('bad.ts', text);
    return this.refusedFile('bad.ts', flags);
  }

  async refusedFile(name: string, flags: readonly string[] = []): Promise<Ended> {
    const ended = await needletail(['run', name, ...flags], { cwd: this.path });
    expect({ status: ended.status, output: ended.stdout }).toEqual({ status: 2, output: '' });
    expect(ended.stderr).not.toMatch(/node_modules|\bat file:|dist\//);
    return ended;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** Both ledgers add up. */
export function expectBalance({ ledger, iterations }: RunSummary): void {
  expect(ledger.scheduled).toBe(
    ledger.ok + ledger.failed + ledger.timedOut + ledger.dropped + ledger.inFlight,
  );
  const { scheduled, ok, failed, dropped, inFlight } = iterations!;
  expect(scheduled).toBe(ok + failed + dropped + inFlight);
}

/** What `useShop` opened for the file under test. */
export let shop: Shop;
export let folder: ScenarioFolder;

/** Opens a shop and a folder for all tests of a file; what the shop saw is forgotten after each. */
export function useShop(): void {
  beforeAll(async () => {
    shop = new Shop();
    await shop.listen();
    folder = await ScenarioFolder.create(shop.url);
  });
  afterEach(() => void shop.seen.splice(0));
  afterAll(async () => {
    shop.close();
    await folder.remove();
  });
}
