import { describe, expect, it } from 'vitest';
import { toRunSettings } from './run-settings.ts';

const flags = { keepalive: true, live: true };

describe('toRunSettings', () => {
  it('asks for no report, no command and the live panel unless told otherwise', async () => {
    expect(await toRunSettings(flags, [])).toEqual({
      outputs: [],
      quiet: false,
      live: true,
      targetCommand: null,
      control: null,
      watch: [],
      trace: false,
      smoke: false,
    });
  });

  it('gives each file its format', async () => {
    const { outputs } = await toRunSettings({ ...flags, hgrm: 'c', json: '-', csv: 'b' }, []);
    expect(outputs.map(({ path, exporter }) => [exporter.name, path])).toEqual([
      ['json', '-'],
      ['csv', 'b'],
      ['hgrm', 'c'],
    ]);
  });

  it('takes the command after -- with its port', async () => {
    const values = { ...flags, onPort: '3000' };
    const { targetCommand } = await toRunSettings(values, ['node', 'server.js']);
    expect(targetCommand).toEqual({ command: ['node', 'server.js'], port: 3000 });
  });

  it.each([
    [{ ...flags, onPort: '3000' }, [], 'PORT_WITHOUT_COMMAND'],
    [flags, ['node'], 'COMMAND_WITHOUT_PORT'],
    [{ ...flags, onPort: '0' }, ['node'], 'BAD_PORT'],
    [{ ...flags, onPort: '65536' }, ['node'], 'BAD_PORT'],
    [{ ...flags, onPort: '0x50' }, ['node'], 'BAD_PORT'],
  ])('refuses half of it: %j %j', async (values, command, code) => {
    await expect(toRunSettings(values, command)).rejects.toMatchObject({ code });
  });
});
