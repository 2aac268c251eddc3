import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportedRun, Exporter } from '@needletail/report';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareOutputs, writeOutput } from './output-files.ts';

const json: Exporter = { name: 'json', extension: 'json', serialize: () => 'the report\n' };
const csv: Exporter = { name: 'csv', extension: 'csv', serialize: () => 'a,b\n' };
const run = {} as ExportedRun;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'needletail-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function write(path: string): Promise<void> {
  const [file] = await prepareOutputs([{ path, exporter: json }], directory);
  await writeOutput(file, run, () => expect.unreachable());
}

describe('prepareOutputs', () => {
  it('leaves nothing behind and keeps what is there', async () => {
    await writeFile(join(directory, 'old.json'), 'before');
    await prepareOutputs(
      [
        { path: 'old.json', exporter: json },
        { path: 'new.csv', exporter: csv },
      ],
      directory,
    );
    expect(await readdir(directory)).toEqual(['old.json']);
    expect(await readFile(join(directory, 'old.json'), 'utf8')).toBe('before');
  });

  it.each([
    ['a directory that is not there', 'missing/report.json', 'its directory does not exist'],
    ['a directory itself', '.', 'it is a directory'],
    ['a path through a file', 'file/report.json', 'a part of its path is not a directory'],
  ])('refuses %s', async (_name, path, reason) => {
    await writeFile(join(directory, 'file'), '');
    await expect(prepareOutputs([{ path, exporter: json }], directory)).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      exitCode: 2,
      message: expect.stringContaining(reason),
    });
  });

  it('refuses two reports in one place, however the place is written', async () => {
    await expect(
      prepareOutputs(
        [
          { path: 'a.txt', exporter: json },
          { path: './a.txt', exporter: csv },
        ],
        directory,
      ),
    ).rejects.toMatchObject({ code: 'OUTPUT_TWICE' });
    await expect(
      prepareOutputs(
        [
          { path: '-', exporter: json },
          { path: '-', exporter: csv },
        ],
        directory,
      ),
    ).rejects.toMatchObject({ code: 'OUTPUT_TWICE' });
  });
});

describe('writeOutput', () => {
  it('writes a new file and replaces an old one, with no temporary file left', async () => {
    await write('report.json');
    await writeFile(join(directory, 'report.json'), 'old and longer than the new one');
    await write('report.json');
    expect(await readFile(join(directory, 'report.json'), 'utf8')).toBe('the report\n');
    expect(await readdir(directory)).toEqual(['report.json']);
  });

  it('writes through a symbolic link and keeps the link', async () => {
    await mkdir(join(directory, 'real'));
    await writeFile(join(directory, 'real', 'report.json'), '');
    await symlink(join('real', 'report.json'), join(directory, 'latest.json'));
    await write('latest.json');
    expect(await readFile(join(directory, 'real', 'report.json'), 'utf8')).toBe('the report\n');
    expect((await lstat(join(directory, 'latest.json'))).isSymbolicLink()).toBe(true);
  });

  it('writes to a device in place', async () => {
    await write('/dev/null');
    expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('gives standard output the text and nothing else', async () => {
    const [file] = await prepareOutputs([{ path: '-', exporter: json }], directory);
    const written: string[] = [];
    await writeOutput(file, run, (text) => written.push(text));
    expect(written).toEqual(['the report\n']);
  });

  it('says where and why when the place is gone by then', async () => {
    const inner = join(directory, 'inner');
    await mkdir(inner);
    const [file] = await prepareOutputs([{ path: 'inner/report.json', exporter: json }], directory);
    await rm(inner, { recursive: true });
    await expect(writeOutput(file, run, () => expect.unreachable())).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      path: join(inner, 'report.json'),
    });
    await mkdir(inner);
    await chmod(inner, 0o755);
  });
});
